"""Repeated reads hold at the first answer, by its stamp, that shows what is wanted; quiet has to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decide import Attempt, Item, decide_poll
from harness.finding import Decision, Finding, Pending, Window
from harness.matchers import LOST, NOTHING, Extra, Late

from .story import wanted, window


def attempt(number: int, at_us: int, size: int, trouble: str | None = None) -> Attempt:
    return Attempt(number, at_us, {"size": size}, None, trouble)


HOLDS = wanted(None, "{size: 5}")


@pytest.mark.parametrize(("at_us", "shown"), [(5_000_000, {"size": 5}), (5_000_001, Late(1))])
def test_a_read_holds_at_its_first_attempt_by_its_stamp(at_us: int, shown: object) -> None:
    """The deadline is judged by the answer's stamp, to the microsecond."""
    found = decide_poll(HOLDS, [attempt(1, 10, 4), attempt(2, at_us, 5)], at_us, window(5_000, 9_000))
    assert isinstance(found, Finding)
    assert (found.shown, found.at_us) == (shown, at_us)


def test_a_read_that_never_holds_shows_the_last_answer_and_how_many_there_were() -> None:
    """A missed read says how often it looked and shows what it saw last."""
    found = decide_poll(
        HOLDS,
        [attempt(1, 10, 3), attempt(2, 5_000_100, 4), attempt(3, 9_000_000, 5)],
        9_000_000,
        window(5_000),
    )
    assert isinstance(found, Finding)
    assert (found.text, found.shown) == ("did not hold within 5.000 s, in 2 reads", {"size": 4})


def test_reads_without_an_answer_are_lost_and_say_why() -> None:
    """No answer at all is no difference: it is lost, with the last trouble."""
    tries = [attempt(1, 10, 5, "ReadTimeout: 1"), attempt(2, 6_000_000, 5, "ReadTimeout: 2")]
    found = decide_poll(HOLDS, tries, 6_000_000, window(5_000))
    assert isinstance(found, Finding)
    assert (found.text, found.shown) == ("no read was answered within 5.000 s: ReadTimeout: 2", LOST)


def test_what_will_not_change_is_judged_at_once() -> None:
    """A read whose difference no later read can take back is not asked again; any other is."""
    first = replace(attempt(1, 10, 4), fixed=frozenset({"size"}))
    found = decide_poll(HOLDS, [first], 10, window(5_000))
    assert isinstance(found, Finding)
    assert (found.holds, found.text, found.at_us) == (False, "the answer differs, and will not change", 10)
    other = replace(first, fixed=frozenset({"price"}))
    assert isinstance(decide_poll(HOLDS, [other], 10, window(5_000)), Pending)


def listed(number: int, at_us: int, count: int, trouble: str | None = None) -> Attempt:
    items = tuple(Item(("tx", n), number, at_us, {"size": 5}) for n in range(count))
    return Attempt(number, at_us, [each.view for each in items], items, trouble)


def polled(attempts: Sequence[Attempt], within: Window) -> Decision:
    want = wanted("{size: 5}", None, count=1, quiet_us=2_000_000)
    return decide_poll(want, attempts, attempts[-1].at_us, within)


def test_a_counted_read_near_its_deadline_waits_for_quiet_beyond_it() -> None:
    """Seen at 4.9 s of 5: the quiet time after it is looked at, before anything is said."""
    early = [listed(1, 4_900_000, 1), listed(2, 5_200_000, 1)]
    assert polled(early, window(5_000)) == Pending("wait waits for quiet until 6.900 s")
    found = polled([*early, listed(3, 6_900_000, 1)], window(5_000))
    assert isinstance(found, Finding)
    assert found.holds


def test_a_counted_read_tells_every_extra_of_the_quiet_time_and_none_after_it() -> None:
    """Two more in the quiet time are two; what shows after the look that ended it is not asked."""
    two = [listed(1, 1_000_000, 1), listed(2, 2_000_000, 2), listed(3, 3_000_000, 3), listed(4, 4_000_000, 9)]
    found = polled(two, window(5_000))
    assert isinstance(found, Finding)
    assert (found.text, found.shown) == ("1 were expected and there are 3", Extra(2))


def test_quiet_is_not_shown_by_a_read_without_an_answer() -> None:
    """The look that should show the quiet was lost: that is a failure, never a pass."""
    found = polled([listed(1, 1_000_000, 1), listed(2, 3_000_000, 0, "refused")], window(5_000))
    assert isinstance(found, Finding)
    assert not found.holds
    assert found.text == "came, and the read after the quiet time was not answered: refused"


def test_a_list_that_never_holds_what_is_wanted_shows_nothing() -> None:
    """Logs that do not match are nothing, with the nearest one's differences."""
    want = wanted("{size: 6}", None)
    found = decide_poll(want, [listed(1, 6_000_000, 1)], 6_000_000, window(5_000))
    assert isinstance(found, Finding)
    assert found.shown is NOTHING
    assert len(found.differences) == 1


@given(
    sizes=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3), st.booleans()), min_size=1, max_size=12),
    within=st.tuples(st.integers(0, 15), st.integers(0, 15)),
    count=st.sampled_from([None, 1, 2]),
    listing=st.booleans(),
)
def test_a_read_is_decided_alike_one_answer_at_a_time_and_all_at_once(
    sizes: list[tuple[int, int, bool]], within: tuple[int, int], count: int | None, listing: bool
) -> None:
    """Deciding after each answer, as a runner does, gives what deciding with all recorded answers gives."""
    attempts: list[Attempt] = []
    at_us = 0
    for number, (gap, size, silent) in enumerate(sizes):
        at_us += gap
        trouble = "refused" if silent else None
        made = listed(number, at_us, size, trouble) if listing else attempt(number, at_us, size, trouble)
        attempts.append(made)
    attempts.append(listed(99, 200, 0) if listing else attempt(99, 200, 0))
    want = wanted("{size: 5}", None, count=count, quiet_us=4) if listing else wanted(None, "{size: 2}")
    limits = Window(0, 0, within[0], within[0] + within[1])
    at_once = decide_poll(want, attempts, 200, limits)
    steps = (decide_poll(want, attempts[: n + 1], attempts[n].at_us, limits) for n in range(len(attempts)))
    assert next(found for found in steps if isinstance(found, Finding)) == at_once
