"""Waits on a stream: what counts as coming, in time, late, never, or one too many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from harness.decide.wanted import Item, Key, Wanted, nearest_of
from harness.finding import Decision, Finding, Pending, Window, ending, seconds
from harness.matchers import LOST, NOTHING, Closed, Extra, Late
from harness.model import By, Event, Kind
from harness.windows import LIFE_US


@dataclass(frozen=True, slots=True)
class Watched:
    """A stream as a wait sees it: its messages, how far it was watched, its end, and its signs of life.

    `signs` is everything that came on it, keepalives too.
    """

    items: Sequence[Item]
    horizon_us: int
    ended: Event | None = None
    signs: Sequence[Event] = ()


def stream_items(events: Sequence[Event], messages: Callable[[Event], Sequence[Any]]) -> list[Item]:
    """Every message of the pushed frames, in order; keepalives and other sessions' words are none."""
    return [
        Item((event.number, part), event.number, event.at_us, view)
        for event in events
        if event.kind is Kind.PUSH
        for part, view in enumerate(messages(event))
    ]


def stream_end(events: Sequence[Event], cause_number: int) -> Event | None:
    """The end of a stream for a wait from this cause on: one before it that stands, or the first after.

    An end before the cause does not stand where the cause itself opened the stream again.
    """
    ends = [event for event in events if event.kind in (Kind.OPEN, Kind.CLOSED)]
    before = [event for event in ends if event.number <= cause_number]
    after = [event for event in ends if event.number > cause_number]
    opened_again = bool(after) and after[0].kind is Kind.OPEN
    if before and before[-1].kind is Kind.CLOSED and not opened_again:
        return before[-1]
    return next((event for event in after if event.kind is Kind.CLOSED), None)


def decide_wait(
    wanted: Wanted, watched: Watched, window: Window, taken: Collection[Key], *, final: bool = False
) -> tuple[Decision, tuple[Item, ...]]:
    """Decide a wait on a stream: the first event that `where` selects is taken, then `expect` judges it.

    `final` says that nothing more will come: then a window watched to its deadline is enough to call a
    thing missing; otherwise it is watched to its end, so that late and never are told apart. Returns the
    items that were taken. An end of the stream counts up to the deadline, and as far as it was watched:
    our own closing at the end of a run does not.
    """
    if wanted.instead is not None or wanted.never is not None:
        return decide_absence(wanted, watched, window, taken, final=final), ()
    ended = watched.ended
    if ended is not None and ended.at_us > min(window.deadline_us, watched.horizon_us):
        ended = None
    candidates = [
        item
        for item in watched.items
        if item.number > window.cause_number
        and item.key not in taken
        and (ended is None or item.number < ended.number)
    ]
    matching = [item for item in candidates if not wanted.selects(item)]
    need = wanted.count or 1
    if len(matching) >= need and matching[need - 1].at_us <= window.deadline_us:
        return _came(wanted, watched, matching, need)
    enough_us = window.deadline_us if final else window.watch_us
    candidates = [item for item in candidates if item.at_us <= window.watch_us]
    matching = [item for item in matching if item.at_us <= window.watch_us]
    if len(matching) < need and ended is None and watched.horizon_us < enough_us:
        return Pending(f"{wanted.subject} was watched until {seconds(watched.horizon_us)}"), ()
    return _missing(wanted, window, candidates, matching, ended), ()


def _came(
    wanted: Wanted, watched: Watched, matching: Sequence[Item], need: int
) -> tuple[Decision, tuple[Item, ...]]:
    taken = tuple(matching[:need])
    last = taken[-1]
    if wanted.count is not None:
        quiet_us = last.at_us + wanted.quiet_us
        if watched.horizon_us < quiet_us:
            return Pending(f"{wanted.subject} waits for quiet until {seconds(quiet_us)}"), ()
        extra = [item for item in matching[need:] if item.at_us <= quiet_us]
        if extra:
            text = f"{need} were expected and {len(extra)} more came within {seconds(wanted.quiet_us)}"
            numbers = tuple(item.number for item in (*taken, *extra))
            found = Finding(wanted.subject, False, extra[0].at_us, text, Extra(len(extra)), events=numbers)
            return found, taken
    differences = tuple(d for item in taken for d in wanted.judge(item))
    text = "came as expected" if not differences else "came, and differs"
    numbers = tuple(item.number for item in taken)
    return Finding(
        wanted.subject, not differences, last.at_us, text, last.view, None, differences, numbers
    ), taken


def _missing(
    wanted: Wanted,
    window: Window,
    candidates: Sequence[Item],
    matching: Sequence[Item],
    ended: Event | None,
) -> Finding:
    within = seconds(window.deadline_us - window.start_us)
    seen = candidates[-1].view if candidates else None
    need = wanted.count or 1
    if len(matching) >= need:
        late = matching[need - 1]
        by_us = late.at_us - window.deadline_us
        text = f"came {seconds(by_us)} after its deadline of {within}"
        return Finding(wanted.subject, False, late.at_us, text, Late(by_us), late.view, events=(late.number,))
    if ended is not None:
        text = f"the connection was closed ({why(ended)}) before it came"
        at_us = max(ended.at_us, window.start_us)
        return Finding(wanted.subject, False, at_us, text, end_shown(ended), seen, events=(ended.number,))
    text = f"did not come within {within}"
    if matching:
        text = f"only {len(matching)} of {need} came within {within}"
    nearest, differences = nearest_of(wanted, candidates)
    if nearest is not None and not matching:
        text += f"; the nearest of {len(candidates)} events differs"
    return Finding(wanted.subject, False, window.deadline_us, text, NOTHING, seen, differences)


def decide_absence(
    wanted: Wanted, watched: Watched, window: Window, taken: Collection[Key], *, final: bool = False
) -> Decision:
    """Decide a wait for nothing, for the end of the stream, or that something never comes.

    The whole window counts, up to its deadline. Silence counts only where the stream was alive: something,
    if only a keepalive, came on it since the cause, at the latest `LIFE_US` after the deadline.
    """
    deadline_us = window.deadline_us
    ended = watched.ended
    if ended is not None and ended.at_us > min(deadline_us, watched.horizon_us):
        ended = None
    for item in watched.items if wanted.for_nothing else ():
        inside = item.number > window.cause_number and item.at_us <= deadline_us and item.key not in taken
        if inside and (ended is None or item.number < ended.number) and not wanted.unwanted(item):
            text = "came, and should not"
            shown, numbers = item.view, (item.number,)
            return Finding(wanted.subject, False, item.at_us, text, shown, events=numbers)
    if ended is not None:
        text, shown = f"the connection was closed ({why(ended)})", end_shown(ended)
        differences = wanted.marked(shown)
        holds = wanted.never is None and not differences
        at_us = max(ended.at_us, window.start_us)
        numbers = (ended.number,)
        return Finding(wanted.subject, holds, at_us, text, shown, None, differences, numbers)
    if watched.horizon_us < deadline_us:
        return Pending(f"{wanted.subject} was watched until {seconds(watched.horizon_us)}")
    within = seconds(deadline_us - window.start_us)
    alive_us = deadline_us + LIFE_US
    alive = any(e.number > window.cause_number and e.at_us <= alive_us for e in watched.signs)
    differences = wanted.marked(NOTHING)
    if not differences and not alive:
        if watched.horizon_us < alive_us and not final:
            return Pending(f"a sign of life was waited for until {seconds(watched.horizon_us)}")
        text = f"not shown: not even a keepalive came within {within}, so silence shows nothing"
        return Finding(wanted.subject, False, deadline_us, text, LOST)
    text = f"nothing came within {within}"
    return Finding(wanted.subject, not differences, deadline_us, text, NOTHING, None, differences)


def why(ended: Event) -> str:
    """Why a stream ended, for people."""
    return ending(ended.data["code"], ended.data["reason"])


def end_shown(ended: Event) -> Any:
    """What a stream's end shows in a finding: our own close for a broken rule is no close of the peer's."""
    code, reason = ended.data["code"], ended.data["reason"]
    return LOST if code is None or ended.by is By.SESSION else Closed(code, reason)
