"""The recorded world: the same seam, answered from a cassette. No network, no threads, no waiting.

Sends are compared by intent, in order within their lane; no order is asked between lanes. Streams are views
of the cassette. What the cassette cannot answer makes the replay stale, never a pass.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.errors import CassetteDamaged, CassetteStale
from harness.intents import differences
from harness.model import MARKS, By, Event, Kind, Lane, Source
from harness.world import Exchange, Intent, Need, PollNeed, Sending

Compare = Callable[[Any, Any], Sequence[str]]
"""How a recorded intent and the case's are compared: a line for each difference."""
_NOT_DEMANDED: Final = ("check:", "before:")
"""Steps of the runner's own: checks may come and go."""


@dataclass(frozen=True, slots=True)
class RecordedView:
    """What of the cassette a run may see: streams whole, and the exchanges that it asked for."""

    events: Sequence[Event]
    streams_us: Mapping[Source, int]
    polls_us: Mapping[Lane, int]

    def horizon_us(self, watched: Source | Lane) -> int:
        """How far the recording watched; for a poll, up to the last answer that the run has taken."""
        if isinstance(watched, Lane):
            return self.polls_us.get(watched, 0)
        return self.streams_us.get(watched, 0)


class ReplayWorld:
    """A world over the events of one cassette."""

    def __init__(self, events: Sequence[Event], compare: Compare = differences) -> None:
        self._compare = compare
        self._marks: dict[tuple[str, int], Event] = {}
        self._lanes: dict[Lane, list[Exchange]] = {}
        self._streams_us: dict[Source, int] = {}
        self._stream_events: list[Event] = []
        self._seen: list[Event] = []
        self._opened: set[Source] = set()
        self._cursor: dict[Lane, int] = {}
        self._polls_us: dict[Lane, int] = {}
        self._ends: list[Event] = []
        self._view = RecordedView(self._seen, self._streams_us, self._polls_us)
        self._position = Event(0, 0, Kind.STEP, Source("runner"), by=By.RUNNER)
        for event in events:
            self._file(event)

    def _file(self, event: Event) -> None:
        if event.kind is Kind.STEP:
            self._marks[event.step, event.round] = event
        elif event.kind is Kind.HORIZON:
            self._streams_us[event.source] = self._held(event, "until_us")
        elif event.kind in (Kind.OPEN, Kind.PUSH, Kind.CLOSED):
            self._stream_events.append(event)
        elif event.by is By.SESSION:
            return  # what a session layer says by itself is never demanded of a case
        elif event.kind is Kind.SEND:
            self._held(event, "intent")
            exchanges = self._lanes.setdefault(event.lane, [])
            if event.index != len(exchanges):
                raise _damaged(event, f"it is send {event.index} of its lane, and stands as {len(exchanges)}")
            exchanges.append(Exchange(event))
        elif event.kind in (Kind.ANSWER, Kind.LOST):
            exchanges = self._lanes.get(event.lane, [])
            if event.index >= len(exchanges) or exchanges[event.index].answer is not None:
                raise _damaged(event, "it answers no send that waits for an answer")
            exchanges[event.index] = Exchange(exchanges[event.index].send, event)

    def _held(self, event: Event, key: str) -> Any:
        if key not in event.data:
            raise _damaged(event, f"a {event.kind} holds {key!r}")
        return event.data[key]

    def begin(self, source: Source, step: str, round: int = 0) -> Event:
        """The recorded mark; a step that the recording does not know starts where the one before ended."""
        mark = self._marks.get((step, round))
        if mark is None:
            mark = Event(
                self._position.number, self._position.at_us, Kind.STEP, source, step, round, by=By.RUNNER
            )
        self._position = mark
        self._ends.append(mark)
        return mark

    def end(self, source: Source, step: str, at_us: int, round: int = 0) -> None:
        """Note where the step ended in this replay."""
        at_us = max(at_us, self._position.at_us)
        seen = (reversed(self._seen), reversed(self._stream_events))  # by number, the last are nearest
        number = max(next((each.number for each in part if each.at_us <= at_us), 0) for part in seen)
        self._position = Event(
            max(number, self._position.number), at_us, Kind.END, source, step, round, by=By.RUNNER
        )
        self._ends.append(self._position)

    def deadline(self, source: Source, step: str, deadline_us: int) -> None:
        """Note that a step or check was still waiting at its deadline."""
        at = self._position.number, deadline_us
        self._ends.append(Event(*at, Kind.DEADLINE, source, step, by=By.RUNNER))

    def send(self, sendings: Sequence[Sending]) -> Sequence[Exchange]:
        """The next recorded exchange of each lane, if the intent is the recorded one."""
        return [self._sent(sending) for sending in sendings]

    def _sent(self, sending: Sending) -> Exchange:
        lane, intent = sending.lane, sending.intent
        exchange = self._next(lane)
        if exchange is None:
            raise CassetteStale("K004", self._not_recorded(lane, intent))
        different = self._compare(exchange.send.data["intent"], intent)
        if different:
            raise CassetteStale(
                "K004",
                f"{lane} does not send what was recorded:\n  "
                + "\n  ".join(different)
                + self._elsewhere(lane, intent)
                + "\nIf the change is meant, record again: pytest -k ID --target venue --record broken "
                "(and fixed); nothing was compared beyond this step.",
            )
        answer = exchange.answer
        if sending.delivered and answer is not None and answer.data.get("delivered") is False:
            text = f"{lane} was recorded with its answer dropped on purpose, and the case no longer drops it"
            raise CassetteStale("K004", f"{text}: give it back its 'fault', or record again.")
        self._cursor[lane] = self._cursor.get(lane, 0) + 1
        self._see(lane.source, exchange.send)
        if exchange.answer is not None:
            self._see(lane.source, exchange.answer)
            self._polls_us[lane] = exchange.answer.at_us
        return exchange

    def _see(self, source: Source, event: Event) -> None:
        """Add an event to what this run has seen; a source's first brings its stream, whole."""
        if source not in self._opened:
            self._opened.add(source)
            for each in self._stream_events:
                if each.source == source:
                    insort(self._seen, each, key=_number)
        insort(self._seen, event, key=_number)

    def gather(self, needs: Sequence[Need], until_us: int) -> bool:
        """Take the attempt that was answered first of all that the polls have left; False when none is.

        One at a time and by stamp, so that what a look sees of several polls is what a live one saw.
        """
        due: tuple[int, PollNeed] | None = None
        for need in needs:
            if not isinstance(need, PollNeed):
                continue
            following = self._next(need.lane)
            if following is None and need.lane in self._cursor:
                continue
            at_us = -1 if following is None else (following.answer or following.send).at_us
            if due is None or at_us < due[0]:
                due = at_us, need
        if due is None:
            return False
        self.send([due[1].sending(self._cursor.get(due[1].lane, 0))])
        return True

    def observe(self) -> RecordedView:
        """The streams that this run opened, whole, and the exchanges taken so far, in recorded order.

        It is what was seen until now: it grows with the next exchange, so that a long recording is not copied
        at every look.
        """
        return self._view

    def unasked(self) -> tuple[Lane, ...]:
        """Recorded lanes of the case's steps that this run never asked for; checks may come and go."""
        return tuple(
            lane
            for lane in self._lanes
            if lane not in self._cursor and not lane.step.startswith(_NOT_DEMANDED) and lane.step
        )

    def unused(self) -> tuple[str, ...]:
        """Recorded attempts that this run did not need, one line a lane."""
        return tuple(
            f"{lane}: {len(recorded) - self._cursor.get(lane, 0)} of {len(recorded)} recorded sends unused"
            for lane, recorded in self._lanes.items()
            if self._cursor.get(lane, 0) < len(recorded)
        )

    def timeline(self) -> tuple[Event, ...]:
        """The replay's own timeline: what was seen and this run's marks, by stamp."""
        seen = [e for e in self.observe().events if e.kind not in MARKS]
        return tuple(sorted([*seen, *self._ends], key=lambda e: (e.at_us, e.kind is not Kind.STEP, e.number)))

    def _next(self, lane: Lane) -> Exchange | None:
        recorded = self._lanes.get(lane, [])
        position = self._cursor.get(lane, 0)
        return recorded[position] if position < len(recorded) else None

    def _not_recorded(self, lane: Lane, intent: Intent) -> str:
        nearest = self._nearest(lane, intent)
        recorded = len(self._lanes.get(lane, []))
        if recorded:
            sends = "1 send" if recorded == 1 else f"{recorded} sends"
            text = f"{lane} was recorded with {sends}, and the case asks for one more"
            return f"{text}.{nearest} Record again."
        known: Sequence[Any] = sorted({str(each) for each in self._lanes})
        text = f"{lane} was never recorded; recorded are: {', '.join(known) or 'no sends at all'}"
        return f"{text}.{nearest} Record again."

    def _elsewhere(self, lane: Lane, intent: Intent) -> str:
        """Whether the same was recorded, but later in its lane, where only the order differs."""
        at = self._cursor.get(lane, 0)
        for later, exchange in enumerate(self._lanes[lane][at + 1 :], start=at + 1):
            if not self._compare(exchange.send.data["intent"], intent):
                return f"\nIt is what was recorded as send {later + 1} here: the order changed."
        return ""

    def _nearest(self, asked: Lane, intent: Intent) -> str:
        """The send of a step that nobody asked for yet and that is most like this one, with what differs."""
        best: tuple[int, str] | None = None
        for lane, exchanges in self._lanes.items():
            if lane.source != asked.source or lane.step.startswith(_NOT_DEMANDED):
                continue
            done = self._cursor.get(lane, 0)
            for at, exchange in enumerate(exchanges[done:], start=done + 1):
                different = self._compare(exchange.send.data["intent"], intent)
                if best is None or len(different) < best[0]:
                    how = f"it differs in {different[0]}" if different else "it is the same"
                    best = len(different), f" The nearest that is left is send {at} of {lane}: {how}."
        return "" if best is None else best[1]


def _number(event: Event) -> int:
    return event.number


def _damaged(event: Event, found: str) -> CassetteDamaged:
    text = (
        f"event {event.number} ({event.kind} in {event.lane}) does not fit the rest: {found}. Record again."
    )
    return CassetteDamaged("K005", text)
