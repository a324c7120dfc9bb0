"""The values that everything else is about: sources, lanes, events.

An event is one thing that happened: a request, an answer, a frame, a mark of the runner. Events are plain
values; how they came about (live or from a cassette) cannot be told from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

ORDER_RESOLUTION_US: Final = 20_000
"""Across channels, events closer than this count as together: neither before nor after fails on them."""

RUNNER: Final = "runner"


class FieldError(ValueError):
    """A key of a line that is not as it must be; `key` says which, "" where one is missing."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


class Kind(StrEnum):
    """What happened, seen from the case."""

    SEND = "send"  # we said something: a request, a subscription, an RPC call
    ANSWER = "answer"  # what came back for one send
    LOST = "lost"  # no answer came back for one send
    OPEN = "open"  # a stream was opened
    PUSH = "push"  # something came by itself on a stream
    CLOSED = "closed"  # a stream was closed
    STEP = "step"  # mark: a step starts
    END = "end"  # mark: a step ended
    DEADLINE = "deadline"  # mark: a deadline passed with the step or check still waiting
    HORIZON = "horizon"  # mark: a stream or a poll was watched up to here


MARKS: Final = frozenset({Kind.STEP, Kind.END, Kind.DEADLINE, Kind.HORIZON})


class By(StrEnum):
    """Who made it happen."""

    CASE = "case"  # the case asked for it
    SESSION = "session"  # a session layer did it by itself (PING, heartbeat); never demanded of a case
    PEER = "peer"  # the other side
    RUNNER = "runner"  # the runner's own marks


class Source(msgspec.Struct, frozen=True, order=True):
    """A connection: a channel (`rest`, `ws.user`, `chain`, `target`) as one actor ("" where nobody acts)."""

    channel: str
    actor: str = ""

    def __str__(self) -> str:
        return f"{self.channel}({self.actor})" if self.actor else self.channel


class Lane(msgspec.Struct, frozen=True, order=True):
    """Where intents are compared: one source, one step (or `check:<id>`), one round (RUNS: lanes)."""

    source: Source
    step: str
    round: int = 0

    def __str__(self) -> str:
        return f"step {self.step!r} on {self.source}" + (f" round {self.round}" if self.round else "")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    `number` orders the timeline; `at_us` is microseconds from the run's start, by the monotonic clock.
    `index` counts the sends of one lane from 0 (an answer carries the index of its send). `data` holds, by
    kind: SEND `intent` (what the step built, compared in replay), `wire` (what went out) and `derived`
    (facts computed from it, such as an order's hash); ANSWER and PUSH `wire`; LOST `why`; CLOSED `code` and
    `reason`; marks what they mark.
    """

    number: int
    at_us: int
    kind: Kind
    source: Source
    step: str = ""
    round: int = 0
    index: int = 0
    by: By = By.CASE
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.number < 0 or self.at_us < 0 or self.round < 0 or self.index < 0:
            raise ValueError(f"an event has no negative number, time, round or index: {self!r}")

    @property
    def lane(self) -> Lane:
        """The lane this event belongs to."""
        return Lane(self.source, self.step, self.round)

    def is_in(self, lane: Lane | None) -> bool:
        """Whether this event belongs to a lane; makes none, as every look asks it of every event."""
        return (
            lane is not None
            and self.step == lane.step
            and self.round == lane.round
            and self.source == lane.source
        )

    @property
    def at_s(self) -> str:
        """The time for people: seconds with milliseconds, cut not rounded."""
        return f"{self.at_us // 1_000_000}.{self.at_us % 1_000_000 // 1000:03d}"

    def as_json(self) -> dict[str, Any]:
        """The event as a mapping in the order of the cassette's line; empty fields are left out."""
        line: dict[str, Any] = {"n": self.number, "at_us": self.at_us, "kind": str(self.kind)}
        line["on"] = self.source.channel
        if self.source.actor:
            line["as"] = self.source.actor
        if self.step:
            line["step"] = self.step
        if self.round:
            line["round"] = self.round
        if self.index:
            line["index"] = self.index
        line["by"] = str(self.by)
        if self.data:
            line["data"] = dict(self.data)
        return line

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Event:
        """Read the event back. Raises FieldError where the line is not one of ours."""
        unknown = line.keys() - _EVENT_KEYS
        if unknown:
            first = min(unknown)
            raise FieldError(first, f"unknown event key {first!r}: expected are {', '.join(_EVENT_KEYS)}")
        for key in _NEEDED:
            if key not in line:
                raise FieldError("", f"no {key!r}")
        return cls(
            number=_integer(line, "n"),
            at_us=_integer(line, "at_us"),
            kind=_word(line, "kind", Kind),
            source=Source(_text(line, "on"), _text(line, "as")),
            step=_text(line, "step"),
            round=_integer(line, "round"),
            index=_integer(line, "index"),
            by=_word(line, "by", By),
            data=_mapping(line, "data"),
        )


_EVENT_KEYS: Final = dict.fromkeys(("n", "at_us", "kind", "on", "as", "step", "round", "index", "by", "data"))
_NEEDED: Final = ("n", "at_us", "kind", "on", "by")
_Word = TypeVar("_Word", bound=StrEnum)


def _integer(line: Mapping[str, Any], key: str) -> int:
    value = line.get(key, 0)
    if type(value) is not int or value < 0:
        raise FieldError(key, f"{key} is {value!r}: expected is an integer from 0")
    return value


def _word(line: Mapping[str, Any], key: str, words: type[_Word]) -> _Word:
    try:
        return words(line[key])
    except ValueError:
        expected = ", ".join(words)
        raise FieldError(key, f"{key} is {line[key]!r}: expected is one of {expected}") from None


def _text(line: Mapping[str, Any], key: str) -> str:
    value = line.get(key, "")
    if not isinstance(value, str):
        raise FieldError(key, f"{key} is {value!r}: expected is a text")
    return value


def _mapping(line: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = line.get(key, {})
    if not isinstance(value, Mapping):
        raise FieldError(key, f"{key} is {value!r}: expected is a mapping")
    return value
