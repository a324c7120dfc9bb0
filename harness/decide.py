"""Deciding waits: pure functions of what came, of stamps, and of how far it was watched.

Live and replay call the same functions with the same values, so a verdict cannot depend on when the runner
happened to look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.finding import Decision, Finding, Pending, Window, ending
from harness.matchers import LOST, NOTHING, Closed, Difference, Expectation, Extra, Late, match
from harness.model import Event, Kind
from harness.references import Template

SUBSCRIBED_US: Final = 5_000_000
"""A subscription is accepted when anything but a close comes back within this time."""

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
        return Pending(f"{wanted.subject} was watched until {_s(watched.horizon_us)}"), ()
    return _missing(wanted, window, candidates, matching, ended), ()


def _came(
    wanted: Wanted, watched: Watched, matching: Sequence[Item], need: int
) -> tuple[Decision, tuple[Item, ...]]:
    taken = tuple(matching[:need])
    last = taken[-1]
    if wanted.count is not None:
        quiet_us = last.at_us + wanted.quiet_us
        if watched.horizon_us < quiet_us:
            return Pending(f"{wanted.subject} waits for quiet until {_s(quiet_us)}"), ()
        extra = [item for item in matching[need:] if item.at_us <= quiet_us]
        if extra:
            text = f"{need} were expected and {len(extra)} more came within {_s(wanted.quiet_us)}"
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
    within = _s(window.deadline_us - window.start_us)
    seen = candidates[-1].view if candidates else None
    need = wanted.count or 1
    if len(matching) >= need:
        late = matching[need - 1]
        by_us = late.at_us - window.deadline_us
        text = f"came {_s(by_us)} after its deadline of {within}"
        return Finding(wanted.subject, False, late.at_us, text, Late(by_us), late.view, events=(late.number,))
    if ended is not None:
        text = f"the connection was closed ({_why(ended)}) before it came"
        at_us = max(ended.at_us, window.start_us)
        return Finding(wanted.subject, False, at_us, text, _shown(ended), seen, events=(ended.number,))
    text = f"did not come within {within}"
    if matching:
        text = f"only {len(matching)} of {need} came within {within}"
    nearest, differences = _nearest(wanted, candidates)
    if nearest is not None and not matching:
        text += f"; the nearest of {len(candidates)} events differs"
    return Finding(wanted.subject, False, window.deadline_us, text, NOTHING, seen, differences)


def decide_subscribed(subject: str, events: Sequence[Event], sent: Event, horizon_us: int) -> Decision:
    """Decide a subscription: anything that comes back but a close, within its time, accepts it."""
    until_us = sent.at_us + SUBSCRIBED_US
    for event in events:
        if event.number < sent.number or event.at_us > until_us:
            continue
        if event.kind is Kind.CLOSED and event.at_us <= horizon_us:
            text = f"was refused: the connection was closed ({_why(event)})"
            return Finding(subject, False, event.at_us, text, _shown(event), events=(event.number,))
        if event.kind is Kind.PUSH:
            return Finding(subject, True, event.at_us, "subscribed", events=(event.number,))
    if horizon_us < until_us:
        return Pending(f"the subscription was watched until {_s(horizon_us)}")
    return Finding(subject, False, until_us, f"was not answered within {_s(SUBSCRIBED_US)}", NOTHING)


ANSWERED: Final = {"logon": ("Logon", False), "logout": ("Logout", True)}
"""FIX verbs that the peer answers: with what, and whether closing is an answer too."""


def decide_answered(
    subject: str,
    verb: str,
    events: Sequence[Event],
    messages: Callable[[Event], Sequence[Any]],
    sent: Event,
    horizon_us: int,
) -> Decision:
    """Decide a FIX logon or logout: the same message answers; a Logout to a Logon refuses."""
    answer, close_is_one = ANSWERED[verb]
    until_us = sent.at_us + SUBSCRIBED_US
    for event in events:
        if event.number < sent.number or event.at_us > until_us:
            continue
        if event.kind is Kind.CLOSED and event.at_us <= horizon_us:
            text = f"the connection was closed ({_why(event)})"
            return Finding(subject, close_is_one, event.at_us, text, _shown(event), events=(event.number,))
        for view in messages(event) if event.kind is Kind.PUSH else ():
            name = next(iter(view), "")
            if name in (answer, "Logout"):
                text = f"{name} came" if name == answer else f"was refused: {view[name].get('Text', name)}"
                return Finding(subject, name == answer, event.at_us, text, view, events=(event.number,))
    if horizon_us < until_us:
        return Pending(f"the answer was waited for until {_s(horizon_us)}")
    return Finding(subject, False, until_us, f"was not answered within {_s(SUBSCRIBED_US)}", NOTHING)


def _why(ended: Event) -> str:
    return ending(ended.data["code"], ended.data["reason"])


def _shown(ended: Event) -> Any:
    code, reason = ended.data["code"], ended.data["reason"]
    return LOST if code is None else Closed(code, reason)


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
    """Decide a repeated read: it holds at the first attempt, by its stamp, that shows what is wanted.

    The attempts that count end with the first at or past the window's end, as a runner's do.
    """
    counting = _up_to(attempts, window.watch_us)
    within = _s(window.deadline_us - window.start_us)
    last: tuple[Attempt, tuple[Difference, ...]] | None = None
    for attempt in counting:
        if attempt.trouble is not None:
            continue
        differences = _lacks(wanted, attempt)
        if differences is None and attempt.at_us > window.deadline_us:
            by_us = attempt.at_us - window.deadline_us
            text = f"held {_s(by_us)} after its deadline of {within}"
            numbers = (attempt.number,)
            return Finding(
                wanted.subject, False, attempt.at_us, text, Late(by_us), attempt.view, events=numbers
            )
        if differences is None:
            return _shows(wanted, attempt, attempts)
        last = (attempt, differences)
    enough_us = window.deadline_us if final else window.watch_us
    if horizon_us < enough_us:
        return Pending(f"{wanted.subject} was read until {_s(horizon_us)}")
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
    return None if len(selected) >= (wanted.count or 1) else _nearest(wanted, attempt.items)[1]


def _shows(wanted: Wanted, attempt: Attempt, attempts: Sequence[Attempt]) -> Decision:
    """Judge the attempt that was waited for; with `count`, when the quiet time after it was looked at."""
    numbers = (attempt.number,)
    if attempt.items is None:
        return Finding(wanted.subject, True, attempt.at_us, "holds", attempt.view, events=numbers)
    if wanted.count is not None:
        quiet_us = attempt.at_us + wanted.quiet_us
        later = _up_to([a for a in attempts if a.number >= attempt.number], quiet_us)
        if later[-1].at_us < quiet_us:
            return Pending(f"{wanted.subject} waits for quiet until {_s(quiet_us)}")
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


def _s(us: int) -> str:
    return f"{us // 1_000_000}.{us % 1_000_000 // 1000:03d} s"
