"""Each actor gets an account of its own, and nobody is overtaken at what he waits for."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from harness.pool.matching import left_for_the_next, matched

NAMES = "abcd"
WANTS = st.dictionaries(
    st.sampled_from(["alice", "bob", "carol"]), st.lists(st.sampled_from(NAMES), unique=True), max_size=3
)
FREE = st.frozensets(st.sampled_from(NAMES))


@given(WANTS, FREE)
def test_a_match_is_found_where_there_is_one(wants: dict[str, list[str]], free: frozenset[str]) -> None:
    """All get what would do for them, no two the same; none only where trying every way finds none."""
    found = matched(wants, free)
    ways = [
        way
        for way in itertools.product(*([name for name in each if name in free] for each in wants.values()))
        if len(set(way)) == len(way)
    ]

    if found is None:
        assert ways == []
    else:
        assert tuple(found[actor] for actor in wants) in ways


@given(st.lists(WANTS, max_size=3), WANTS, FREE)
def test_who_came_later_overtakes_nobody(
    before: list[dict[str, list[str]]], mine: dict[str, list[str]], free: frozenset[str]
) -> None:
    """Whoever could have all that he wants still can, after one who came later took his."""
    taken = matched(mine, left_for_the_next(before, free)) or {}
    after = free - frozenset(taken.values())

    if before and matched(before[0], free) is not None:
        assert matched(before[0], after) is not None


def test_one_who_waits_for_two_gets_them_in_the_end() -> None:
    """While one waits for both accounts, nobody who came later gets the one that is free."""
    both, one = {"alice": ["a", "b"], "bob": ["a", "b"]}, {"alice": ["a", "b"]}

    assert left_for_the_next([both], frozenset("a")) == frozenset()
    assert left_for_the_next([both], frozenset("abc")) == frozenset("c")
    assert left_for_the_next([one], frozenset("ab")) == frozenset("b")
