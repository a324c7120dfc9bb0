"""Many cases that fail alike are told as one finding, and no gate says 0 over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from e2e.bench import Bench
from hypothesis import given
from hypothesis import strategies as st

from harness.report import records
from harness.report.alike import alike
from harness.report.markdown import markdown

GIVEN = "given 'given.{at}': the answer differs: status: expected 200, found 500"
DOWN = (
    "the target {when}: the chain's node does not answer: T012 connecting, after 0 bytes: refused (4{at}123)"
)


def judged(
    at: int, word: str = "holds", why: str = "every step and check holds", **more: Any
) -> dict[str, Any]:
    lost = records.lost(f"ESC-{at}", "staging", "2", why)
    return {**lost, "word": word, "started_at": f"2026-11-01T00:00:{at:02}Z", **more}


def provisioning(at: int) -> dict[str, Any]:
    return judged(at, "inconclusive", GIVEN.format(at=at % 3), code="T005")


def down(at: int) -> dict[str, Any]:
    when = ("was down before the run", "went down during the run")[at % 2]
    return judged(at, "inconclusive", DOWN.format(when=when, at=at), code="T001")


@given(st.integers(0, 12), st.integers(0, 12))
def test_provisioning_that_fails_alike_never_exits_0(bad: int, good: int) -> None:
    """Where most cases are refused alike while the target is up, it is one finding, whatever is allowed."""
    held = [provisioning(at) for at in range(bad)] + [judged(20 + at) for at in range(good)]
    gate = records.gate([records.document(held, [each["item"] for each in held])], allow_inconclusive=99)
    most = bad >= 3 and bad > good
    assert (gate.code == 3) == most
    assert gate.code in (0, 3) or not held
    assert [(len(each.items), each.of, each.is_down) for each in gate.alike] == (
        [(bad, bad + good, False)] if most else []
    )
    assert ("one finding" in gate.why and "the product, it seems: the target is up" in gate.why) == most


def test_an_outage_is_one_line_and_no_product(tmp_path: Path) -> None:
    """A channel that was down is told once with its cases, before and during alike, at the top of all."""
    bench = Bench.make(tmp_path)
    held = [down(at) for at in range(10)] + [judged(20 + at) for at in range(4)]
    items = [each["item"] for each in held]
    records.write(tmp_path / "v.json", records.document(held, items))
    asked = {"target": "staging", "build": "2", "k": "", "m": ""}
    plan = {"number": 1, "of": 1, **asked, "cases": items, "share": items, "digest": "sha256:0"}
    records.write(tmp_path / "part.json", records.document(held, items, plan))

    gate = bench.harness("gate", "v.json", "--allow-inconclusive", "50")
    report = bench.harness("report", "v.json", "--markdown", "m.md")
    merge = bench.harness("merge", "part.json", "-o", "all.json")

    line = "one finding: 10 of 14 fail alike: an outage: the target was down before the run: the chain's node"
    assert gate.code == 3
    for told in (gate, report, merge):
        assert told.out.startswith(line), told.out
    assert (tmp_path / "m.md").read_text().startswith("**One finding**: `10 of 14 fail alike: an outage: ")


def test_a_channel_that_few_cases_need_is_told_and_may_be_allowed() -> None:
    """Three cases whose gateway was down are one line; so many may be undecided, if somebody says so."""
    held = [down(at) for at in range(3)] + [judged(20 + at) for at in range(9)]
    document = records.document(held, [each["item"] for each in held])
    assert [str(each)[:19] for each in alike(held)] == ["3 of 12 fail alike:"]
    assert records.gate([document]).code == 3
    assert records.gate([document], allow_inconclusive=3).code == 0
    assert "**One finding**: `3 of 12 fail alike: an outage" in markdown(document)


def test_all_that_changed_alike_is_the_products() -> None:
    """When every answer is the same wrong one, it is one finding, and the product's (1)."""
    text = "'it' fails: the answer differs; status: expected 200, found 403"
    held = [judged(at, "changed", text.replace("it", f"step{at}")) for at in range(5)]
    gate = records.gate([records.document(held, [each["item"] for each in held])])
    assert (gate.code, len(gate.alike)) == (1, 1)
    assert "one finding: 5 of 5 fail alike: the product: 'step0' fails" in gate.why


@pytest.mark.parametrize(
    "held",
    [
        [provisioning(1), provisioning(2)],
        [judged(at, "regressed", "shows the symptom at 'buy'") for at in range(9)],
        [judged(at, "changed", f"status: expected 200, found 50{at}") for at in range(4)],
        [{**provisioning(at), "started_at": None} for at in range(9)],
        [{**provisioning(at), "target": "replay"} for at in range(9)],
    ],
    ids=["two", "their own symptoms", "other statuses", "never ran", "replays"],
)
def test_what_only_looks_alike_is_not(held: list[dict[str, Any]]) -> None:
    """Two cases may fail alike by chance; symptoms, other statuses, lost shards and replays are no outage."""
    assert alike(held) == []


@pytest.mark.parametrize(
    ("code", "whose"),
    [
        ("T030", "the exchange says not now"),
        ("T046", "the runs stand in each other's way"),
        ("T047", "two clocks differ"),
        ("T005", "the product, it seems: the target is up"),
    ],
)
def test_what_is_nobody_s_is_not_suspected(code: str, whose: str) -> None:
    """A halt, a turn or a clock that most cases meet is told as what it is, and the gate is not 0."""
    held = [judged(at, "inconclusive", "not taken", code=code) for at in range(4)]
    gate = records.gate([records.document(held, [each["item"] for each in held])], allow_inconclusive=99)
    assert gate.code == 3
    assert f"4 of 4 fail alike: {whose}: not taken" in gate.why
