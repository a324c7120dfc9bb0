"""Live and replay decide alike: who looks again and again first decides what one who sees all decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.case.values import Fault
from harness.decide import Attempt, Item, Watched, decide_poll, decide_wait
from harness.faults import delayed, faulted
from harness.finding import Decision, Finding, Window
from harness.model import By, Event, Kind

from .story import USER, expecting, wanted

FAR_US = 60_000_000
WORDS = st.sampled_from(["A", "B", "pong"])
TOLD = st.lists(st.tuples(st.integers(0, 40), WORDS), max_size=8)
WITHIN = st.tuples(st.integers(0, 15), st.integers(0, 15))
LOOKS = st.lists(st.integers(0, 60), max_size=12)
WAITS: dict[str, dict[str, Any]] = {
    "where": {"where": "{is: {$in: [A, B]}}", "expect": "{is: A}"},
    "count": {"where": "{is: A}", "count": 2, "quiet_us": 5},
    "nothing": {"where": "{is: A}", "expect": "{$nothing}"},
    "closed": {"expect": "{$closed: {code: 1006}}"},
    "lost": {"expect": "{$lost}"},
    "never": {"never": "{is: A}"},
}
FAULTS = st.sampled_from([None, Fault("delay", 6), Fault("duplicate"), Fault("reorder"), Fault("cut")])


def waiting(kind: str) -> Any:
    words = dict(WAITS[kind])
    never = words.pop("never", None)
    where, expect = words.pop("where", None), words.pop("expect", None)
    return wanted(where, expect, never=None if never is None else expecting(never), **words)


def first(decisions: Sequence[Decision], whole: Decision) -> Decision:
    return next((found for found in decisions if isinstance(found, Finding)), whole)


@given(
    kind=st.sampled_from(sorted(WAITS)),
    told=TOLD,
    looks=LOOKS,
    within=WITHIN,
    ended=st.none() | st.integers(0, 40),
    fault=FAULTS,
    cause=st.integers(0, 3),
)
def test_a_wait_is_decided_alike_with_every_word_and_fault(
    kind: str,
    told: list[tuple[int, str]],
    looks: list[int],
    within: tuple[int, int],
    ended: int | None,
    fault: Fault | None,
    cause: int,
) -> None:
    """Silence, ends, counts and message faults: whoever looks at whatever moments finds the same."""
    events = [
        Event(n, at, Kind.PUSH, USER, by=By.PEER, data={"is": w}) for n, (at, w) in enumerate(sorted(told))
    ]
    if ended is not None:
        before = [event for event in events if event.at_us <= ended]
        end = Event(len(before), ended, Kind.CLOSED, USER, by=By.PEER, data={"code": 1006, "reason": ""})
        events = [*before, end]
    want, limits = waiting(kind), Window(cause, 0, within[0], sum(within))

    def look(at_us: int) -> Decision:
        seen = [event for event in events if event.at_us <= at_us]
        pushed = [event for event in seen if event.kind is Kind.PUSH]
        items = [Item((e.number, 0), e.number, e.at_us, e.data) for e in pushed if e.data["is"] != "pong"]
        over = next((e for e in seen if e.kind is Kind.CLOSED and e.number > cause), None)
        shown = faulted(items, fault, cause)
        return decide_wait(want, Watched(shown, at_us, over, pushed), limits, ())[0]

    whole = look(FAR_US)
    assert isinstance(whole, Finding)
    assert first([look(at_us) for at_us in sorted(looks)], whole) == whole


def entries(number: int, at_us: int, size: int) -> Attempt:
    items = tuple(Item((number, n), number, at_us, {"is": "A"}) for n in range(size))
    return Attempt(number, at_us, {"size": size}, items)


def state(number: int, at_us: int, size: int) -> Attempt:
    items = (Item((number,), number, at_us, {"is": "A", "size": size}),)
    return Attempt(number, at_us, {"size": size}, items, changing=True)


def one(number: int, at_us: int, size: int) -> Attempt:
    return Attempt(number, at_us, {"size": size})


def resent(number: int, at_us: int, size: int) -> Attempt:
    view = {"size": size}
    return Attempt(number, at_us, view, (Item((number,), number, at_us, view),))


READS: dict[str, tuple[Callable[[int, int, int], Attempt], dict[str, Any]]] = {
    "once it holds": (one, {"expect": "{size: 2}"}),
    "stable": (one, {"expect": "{size: {$gte: 1}}", "stable_us": 6}),
    "entries": (entries, {"where": "{is: A}"}),
    "changing": (state, {"where": "{is: A}", "expect": "{size: 2}"}),
    "changing and stable": (state, {"where": "{is: A}", "expect": "{size: {$gte: 1}}", "stable_us": 6}),
    "counted": (entries, {"where": "{is: A}", "count": 2, "quiet_us": 5}),
    "never": (entries, {"never": "{is: A}"}),
    "nothing": (entries, {"where": "{is: A}", "expect": "{$nothing}"}),
    "lost": (one, {"expect": "{$lost}"}),
    "sent again": (resent, {"where": "{size: {$gte: 1}}", "expect": "{size: 2}"}),
}


@given(
    kind=st.sampled_from(sorted(READS)),
    sizes=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3), st.booleans()), min_size=1, max_size=12),
    within=WITHIN,
    late_us=st.sampled_from([0, 4]),
)
def test_a_read_is_decided_alike_with_every_word_and_fault(
    kind: str, sizes: list[tuple[int, int, bool]], within: tuple[int, int], late_us: int
) -> None:
    """One answer at a time or all at once, answered or not, delayed or not: the finding is the same."""
    made, words = READS[kind]
    words = dict(words)
    never = words.pop("never", None)
    where, expect = words.pop("where", None), words.pop("expect", None)
    want = wanted(where, expect, never=None if never is None else expecting(never), **words)
    attempts: list[Attempt] = []
    at_us = 0
    for number, (gap, size, silent) in enumerate(sizes):
        at_us += gap
        attempt = made(number, at_us, size)
        if silent:
            attempt = Attempt(number, at_us, None, None, "refused")
        attempts.append(delayed(attempt, late_us))
    attempts.append(delayed(made(99, FAR_US, 0), late_us))
    limits = Window(0, 0, within[0], sum(within))

    def after(reads: int) -> Decision:
        return decide_poll(want, attempts[:reads], attempts[reads - 1].at_us - late_us, limits)

    whole = decide_poll(want, attempts, FAR_US, limits)
    assert isinstance(whole, Finding)
    assert first([after(reads) for reads in range(1, len(attempts) + 1)], whole) == whole
