"""Repeated reads: the first that shows what is wanted, by the stamp of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.decide.wanted import Item, Wanted, nearest_of
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import LOST, NOTHING, Difference, Extra, Late

MORE_PAGES: Final = (
    "not shown: there are more pages than the one that was read; narrow it by 'params', or say 'pages: all'"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answered look of a poll: what it showed as one view, or as items; `trouble` if nothing.

    `more` says that what it showed is one page of several, `listed` that it holds the list that the items
    are of: an answer without a list says nothing of what is not in it. `changing` says that its items are a
    state that goes on changing, so that the read goes on until one is as expected; what does not change (the
    logs of a chain) is judged at once. `fixed` are keys of its view that no later read will show otherwise.
    `wrong` says what is wrong with it whatever it shows.
    """

    number: int
    at_us: int
    view: Any
    items: tuple[Item, ...] | None = None
    trouble: str | None = None
    more: bool = False
    listed: bool = True
    changing: bool = False
    fixed: frozenset[str] = frozenset()
    wrong: str = ""


def decide_poll(
    wanted: Wanted, attempts: Sequence[Attempt], horizon_us: int, window: Window, *, final: bool = False
) -> Decision:
    """Decide a repeated read: it holds at the first attempt, by its stamp, that shows what is wanted.

    The attempts that count end with the first at or past the window's end, as a runner's do.
    """
    if wanted.never is not None or (wanted.instead is not None and wanted.for_nothing):
        return _decide_never(wanted, attempts, horizon_us, window)
    counting = _up_to(attempts, window.watch_us)
    within = seconds(window.deadline_us - window.start_us)
    last: tuple[Attempt, tuple[Difference, ...]] | None = None
    for attempt in counting:
        if attempt.wrong:
            return _wrong(wanted, attempt)
        if attempt.trouble is not None and wanted.instead is not None and not wanted.marked(LOST):
            return _lost(wanted, attempt, window)
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
        if attempt.at_us <= window.deadline_us and any(each.path in attempt.fixed for each in differences):
            return _never_will(wanted, attempt, differences)
        last = (attempt, differences)
    enough_us = window.deadline_us if final else window.watch_us
    if horizon_us < enough_us:
        lacking = f" and lacks {last[1][0]}" if last is not None and last[1] else ""
        if counting and counting[-1].trouble is not None:
            lacking = f", the last time in vain: {counting[-1].trouble}"
        return Pending(f"{wanted.subject} was read until {seconds(horizon_us)}{lacking}")
    if last is None:
        troubles = [attempt.trouble for attempt in counting if attempt.trouble]
        text = f"no read was answered within {within}" + (f": {troubles[-1]}" if troubles else "")
        return Finding(wanted.subject, False, window.deadline_us, text, LOST)
    attempt, differences = last
    shown = _shown(wanted, attempt)
    text = f"did not hold within {within}, in {len(counting)} reads"
    return Finding(
        wanted.subject, False, window.deadline_us, text, shown, attempt.view, differences, (attempt.number,)
    )


def _wrong(wanted: Wanted, attempt: Attempt) -> Finding:
    """A read that fails whatever is wanted of it."""
    numbers = (attempt.number,)
    return Finding(wanted.subject, False, attempt.at_us, attempt.wrong, attempt.view, events=numbers)


def _never_will(wanted: Wanted, attempt: Attempt, differences: tuple[Difference, ...]) -> Finding:
    """A read that shows what no later one will take back."""
    text, numbers = "the answer differs, and will not change", (attempt.number,)
    return Finding(wanted.subject, False, attempt.at_us, text, attempt.view, None, differences, numbers)


def _lost(wanted: Wanted, attempt: Attempt, window: Window) -> Finding:
    """A read that is expected to get no answer, and got none."""
    late_us = attempt.at_us - window.deadline_us
    text = f"no answer came: {attempt.trouble}"
    numbers = (attempt.number,)
    if late_us > 0:
        return Finding(
            wanted.subject, False, attempt.at_us, f"{text}, and late", Late(late_us), LOST, events=numbers
        )
    return Finding(wanted.subject, True, attempt.at_us, f"{text}, as expected", LOST, events=numbers)


def _up_to(attempts: Sequence[Attempt], end_us: int) -> Sequence[Attempt]:
    """The attempts up to and with the first at or past a moment."""
    past = next((at for at, attempt in enumerate(attempts) if attempt.at_us >= end_us), len(attempts))
    return attempts[: past + 1]


def _lacks(wanted: Wanted, attempt: Attempt) -> tuple[Difference, ...] | None:
    """How an attempt fails to be the one waited for; None where it is."""
    if attempt.items is None:
        return wanted.judge(attempt) or None
    selected = [item for item in attempt.items if not wanted.selects(item)]
    if len(selected) < (wanted.count or 1):
        return nearest_of(wanted, attempt.items)[1]
    if attempt.changing:
        return tuple(difference for item in selected for difference in wanted.judge(item)) or None
    return None


def _shown(wanted: Wanted, attempt: Attempt) -> Any:
    """What an attempt showed: its view, or of entries the last that was selected; nothing where none was."""
    if attempt.items is None or any(item.view is attempt.view for item in attempt.items):
        return attempt.view
    selected = [item.view for item in attempt.items or () if not wanted.selects(item)]
    return selected[-1] if selected else NOTHING


def _shows(wanted: Wanted, attempt: Attempt, attempts: Sequence[Attempt]) -> Decision:
    """Judge the attempt that was waited for; with `count`, when the quiet time after it was looked at."""
    numbers = (attempt.number,)
    if wanted.stable_us:
        unstable = _unstable(wanted, attempt, attempts)
        if unstable is not None:
            return unstable
    if attempt.items is None:
        if wanted.needs_all and attempt.more:
            return Finding(wanted.subject, False, attempt.at_us, MORE_PAGES, attempt.view, events=numbers)
        text = f"holds, and goes on for {seconds(wanted.stable_us)}" if wanted.stable_us else "holds"
        return Finding(wanted.subject, True, attempt.at_us, text, attempt.view, events=numbers)
    if wanted.count is not None:
        quiet_us = attempt.at_us + wanted.quiet_us
        later = _up_to([a for a in attempts if a.number >= attempt.number], quiet_us)
        if later[-1].at_us < quiet_us:
            return Pending(f"{wanted.subject} waits for quiet until {seconds(quiet_us)}")
        if later[-1].trouble is not None:
            text = f"came, and the read after the quiet time was not answered: {later[-1].trouble}"
            return Finding(wanted.subject, False, later[-1].at_us, text, LOST, events=numbers)
        if gone_wrong := next((each for each in later if each.wrong), None):
            return _wrong(wanted, gone_wrong)
        most = max(sum(not wanted.selects(item) for item in a.items or ()) for a in later)
        if most > wanted.count:
            text = f"{wanted.count} were expected and there are {most}"
            return Finding(
                wanted.subject, False, attempt.at_us, text, Extra(most - wanted.count), events=numbers
            )
    matching = [item for item in attempt.items if not wanted.selects(item)]
    differences = tuple(d for item in matching for d in wanted.judge(item))
    text = "came as expected" if not differences else "came, and differs"
    view = matching[-1].view
    return Finding(wanted.subject, not differences, attempt.at_us, text, view, None, differences, numbers)


def _unstable(wanted: Wanted, attempt: Attempt, attempts: Sequence[Attempt]) -> Decision | None:
    """Why what held does not go on holding as long as it should; None where it does."""
    until_us = attempt.at_us + wanted.stable_us
    later = _up_to([a for a in attempts if a.number >= attempt.number], until_us)
    for each in later:
        if each.wrong:
            return _wrong(wanted, each)
        differences = None if each.trouble is not None else _lacks(wanted, each)
        if differences is not None:
            text = f"held, and {seconds(each.at_us - attempt.at_us)} later no longer did"
            numbers = (attempt.number, each.number)
            shown, before = (_shown(wanted, one) for one in (each, attempt))
            return Finding(wanted.subject, False, each.at_us, text, shown, before, differences, numbers)
    if later[-1].at_us < until_us:
        return Pending(f"{wanted.subject} goes on being read until {seconds(until_us)}")
    if later[-1].trouble is not None:
        text = f"held, and the last read was not answered: {later[-1].trouble}"
        return Finding(wanted.subject, False, later[-1].at_us, text, LOST)
    return None


def _decide_never(wanted: Wanted, attempts: Sequence[Attempt], horizon_us: int, window: Window) -> Decision:
    """Decide a read that must never show something, over the whole window."""
    counting = _up_to(attempts, window.deadline_us)
    answered = [attempt for attempt in counting if attempt.trouble is None]
    for attempt in answered:
        if attempt.wrong:
            return _wrong(wanted, attempt)
        items = attempt.items or (Item((), attempt.number, attempt.at_us, attempt.view),)
        for item in () if attempt.items == () else items:
            if not wanted.unwanted(item):
                numbers = (attempt.number,)
                text = "is there, and should not be"
                return Finding(wanted.subject, False, attempt.at_us, text, item.view, events=numbers)
    if horizon_us < window.deadline_us:
        return Pending(f"{wanted.subject} was read until {seconds(horizon_us)}")
    within = seconds(window.deadline_us - window.start_us)
    at_us = window.deadline_us
    if not answered:
        return Finding(wanted.subject, False, at_us, f"no read was answered within {within}", LOST)
    if not all(attempt.listed for attempt in answered):
        unlisted = next(attempt for attempt in answered if not attempt.listed)
        text = "not shown: an answer held no list of entries"
        return Finding(wanted.subject, False, at_us, text, unlisted.view, events=(unlisted.number,))
    if any(attempt.more for attempt in answered):
        return Finding(wanted.subject, False, at_us, MORE_PAGES, answered[-1].view)
    text = f"never came within {within}, in {len(answered)} reads"
    return Finding(wanted.subject, True, at_us, text, NOTHING)
