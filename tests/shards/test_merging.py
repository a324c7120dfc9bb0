"""Verdicts of parts, made one: nothing lost, nothing twice, nothing of another run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.report import records
from harness.report.junit import junit
from harness.report.markdown import markdown
from harness.report.merged import merged
from harness.sharding import Shard

WORDS = st.sampled_from(
    ["holds", "regressed", "changed", "still-broken", "verified", "inconclusive", "invalid"]
)
RUNS = st.dictionaries(st.integers(1, 999).map(lambda number: f"ESC-{number}"), WORDS, max_size=30)
ASKED = {"target": "staging", "build": "2026.11.2", "k": "", "m": ""}


def record(item: str, word: str) -> dict[str, Any]:
    return {**records.lost(item, "staging", "2026.11.2", "so it was"), "word": word, "took_ms": 12}


def parts(run: dict[str, str], of: int, **asked: Any) -> dict[str, dict[str, Any]]:
    """The verdicts that each of `of` machines leaves of a run."""
    made = {}
    for number in range(1, of + 1):
        shard = Shard.parse(f"{number}/{of}", {}).plan(run, {**ASKED, **asked})
        items = shard["share"]
        kept = [record(item, run[item]) for item in items]
        made[f"{number}.json"] = records.document(kept, items, shard)
    return made


@given(RUNS, st.integers(1, 12))
def test_a_split_run_merged_is_the_run(run: dict[str, str], of: int) -> None:
    """Split over any number of machines and merged, a run's document is what one machine leaves."""
    whole = records.document([record(item, word) for item, word in run.items()], list(run))
    assert merged(parts(run, of)) == whole


@given(RUNS.filter(bool), st.integers(2, 6), st.data())
def test_a_lost_part_is_seen(run: dict[str, str], of: int, data: st.DataObject) -> None:
    """Each case of a part that left nothing is inconclusive: not run; the gate, JUnit and table say it."""
    left = parts(run, of)
    gone = left.pop(data.draw(st.sampled_from(sorted(left))))["plan"]["shard"]
    one = merged(left)
    told = {each["item"]: each for each in one["records"]}
    assert sorted(told) == sorted(run)
    assert all(told[case]["word"] == "inconclusive" for case in gone["share"])
    assert all(
        f"not run: no verdicts came of shard {gone['number']}/" in told[case]["why"] for case in gone["share"]
    )
    if gone["share"]:
        assert records.gate([one]).code != 0
        assert gone["share"][0] in junit(one).decode()
        assert "not run: no verdicts came of shard" in markdown(one)


def test_a_part_that_was_killed_is_seen() -> None:
    """What a part planned and did not judge is inconclusive: not run."""
    left = parts({f"ESC-{number}": "holds" for number in range(20)}, 3)
    last = left["2.json"]["records"].pop()
    one = merged(left)
    assert [each["why"] for each in one["records"] if each["word"] == "inconclusive"] == [
        "not run: shard 2/3 ended before it"
    ]
    assert records.gate([one]).why == f"could not tell: {last['item']}"


RUN = {"ESC-1": "holds", "ESC-2": "holds", "ESC-3": "changed"}


@pytest.mark.parametrize(
    "other",
    [
        {"target": "venue"},
        {"build": "2026.11.3"},
        {"k": "ESC-1"},
        {"m": "slow"},
    ],
    ids=str,
)
def test_parts_of_different_runs_are_refused(other: dict[str, str]) -> None:
    """Another target, build or selection, another number of parts or of cases: V002, and it says which."""
    left = parts(RUN, 2)
    left["2.json"] = parts(RUN, 2, **other)["2.json"]
    with pytest.raises(
        HarnessError, match=f"V002 1[.]json and 2[.]json are not of one run: {next(iter(other))} is"
    ):
        merged(left)


def test_other_plans_and_whole_runs_are_refused() -> None:
    """A plan of other cases, other parts, or of no parts at all is V002."""
    left = parts(RUN, 2)
    for stranger in (
        parts({**RUN, "ESC-4": "holds"}, 2)["2.json"],
        parts(RUN, 3)["2.json"],
        records.document([], []),
        {**left["2.json"], "harness": "9.9.9"},
    ):
        with pytest.raises(HarnessError, match="V002"):
            merged({"1.json": left["1.json"], "2.json": stranger})


@pytest.mark.parametrize(
    "wrong", [{"number": 0}, {"of": "2"}, {"cases": None}, {"share": [1]}, {"share": ["ESC-77"]}], ids=str
)
def test_a_damaged_part_is_refused(wrong: dict[str, Any]) -> None:
    """A plan whose numbers or ids are none is V002, and no traceback; nor is a file that names no harness."""
    one = parts(RUN, 1)["1.json"]
    one["plan"]["shard"] |= wrong
    del one["harness"]
    with pytest.raises(HarnessError, match="V002"):
        merged({"1.json": one})


def test_what_overlaps_or_was_edited_is_refused() -> None:
    """The same part twice, a record twice, or a record that the plan does not have is V003."""
    left = parts(RUN, 2)
    with pytest.raises(HarnessError, match=r"V003 1[.]json and again[.]json are both of shard 1/2"):
        merged({**left, "again.json": left["1.json"]})
    one = parts(RUN, 1)["1.json"]
    for more in (one["records"][0], record("ESC-9", "holds")):
        with pytest.raises(HarnessError, match="V003"):
            merged({"1.json": {**one, "records": [*one["records"], more]}})
