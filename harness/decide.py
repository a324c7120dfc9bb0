"""Deciding waits: pure functions of what came, of stamps, and of how far it was watched.

Live and replay call the same functions with the same values, so a verdict cannot depend on when the runner
happened to look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from harness.finding import Decision, Finding, Pending, Window
from harness.matchers import LOST, NOTHING, Closed, Difference, Expectation, Extra, Late, match
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
        """How the selected view differs from what was expected."""
        return () if self.expect is None else match(self.expect, view, self.resolve)


@dataclass(frozen=True, slots=True)
class Watched:
    """What came on a stream in a window, and how far it was watched. `ended` is its end, if any."""

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


def decide_wait(
    wanted: Wanted, watched: Watched, window: Window, taken: Collection[Key], *, final: bool = False
) -> tuple[Decision, tuple[Item, ...]]:
    """Decide a wait on a stream: the first event that `where` selects is taken, then `expect` judges it.

    `final` says that nothing more will come: then a window watched to its deadline is enough to call a
    thing missing; otherwise it is watched to its end, so that late and never are told apart. Returns the
    items that were taken.
    """
    candidates = [i for i in watched.items if i.number > window.cause_number and i.key not in taken]
    matching = [item for item in candidates if not wanted.selects(item.view)]
    need = wanted.count or 1
    in_time = [item for item in matching if item.at_us <= window.deadline_us]
    if len(in_time) >= need:
        return _came(wanted, watched, in_time, need)
    enough_us = window.deadline_us if final else window.watch_us
    candidates = [item for item in candidates if item.at_us <= window.watch_us]
    matching = [item for item in matching if item.at_us <= window.watch_us]
    ended = watched.ended if watched.ended and watched.ended.number > window.cause_number else None
    if len(matching) < need and ended is None and watched.horizon_us < enough_us:
        return Pending(f"{wanted.subject} was watched until {_s(watched.horizon_us)}"), ()
    return _missing(wanted, window, candidates, matching, ended), ()


def _came(
    wanted: Wanted, watched: Watched, in_time: Sequence[Item], need: int
) -> tuple[Decision, tuple[Item, ...]]:
    taken = tuple(in_time[:need])
    last = taken[-1]
    if wanted.count is not None:
        quiet_us = last.at_us + wanted.quiet_us
        extra = [item for item in in_time[need:] if item.at_us <= quiet_us]
        if extra:
            text = f"{need} were expected and {len(extra)} more came within {_s(wanted.quiet_us)}"
            numbers = tuple(item.number for item in (*taken, *extra))
            found = Finding(wanted.subject, False, extra[0].at_us, text, Extra(len(extra)), events=numbers)
            return found, taken
        if watched.horizon_us < quiet_us:
            return Pending(f"{wanted.subject} waits for quiet"), ()
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
    within = _s(window.deadline_us - window.start_us)
    seen = candidates[-1].view if candidates else None
    if len(matching) >= (wanted.count or 1):
        late = matching[(wanted.count or 1) - 1]
        by_us = late.at_us - window.deadline_us
        text = f"came {_s(by_us)} after its deadline of {within}"
        return Finding(wanted.subject, False, late.at_us, text, Late(by_us), late.view, events=(late.number,))
    if ended is not None:
        code, reason = ended.data["code"], ended.data["reason"]
        text = f"the connection was closed ({code} {reason}) before it came".replace(
            "None ", "no close frame"
        )
        shown = LOST if code is None else Closed(code, reason)
        return Finding(wanted.subject, False, ended.at_us, text, shown, seen, events=(ended.number,))
    nearest, differences = _nearest(wanted, candidates)
    text = f"did not come within {within}"
    if nearest is not None:
        text += f"; the nearest of {len(candidates)} events differs"
    return Finding(wanted.subject, False, window.deadline_us, text, NOTHING, seen, differences)


def _nearest(wanted: Wanted, candidates: Sequence[Item]) -> tuple[Item | None, tuple[Difference, ...]]:
    best: Item | None = None
    fewest: tuple[Difference, ...] = ()
    for item in candidates:
        differences = wanted.selects(item.view)
        if best is None or len(differences) < len(fewest):
            best, fewest = item, differences
    return best, fewest


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answered look of a poll: what it showed as one view, or as items; `trouble` if nothing."""

    number: int
    at_us: int
    view: Any
    items: tuple[Item, ...] | None = None
    trouble: str | None = None


def decide_poll(
    wanted: Wanted, attempts: Sequence[Attempt], horizon_us: int, window: Window, *, final: bool = False
) -> Decision:
    """Decide a repeated read: it holds at the first attempt, by its stamp, that shows what is wanted."""
    last: tuple[Attempt, tuple[Difference, ...]] | None = None
    for attempt in attempts:
        if attempt.trouble is not None:
            continue
        found = _attempt_shows(wanted, attempt, attempts)
        if isinstance(found, Finding) and attempt.at_us > window.deadline_us and found.holds:
            by_us = attempt.at_us - window.deadline_us
            text = f"held {_s(by_us)} after its deadline of {_s(window.deadline_us - window.start_us)}"
            return Finding(wanted.subject, False, attempt.at_us, text, Late(by_us), attempt.view)
        if isinstance(found, Finding):
            return found
        if not isinstance(found, Pending):
            last = (attempt, found)
    enough_us = window.deadline_us if final else window.watch_us
    if horizon_us < enough_us:
        differs = f", when {last[1][0]}" if last and last[1] else ""
        return Pending(f"{wanted.subject} was read until {_s(horizon_us)}{differs}")
    within = _s(window.deadline_us - window.start_us)
    if last is None:
        troubles = [attempt.trouble for attempt in attempts if attempt.trouble]
        text = f"no read was answered within {within}" + (f": {troubles[-1]}" if troubles else "")
        return Finding(wanted.subject, False, window.deadline_us, text, LOST)
    attempt, differences = last
    shown = NOTHING if attempt.items is not None else attempt.view
    text = f"did not hold within {within}, in {len(attempts)} reads"
    return Finding(
        wanted.subject, False, window.deadline_us, text, shown, attempt.view, differences, (attempt.number,)
    )


def _attempt_shows(
    wanted: Wanted, attempt: Attempt, attempts: Sequence[Attempt]
) -> Finding | Pending | tuple[Difference, ...]:
    if attempt.items is None:
        differences = wanted.judge(attempt.view)
        if differences:
            return differences
        return Finding(wanted.subject, True, attempt.at_us, "holds", attempt.view, events=(attempt.number,))
    matching = [item for item in attempt.items if not wanted.selects(item.view)]
    if len(matching) < (wanted.count or 1):
        return _nearest(wanted, attempt.items)[1]
    later = [a for a in attempts if a.at_us >= attempt.at_us and a.items is not None]
    most = max(sum(not wanted.selects(item.view) for item in a.items or ()) for a in later)
    if wanted.count is not None and most > wanted.count:
        text = f"{wanted.count} were expected and there are {most}"
        return Finding(wanted.subject, False, attempt.at_us, text, Extra(most - wanted.count))
    if wanted.count is not None and later[-1].at_us < attempt.at_us + wanted.quiet_us:
        return Pending(f"{wanted.subject} waits for quiet")
    differences = tuple(d for item in matching for d in wanted.judge(item.view))
    text = "came as expected" if not differences else "came, and differs"
    view = matching[-1].view
    return Finding(
        wanted.subject, not differences, attempt.at_us, text, view, None, differences, (attempt.number,)
    )


def _s(us: int) -> str:
    return f"{us // 1_000_000}.{us % 1_000_000 // 1000:03d} s"
