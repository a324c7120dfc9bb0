"""The live world: drivers over sockets, every event on one timeline (and, when recording, in the journal)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from harness.model import MARKS, By, Event, Kind, Lane, Source
from harness.timeline import Timeline
from harness.world import Driver, Exchange, Intent, Need, PollNeed, StreamLine

DriverFor = Callable[[Source, StreamLine], Driver]

LOOK_EVERY_US: Final = 250_000
"""How long `gather` sleeps at most before the runner may look at the horizon again."""


@dataclass(frozen=True, slots=True)
class LiveView:
    """The events so far; a stream, even a closed one, was watched up to the moment of the look."""

    events: Sequence[Event]
    now_us: int
    polled_us: Mapping[Lane, int]

    def horizon_us(self, watched: Source | Lane) -> int:
        """For a stream the time of the look; for a poll the stamp of its last answer."""
        if isinstance(watched, Lane):
            return self.polled_us.get(watched, 0)
        return self.now_us


@dataclass(slots=True)
class _LaneLine:
    """One send of one lane, reported onto the timeline."""

    timeline: Timeline
    lane: Lane
    index: int
    intent: Intent
    events: list[Event] = field(default_factory=list)

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        data: dict[str, Any] = {"intent": dict(self.intent), "wire": dict(wire)}
        if derived:
            data["derived"] = dict(derived)
        self._add(Kind.SEND, By.CASE, data)

    def answered(self, wire: Mapping[str, Any]) -> None:
        self._add(Kind.ANSWER, By.PEER, {"wire": dict(wire)})

    def lost(self, why: str) -> None:
        self._add(Kind.LOST, By.PEER, {"why": why})

    def _add(self, kind: Kind, by: By, data: Mapping[str, Any]) -> None:
        self.events.append(self.timeline.append_in(self.lane, kind, index=self.index, by=by, data=data))


@dataclass(frozen=True, slots=True)
class _StreamLine:
    """A stream, reported onto the timeline from the driver's own thread."""

    timeline: Timeline
    source: Source

    def opened(self) -> None:
        self.timeline.append(Kind.OPEN, self.source, by=By.PEER)

    def pushed(self, wire: Mapping[str, Any], by: By = By.PEER) -> None:
        self.timeline.append(Kind.PUSH, self.source, by=by, data={"wire": dict(wire)})

    def said(self, wire: Mapping[str, Any]) -> None:
        self.timeline.append(Kind.SEND, self.source, by=By.SESSION, data={"wire": dict(wire)})

    def closed(self, code: int | None, reason: str) -> None:
        self.timeline.append(Kind.CLOSED, self.source, by=By.PEER, data={"code": code, "reason": reason})


class LiveWorld:
    """A world over live drivers. Use as a context manager: leaving it notes the horizons and closes all."""

    def __init__(self, timeline: Timeline, driver_for: DriverFor) -> None:
        self._timeline = timeline
        self._driver_for = driver_for
        self._drivers: dict[Source, Driver] = {}
        self._counts: dict[Lane, int] = {}
        self._polls: dict[Lane, int] = {}
        self._finished = False

    def __enter__(self) -> LiveWorld:
        return self

    def __exit__(self, *exc: object) -> None:
        self.finish()

    def begin(self, source: Source, step: str, round: int = 0) -> Event:
        """Mark that a step starts now."""
        return self._timeline.append(Kind.STEP, source, step=step, round=round, by=By.RUNNER)

    def end(self, source: Source, step: str, at_us: int) -> None:
        """Mark that a step ended, and what stamp decided it."""
        self._timeline.append(Kind.END, source, step=step, by=By.RUNNER, data={"decided_us": at_us})

    def deadline(self, source: Source, step: str, deadline_us: int) -> None:
        """Mark that a step or check was still waiting at its deadline."""
        data = {"deadline_us": deadline_us}
        self._timeline.append(Kind.DEADLINE, source, step=step, by=By.RUNNER, data=data)

    def send(self, lane: Lane, intent: Intent) -> Exchange:
        """Send one intent through its channel's driver, opening it if need be."""
        index = self._counts.get(lane, 0)
        self._counts[lane] = index + 1
        line = _LaneLine(self._timeline, lane, index, intent)
        self._driver(lane.source).send(intent, line)
        send, *rest = line.events
        return Exchange(send, rest[0] if rest else None)

    def gather(self, needs: Sequence[Need], until_us: int) -> bool:
        """Do the polls that are due, or wait for the next event or due time; False past `until_us`."""
        seen, now_us = self._timeline.snapshot()
        next_us = until_us
        for need in needs:
            if not isinstance(need, PollNeed):
                continue
            last_us = self._polls.get(need.lane)
            if last_us is not None and last_us >= until_us:
                continue
            due_us = now_us if last_us is None else min(last_us + need.every_us, until_us)
            if due_us <= now_us:
                self._polls[need.lane] = self.send(need.lane, need.intent).send.at_us
                return True
            next_us = min(next_us, due_us)
        if now_us >= until_us:
            return False
        self._timeline.wait(len(seen), min(next_us, now_us + LOOK_EVERY_US))
        return True

    def observe(self) -> LiveView:
        """All events but marks, complete up to now."""
        events, now_us = self._timeline.snapshot()
        polled = {e.lane: e.at_us for e in events if e.kind in (Kind.ANSWER, Kind.LOST)}
        return LiveView(tuple(e for e in events if e.kind not in MARKS), now_us, polled)

    def recorded(self) -> tuple[Event, ...]:
        """Every event so far, marks too."""
        return self._timeline.snapshot()[0]

    def finish(self) -> None:
        """Note how far each stream was watched, and close every driver. A second call does nothing."""
        if self._finished:
            return
        self._finished = True
        view = self.observe()
        with ExitStack() as closing:
            for driver in self._drivers.values():
                closing.callback(driver.close)
            for source in sorted({e.source for e in view.events if e.kind is Kind.OPEN}):
                until_us = view.horizon_us(source)
                self._timeline.append(Kind.HORIZON, source, by=By.RUNNER, data={"until_us": until_us})

    def _driver(self, source: Source) -> Driver:
        if source not in self._drivers:
            self._drivers[source] = self._driver_for(source, _StreamLine(self._timeline, source))
        return self._drivers[source]
