"""The seam between the runner and every transport: a world, live or recorded.

The runner asks a `World` to send intents and to gather what comes; `recorder.LiveWorld` does it over
sockets, `replayer.ReplayWorld` answers from a cassette. Neither decides anything: decisions are functions of
the events, their numbers and stamps, and of how far each source was watched (its horizon).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from harness.model import By, Event, Lane, Source

Intent = Mapping[str, Any]
"""A message as the step built it: JSON values, before signing and before any library adds to it."""


class Sending(msgspec.Struct, frozen=True):
    """One intent to send in its lane; with `delivered` false its answer is kept from the case."""

    lane: Lane
    intent: Intent
    delivered: bool = True


class Exchange(msgspec.Struct, frozen=True):
    """One send and what it got: an ANSWER, a LOST, or nothing yet (streams answer by themselves)."""

    send: Event
    answer: Event | None = None


@dataclass(frozen=True, slots=True)
class StreamNeed:
    """Somebody waits for what a stream brings; with `alive`, for a sign of life where nothing else comes."""

    source: Source
    alive: bool = False


@dataclass(frozen=True, slots=True)
class PollNeed:
    """Somebody waits for an answer to show something: repeat `intent` in `lane` every `every_us`.

    `following` gives the intent of a later attempt, by its number from 0, where they differ. `goes_on` says
    whether the last answer is one of several that belong together: then the next is asked for at once.
    `paged` asks for both: the answers are pages of a list, which is read to its end each time.
    """

    lane: Lane
    intent: Intent
    every_us: int
    following: Callable[[int], Intent] | None = None
    delivered: bool = True
    goes_on: Callable[[], bool] | None = None
    paged: bool = False

    def sending(self, attempt: int) -> Sending:
        """What is sent in one attempt."""
        intent = self.following(attempt) if self.following is not None and attempt else self.intent
        return Sending(self.lane, intent, self.delivered)


Need = StreamNeed | PollNeed


class World(Protocol):
    """What a run stands on."""

    def begin(self, source: Source, step: str, round: int = 0) -> Event:
        """Mark that a step starts; in replay, the recorded mark."""

    def end(self, source: Source, step: str, at_us: int, round: int = 0) -> None:
        """Mark that a step ended, decided by what was stamped `at_us`."""

    def deadline(self, source: Source, step: str, deadline_us: int) -> None:
        """Mark that a step or check was still waiting at its deadline."""

    def send(self, sendings: Sequence[Sending]) -> Sequence[Exchange]:
        """Send intents, several at one barrier; an exchange each. Raises TargetError or CassetteStale."""

    def gather(self, needs: Sequence[Need], until_us: int) -> bool:
        """Get more of what is needed; False when nothing more can come before `until_us`."""

    def observe(self) -> View:
        """All events so far and how far each source was watched."""


class View(Protocol):
    """The events of a run at one moment, complete up to each source's horizon."""

    @property
    def events(self) -> Sequence[Event]:
        """All events but marks, in order."""

    def horizon_us(self, watched: Source | Lane) -> int:
        """Up to when a stream (Source) or a poll (Lane) was watched, in microseconds from the start."""


class Line(Protocol):
    """Where a driver reports what happens, in order; each report is stamped at once."""

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        """What is about to go out, and facts computed from it."""

    def answered(self, wire: Mapping[str, Any]) -> None:
        """What came back for the last send."""

    def lost(self, why: str) -> None:
        """No answer came back for the last send."""


class StreamLine(Protocol):
    """Where a stream's driver reports what comes by itself."""

    def opened(self) -> None: ...

    def pushed(self, wire: Mapping[str, Any], by: By = By.PEER) -> None: ...

    def said(self, wire: Mapping[str, Any]) -> None: ...

    def closed(self, code: int | None, reason: str, by: By = By.PEER) -> None:
        """The stream has ended; `by` the session where it was ours that closed for a broken rule."""


class Driver(Protocol):
    """One channel as one actor, live."""

    def send(self, intent: Intent, line: Line) -> None:
        """Carry out one intent and report it. Raises TargetError where the first opening fails."""

    def probe(self) -> None:
        """Ask the other side for a sign of life (PING, TestRequest), where there is one to ask."""

    def close(self) -> None:
        """Give everything back; may be called twice."""
