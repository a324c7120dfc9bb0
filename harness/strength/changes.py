"""What can be done to a recording as a whole, as values; and what goes on behind its end.

A change is applied to events in memory, never to a file. Numbers are given anew afterwards, so that the
timeline stays one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.model import Event, Kind, Lane

FAR_US: Final = 3_600_000_000
"""How far behind the end of a recording a changed exchange goes on as it was: past every deadline."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Some events stand with other content; each in the place of the event of its number."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """One pushed event never came."""

    number: int


@dataclass(frozen=True, slots=True)
class Doubled:
    """One pushed event came once more, at once."""

    number: int


@dataclass(frozen=True, slots=True)
class Delayed:
    """One event came so many microseconds later; an answer with all that its lane holds behind it."""

    number: int
    by_us: int


@dataclass(frozen=True, slots=True)
class Swapped:
    """Two pushed events of one stream came in the other's place."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Added:
    """One event came that was never recorded: right behind the event of this number, at its own stamp."""

    number: int
    event: Event


Change = Replaced | Dropped | Doubled | Delayed | Swapped | Added


def changed(events: Sequence[Event], change: Change) -> tuple[Event, ...]:
    """The recording with one change. Raises KeyError for a number that it does not hold (the caller's)."""
    match change:
        case Replaced(others):
            instead = {event.number: event for event in others}
            _known(events, *instead)
            return tuple(instead.get(event.number, event) for event in events)
        case Dropped(number):
            _known(events, number)
            return numbered([event for event in events if event.number != number])
        case Doubled(number):
            _known(events, number)
            return numbered([each for e in events for each in ((e, e) if e.number == number else (e,))])
        case Added(number, more):
            _known(events, number)
            return _placed([each for e in events for each in ((e, more) if e.number == number else (e,))])
        case Delayed(number, by_us):
            event = _known(events, number)[number]
            later = {number} if event.kind is Kind.PUSH else _rest_of_lane(events, event)
            return _placed([replace(e, at_us=e.at_us + by_us) if e.number in later else e for e in events])
        case Swapped(first, second):
            held = _known(events, first, second)
            one, other = held[first], held[second]
            places = {
                first: replace(other, number=one.number, at_us=one.at_us),
                second: replace(one, number=other.number, at_us=other.at_us),
            }
            return tuple(places.get(event.number, event) for event in events)


def touched(change: Change) -> tuple[int, ...]:
    """The numbers of the events that a change is about."""
    match change:
        case Replaced(events):
            return tuple(event.number for event in events)
        case Swapped(first, second):
            return first, second
    return (change.number,)


def _known(events: Sequence[Event], *numbers: int) -> Mapping[int, Event]:
    held = {event.number: event for event in events}
    return {number: held[number] for number in numbers}


def _rest_of_lane(events: Sequence[Event], answer: Event) -> frozenset[int]:
    """An answer and the sends and answers of its lane that follow it."""
    return frozenset(e.number for e in events if e.lane == answer.lane and e.number >= answer.number)


def _placed(events: Sequence[Event]) -> tuple[Event, ...]:
    """Events in the order of their stamps; those of one stamp as they stood."""
    return numbered(sorted(events, key=lambda event: event.at_us))


def numbered(events: Sequence[Event]) -> tuple[Event, ...]:
    """The same events, numbered in their order."""
    return tuple(
        event if event.number == at else replace(event, number=at) for at, event in enumerate(events)
    )


def going_on(events: Sequence[Event], polled: frozenset[str]) -> tuple[Event, ...]:
    """A recording that goes on behind its end as it ended, so that a changed one can be decided.

    A recording ends when its run had seen enough; a changed one may have to be watched for longer. From
    there on nothing new comes: streams stay open and silent, and who reads again (the steps and lanes
    `polled`) is answered as the last time.
    """
    horizons = {e.source: int(e.data["until_us"]) for e in events if e.kind is Kind.HORIZON}
    kept: list[Event] = []
    walks: dict[Lane, list[Event]] = {}
    for event in events:
        if event.kind is Kind.HORIZON:
            kept.append(replace(event, data={**event.data, "until_us": FAR_US}))
            continue
        if event.kind is Kind.CLOSED and event.at_us > horizons.get(event.source, event.at_us):
            continue  # our own closing at the end of the run
        kept.append(event)
        if event.step in polled or event.step.startswith("check:"):
            _walked(walks, event)
    for walk in walks.values():
        sends = sum(event.kind is Kind.SEND for event in walk)
        if walk[-1].kind is Kind.SEND:
            continue
        kept += [replace(e, at_us=e.at_us + FAR_US, index=e.index + sends) for e in walk]
    return _placed(kept)


def _walked(walks: dict[Lane, list[Event]], event: Event) -> None:
    """Note what was asked last in a lane, and answered: from the last send that asks what the first asked."""
    if event.kind is Kind.SEND:
        walk = walks.get(event.lane)
        if walk is None or walk[0].data["intent"] == event.data["intent"]:
            walks[event.lane] = [event]
        else:
            walk.append(event)
    elif event.kind in (Kind.ANSWER, Kind.LOST) and event.lane in walks:
        walks[event.lane].append(event)
