"""The live world: drivers over sockets, every event on one timeline (and, when recording, in the journal)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from harness.model import MARKS, By, Event, Kind, Lane, Source
from harness.timeline import Timeline
from harness.world import Driver, Exchange, Intent, Need, PollNeed, Sending, StreamLine, StreamNeed

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
    count: Callable[[Lane], AbstractContextManager[int]]
    intent: Intent
    delivered: bool
    index: int = 0
    events: list[Event] = field(default_factory=list)

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        data: dict[str, Any] = {"intent": dict(self.intent), "wire": dict(wire)}
        if derived:
            data["derived"] = dict(derived)
        with self.count(self.lane) as self.index:
            self._add(Kind.SEND, By.CASE, data)

    def answered(self, wire: Mapping[str, Any]) -> None:
        kept = {} if self.delivered else {"delivered": False}
        self._add(Kind.ANSWER, By.PEER, {"wire": dict(wire), **kept})

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

    def closed(self, code: int | None, reason: str, by: By = By.PEER) -> None:
        self.timeline.append(Kind.CLOSED, self.source, by=by, data={"code": code, "reason": reason})


class LiveWorld:
    """A world over live drivers. Use as a context manager: leaving it notes the horizons and closes all."""

    def __init__(
        self,
        timeline: Timeline,
        driver_for: DriverFor,
        before: Callable[[Source, str], None] = lambda source, step: None,
    ) -> None:
        """`before` is told which step begins next, before it does."""
        self._timeline = timeline
        self._before = before
        self._driver_for = driver_for
        self._drivers: dict[Source, Driver] = {}
        self._counts: dict[Lane, int] = {}
        self._counting = threading.Lock()
        self._polls: dict[Lane, int] = {}
        self._probed: list[StreamNeed] = []
        self._finished = False
        self._looked = 0
        self._seen: list[Event] = []
        self._polled: dict[Lane, int] = {}

    def __enter__(self) -> LiveWorld:
        return self

    def __exit__(self, *exc: object) -> None:
        self.finish()

    def begin(self, source: Source, step: str, round: int = 0) -> Event:
        """Mark that a step starts, when nothing holds it back."""
        self._before(source, step)
        return self._timeline.append(Kind.STEP, source, step=step, round=round, by=By.RUNNER)

    def end(self, source: Source, step: str, at_us: int, round: int = 0) -> None:
        """Mark that a step ended, and what stamp decided it."""
        data = {"decided_us": at_us}
        self._timeline.append(Kind.END, source, step=step, round=round, by=By.RUNNER, data=data)

    def deadline(self, source: Source, step: str, deadline_us: int) -> None:
        """Mark that a step or check was still waiting at its deadline."""
        data = {"deadline_us": deadline_us}
        self._timeline.append(Kind.DEADLINE, source, step=step, by=By.RUNNER, data=data)

    def send(self, sendings: Sequence[Sending]) -> Sequence[Exchange]:
        """Send intents through their channels' drivers, opening them if need be; several at one barrier."""
        ready = [self._ready(sending) for sending in sendings]
        if len(ready) == 1:
            driver, line = ready[0]
            driver.send(line.intent, line)
        else:
            _at_once([(driver, line) for driver, line in ready])
        came = sorted((line for _, line in ready), key=lambda line: line.index)
        exchanges = []
        for sending in sendings:  # several of one lane: in the order in which they went out
            line = next(line for line in came if line.lane == sending.lane)
            came.remove(line)
            exchanges.append(Exchange(line.events[0], line.events[1] if len(line.events) > 1 else None))
        return exchanges

    def _ready(self, sending: Sending) -> tuple[Driver, _LaneLine]:
        lane = sending.lane
        line = _LaneLine(self._timeline, lane, self._next_index, sending.intent, sending.delivered)
        return self._driver(lane.source), line

    @contextmanager
    def _next_index(self, lane: Lane) -> Iterator[int]:
        """The index of a send; held until it stands on the timeline, so that they stand there in order."""
        with self._counting:
            index = self._counts.get(lane, 0)
            self._counts[lane] = index + 1
            yield index

    def gather(self, needs: Sequence[Need], until_us: int) -> bool:
        """Do the polls that are due, or wait for the next event or due time; False past `until_us`.

        Raises what keeps the record from being whole: a stream that brought too much, a journal that failed.
        """
        self._timeline.check()
        seen, now_us = self._timeline.reached()
        next_us = until_us
        for need in needs:
            if not isinstance(need, PollNeed):
                self._probe(need)
                continue
            last_us = self._polls.get(need.lane)
            at_once = need.goes_on is not None and need.goes_on()
            if last_us is not None and last_us >= until_us and not at_once:
                continue
            due_us = now_us if last_us is None or at_once else min(last_us + need.every_us, until_us)
            if due_us <= now_us:
                sending = need.sending(self._counts.get(need.lane, 0))
                self._polls[need.lane] = self.send([sending])[0].send.at_us
                return True
            next_us = min(next_us, due_us)
        if now_us >= until_us:
            return False
        self._timeline.wait(seen, min(next_us, now_us + LOOK_EVERY_US))
        return True

    def _probe(self, need: StreamNeed) -> None:
        """Ask a stream for a sign of life, once for each wait that needs one."""
        if need.alive and all(need is not each for each in self._probed):
            self._probed.append(need)
            self._driver(need.source).probe()

    def observe(self) -> LiveView:
        """All events but marks, complete up to now. Raises what keeps them from being whole, as `gather`.

        The next look adds to the same list, so that a long run is not copied at every one.
        """
        self._timeline.check()
        return self._view()

    def _view(self) -> LiveView:
        new, now_us = self._timeline.snapshot(self._looked)
        self._looked += len(new)
        self._seen += [event for event in new if event.kind not in MARKS]
        self._polled |= {e.lane: e.at_us for e in new if e.kind in (Kind.ANSWER, Kind.LOST)}
        return LiveView(self._seen, now_us, self._polled)

    def recorded(self) -> tuple[Event, ...]:
        """Every event so far, marks too."""
        return self._timeline.snapshot()[0]

    def finish(self) -> None:
        """Note how far each stream was watched, and close every driver. A second call does nothing."""
        if self._finished:
            return
        self._finished = True
        view = self._view()
        with ExitStack() as closing:
            closing.callback(self._timeline.check)
            for driver in self._drivers.values():
                closing.callback(driver.close)
            for source in sorted({e.source for e in view.events if e.kind is Kind.OPEN}):
                until_us = view.horizon_us(source)
                self._timeline.append(Kind.HORIZON, source, by=By.RUNNER, data={"until_us": until_us})

    def _driver(self, source: Source) -> Driver:
        if source not in self._drivers:
            self._drivers[source] = self._driver_for(source, _StreamLine(self._timeline, source))
        return self._drivers[source]


def _at_once(sends: Sequence[tuple[Driver, _LaneLine]]) -> None:
    """Let each send start at one barrier, in a thread of its own; the first error of any is raised."""
    barrier = threading.Barrier(len(sends))
    errors: list[BaseException] = []

    def start(driver: Driver, line: _LaneLine) -> None:
        barrier.wait()
        try:
            driver.send(line.intent, line)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=start, args=send, daemon=True) for send in sends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
