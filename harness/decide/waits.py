"""Waits on a stream: what counts as coming, in time, late, never, or one too many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from harness.finding import Decision, Finding, Pending, Window, ending, seconds
from harness.matchers import (
    LOST,
    NOTHING,
    Closed,
    Difference,
    Expectation,
    Extra,
    Late,
    match,
    references_of,
    settled,
)
from harness.model import Event, Kind
from harness.references import Template

Resolve = Callable[[Template], Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be matched: a message of a frame, a log of a look. `key` names it for good."""

    key: Key
    number: int
    at_us: int
    view: Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a wait is for."""

    subject: str
    where: Expectation | None
    expect: Expectation | None
    resolve: Resolve
    count: int | None = None
    quiet_us: int = 0

    def selects(self, view: Any) -> tuple[Difference, ...]:
        """How a view fails to be the one waited for; with no `where`, `expect` selects too."""
        chosen = self.where or self.expect
        return () if chosen is None else match(chosen, view, self.resolve)

    def judge(self, view: Any) -> tuple[Difference, ...]:
        """How the selected view differs from what was expected, told with what its references mean."""
        return () if self.expect is None else self._told(self.expect, view)

    def lacks(self, view: Any) -> tuple[Difference, ...]:
        """The same as `selects`, told with what the references mean."""
        chosen = self.where or self.expect
        return () if chosen is None else self._told(chosen, view)

    def _told(self, expectation: Expectation, view: Any) -> tuple[Difference, ...]:
        differences = match(expectation, view, self.resolve)
        if not differences or not references_of(expectation):
            return differences
        return match(settled(expectation, self.resolve), view, self.resolve)


@dataclass(frozen=True, slots=True)
class Watched:
    """What came on a stream, and how far it was watched. `ended` is its first end that a window may meet."""

    items: Sequence[Item]
    horizon_us: int
    ended: Event | None = None


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
    matching = [item for item in candidates if not wanted.selects(item.view)]
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
    differences = tuple(d for item in taken for d in wanted.judge(item.view))
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


def why(ended: Event) -> str:
    """Why a stream ended, for people."""
    return ending(ended.data["code"], ended.data["reason"])


def end_shown(ended: Event) -> Any:
    """What a stream's end shows in a finding."""
    code, reason = ended.data["code"], ended.data["reason"]
    return LOST if code is None else Closed(code, reason)


def nearest_of(wanted: Wanted, candidates: Sequence[Item]) -> tuple[Item | None, tuple[Difference, ...]]:
    """The item that differs least from what is waited for, and how."""
    best: Item | None = None
    fewest: tuple[Difference, ...] = ()
    for item in candidates:
        differences = wanted.selects(item.view)
        if best is None or len(differences) < len(fewest):
            best, fewest = item, differences
    return best, () if best is None else wanted.lacks(best.view)
