"""Repeated reads: the first that shows what is wanted, by the stamp of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.decide.waits import Item, Wanted, nearest_of
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import LOST, NOTHING, Difference, Extra, Late


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
    """Decide a repeated read: it holds at the first attempt, by its stamp, that shows what is wanted.

    The attempts that count end with the first at or past the window's end, as a runner's do.
    """
    counting = _up_to(attempts, window.watch_us)
    within = seconds(window.deadline_us - window.start_us)
    last: tuple[Attempt, tuple[Difference, ...]] | None = None
    for attempt in counting:
        if attempt.trouble is not None:
            continue
        differences = _lacks(wanted, attempt)
        if differences is None and attempt.at_us > window.deadline_us:
            by_us = attempt.at_us - window.deadline_us
            text = f"held {seconds(by_us)} after its deadline of {within}"
            numbers = (attempt.number,)
            return Finding(
                wanted.subject, False, attempt.at_us, text, Late(by_us), attempt.view, events=numbers
            )
        if differences is None:
            return _shows(wanted, attempt, attempts)
        last = (attempt, differences)
    enough_us = window.deadline_us if final else window.watch_us
    if horizon_us < enough_us:
        lacking = f" and lacks {last[1][0]}" if last is not None and last[1] else ""
        return Pending(f"{wanted.subject} was read until {seconds(horizon_us)}{lacking}")
    if last is None:
        troubles = [attempt.trouble for attempt in counting if attempt.trouble]
        text = f"no read was answered within {within}" + (f": {troubles[-1]}" if troubles else "")
        return Finding(wanted.subject, False, window.deadline_us, text, LOST)
    attempt, differences = last
    shown = NOTHING if attempt.items is not None else attempt.view
    text = f"did not hold within {within}, in {len(counting)} reads"
    return Finding(
        wanted.subject, False, window.deadline_us, text, shown, attempt.view, differences, (attempt.number,)
    )


def _up_to(attempts: Sequence[Attempt], end_us: int) -> Sequence[Attempt]:
    """The attempts up to and with the first at or past a moment."""
    past = next((at for at, attempt in enumerate(attempts) if attempt.at_us >= end_us), len(attempts))
    return attempts[: past + 1]


def _lacks(wanted: Wanted, attempt: Attempt) -> tuple[Difference, ...] | None:
    """How an attempt fails to be the one waited for; None where it is."""
    if attempt.items is None:
        return wanted.judge(attempt.view) or None
    selected = [item for item in attempt.items if not wanted.selects(item.view)]
    return None if len(selected) >= (wanted.count or 1) else nearest_of(wanted, attempt.items)[1]


def _shows(wanted: Wanted, attempt: Attempt, attempts: Sequence[Attempt]) -> Decision:
    """Judge the attempt that was waited for; with `count`, when the quiet time after it was looked at."""
    numbers = (attempt.number,)
    if attempt.items is None:
        return Finding(wanted.subject, True, attempt.at_us, "holds", attempt.view, events=numbers)
    if wanted.count is not None:
        quiet_us = attempt.at_us + wanted.quiet_us
        later = _up_to([a for a in attempts if a.number >= attempt.number], quiet_us)
        if later[-1].at_us < quiet_us:
            return Pending(f"{wanted.subject} waits for quiet until {seconds(quiet_us)}")
        if later[-1].trouble is not None:
            text = f"came, and the read after the quiet time was not answered: {later[-1].trouble}"
            return Finding(wanted.subject, False, later[-1].at_us, text, LOST, events=numbers)
        most = max(sum(not wanted.selects(item.view) for item in a.items or ()) for a in later)
        if most > wanted.count:
            text = f"{wanted.count} were expected and there are {most}"
            return Finding(
                wanted.subject, False, attempt.at_us, text, Extra(most - wanted.count), events=numbers
            )
    matching = [item for item in attempt.items if not wanted.selects(item.view)]
    differences = tuple(d for item in matching for d in wanted.judge(item.view))
    text = "came as expected" if not differences else "came, and differs"
    view = matching[-1].view
    return Finding(wanted.subject, not differences, attempt.at_us, text, view, None, differences, numbers)
