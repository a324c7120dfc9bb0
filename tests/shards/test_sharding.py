"""Where a case goes: to one shard, by its id and the durations alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.report import records
from harness.sharding import Shard, balanced, durations_of, read_durations

IDS = st.integers(1, 9_999).map(lambda number: f"ESC-{number}")
CASES = st.sets(IDS, max_size=60)
DURATIONS = st.dictionaries(IDS, st.integers(0, 100_000), max_size=40)
ASKED = {"target": "replay", "build": None, "k": "", "m": ""}


def shards(of: int, durations: dict[str, int]) -> list[Shard]:
    return [Shard.parse(f"{number}/{of}", durations) for number in range(1, of + 1)]


@given(CASES, DURATIONS, st.integers(1, 40))
def test_shards_are_a_partition(cases: set[str], durations: dict[str, int], of: int) -> None:
    """Every case is in one shard and no other, whatever is known of durations; all plans have one digest."""
    plans = [each.plan(cases, ASKED) for each in shards(of, durations)]
    assert sorted(case for plan in plans for case in plan["share"]) == sorted(cases)
    assert len({plan["digest"] for plan in plans}) == 1
    assert all(plan["cases"] == sorted(cases) for plan in plans)


@given(CASES, CASES, DURATIONS, st.integers(1, 40))
def test_an_added_case_moves_no_other(
    cases: set[str], added: set[str], durations: dict[str, int], of: int
) -> None:
    """The shards of what was there stay what they were, and the digest tells that there is more."""
    for each in shards(of, durations):
        before, after = each.plan(cases, ASKED), each.plan(cases | added, ASKED)
        assert set(before["share"]) == set(after["share"]) - (added - cases)
        assert (before["digest"] == after["digest"]) == (added <= cases)


@given(st.dictionaries(IDS, st.integers(0, 100_000), min_size=1), st.integers(1, 16))
def test_durations_balance(durations: dict[str, int], of: int) -> None:
    """No shard has more to do than another by more than the longest case."""
    placed = balanced(durations, of)
    loads = [sum(ms + 1 for case, ms in durations.items() if placed[case] == at) for at in range(1, of + 1)]
    assert max(loads) - min(loads) <= max(durations.values()) + 1


def test_ten_thousand_cases_are_even_without_durations() -> None:
    """A hash spreads cases: no shard of sixteen has a fifth more than its part."""
    cases = [f"ESC-{number}" for number in range(10_000)]
    sizes = [sum(map(each.takes, cases)) for each in shards(16, {})]
    assert max(sizes) < 625 * 1.2


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "1/0", "1/1001", "3 /16", "-1/4", "01/4", "1/2/3"])
def test_a_bad_spelling_is_refused(text: str) -> None:
    """What is not I/N, or no part of N, is U080."""
    with pytest.raises(HarnessError, match="U080"):
        Shard.parse(text, {})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"durations": 2, "milliseconds": {}}',
        '{"durations": 1, "milliseconds": {"x": 1}}',
        '{"durations": 1, "milliseconds": {"ESC-1": -1}}',
        '{"durations": 1, "milliseconds": {}, "more": 1}',
    ],
)
def test_damaged_durations_are_refused(tmp_path: Path, text: str) -> None:
    """A durations file that says anything else is U081: machines must not guess differently."""
    path = tmp_path / "durations.json"
    path.write_text(text)
    with pytest.raises(HarnessError, match="U081"):
        read_durations(path)


def test_durations_are_a_cases_sum_and_keep_what_was_not_judged(tmp_path: Path) -> None:
    """All items of a case count together; a case that did not run now keeps its figure."""
    items: list[dict[str, Any]] = [
        {**records.lost(f"ESC-1[{proof}]", "replay", None, ""), "took_ms": 20}
        for proof in ("broken", "fixed")
    ]
    path = tmp_path / "durations.json"
    path.write_bytes(durations_of([records.document(items, [])], {"ESC-1": 7, "ESC-2": 9}))
    assert read_durations(path) == {"ESC-1": 40, "ESC-2": 9}
