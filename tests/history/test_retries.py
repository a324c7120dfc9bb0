"""No second try turns a red into a green: what is red and green on one build is flaky, and told so."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from e2e.bench import Bench
from hypothesis import given
from hypothesis import strategies as st

from harness.history import add, flaky, of_case, opened
from harness.report import records
from harness.report.junit import junit
from harness.report.markdown import markdown
from harness.report.retries import combined, runs_of
from harness.report.words import is_red

WORDS = ("holds", "regressed", "changed", "still-broken", "verified", "inconclusive", "invalid")
FLIPS = """
import json, pathlib
from harness.own import step

@step("toss")
def toss(actor):
    tossed = pathlib.Path("tossed")
    count = int(tossed.read_text()) if tossed.exists() else 0
    tossed.write_text(str(count + 1))
    return {"side": "heads" if count else "tails"}
"""
CASE = """\
id: ESC-3001
title: "A coin that falls on tails first"
status: open
severity: minor
component: own
actors: {alice: trader}
steps:
  - {id: it, toss: {}, as: alice, expect: {side: heads}}
symptom: {step: it, shows: {side: edge}}
"""


def one(word: str, at: int) -> dict[str, Any]:
    lost = records.lost("ESC-1", "staging", "1", f"run {at}")
    return {**lost, "word": word, "started_at": f"2026-11-0{at}T00:00:00Z", "took_ms": at}


@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=5))
def test_the_worse_word_stands_whatever_the_order(words: list[str]) -> None:
    """Of many runs of an item the worst that told something counts, all are kept in order, and red and green
    is flaky."""
    runs = [one(word, at) for at, word in enumerate(words, 1)]
    told = runs[0]
    for _, each in pairwise(runs):
        told = combined(told, each)
    telling = [each for each in runs if each["word"] != "inconclusive"] or runs
    assert is_red(told) == any(map(is_red, telling))
    assert (told["word"] == "inconclusive") == (set(words) == {"inconclusive"})
    assert [each["word"] for each in runs_of(told)] == words
    assert [each["started_at"] for each in runs_of(told)] == [each["started_at"] for each in runs]
    green, blamed = (
        {"holds", "still-broken", "verified"} & set(words),
        {"regressed", "changed", "invalid"} & set(words),
    )
    assert bool(told.get("flaky")) == bool(green and blamed)


@pytest.mark.parametrize(
    ("first", "second", "code"), [("regressed", "holds", 1), ("holds", "changed", 1), ("invalid", "holds", 2)]
)
def test_a_flaky_case_is_told_in_every_report(tmp_path: Path, first: str, second: str, code: int) -> None:
    """Red then green, or the reverse: the gate counts the red; table, summary, JUnit and ledger say flaky."""
    made = combined(one(first, 1), one(second, 2))
    document = records.document([made], ["ESC-1"])
    records.write(tmp_path / "v.json", document)
    told = Bench.make(tmp_path).harness("gate", "v.json")
    words = f"{first}, then {second}"
    assert told.code == code
    assert f"; flaky: ESC-1 ({words})" in told.out
    assert f"(flaky)  –   –               flaky: {words}: " in told.out
    assert f"flaky: {words}" in markdown(document)
    assert f"flaky: {words}" in junit(document).decode()
    with opened(tmp_path / "history.sqlite", make=True) as held:
        assert add(held, document, {}) == 2
        assert flaky(held) == ["ESC-1 on staging 1: 1 of 2 red"]


def test_what_could_not_be_told_is_no_evidence(tmp_path: Path) -> None:
    """An outage, then a green into the same file: the green stands, the gate is 0, both runs are told, and
    nothing is flaky; what the first one left behind is left."""
    made = combined(one("inconclusive", 1), one("holds", 2))
    document = records.document([made], ["ESC-1"])
    assert (made["word"], made["why"]) == ("holds", "run 2 times: inconclusive, then holds: run 2")
    assert (records.gate([document]).code, made["flaky"]) == (0, False)
    with opened(tmp_path / "history.sqlite", make=True) as held:
        assert (add(held, document, {}), flaky(held)) == (2, [])
        assert next(of_case(held, "ESC-1")).startswith("ESC-1 on staging: green on the last build; 1 of 2")
    left = combined({**one("inconclusive", 1), "left": ["order 0x1"]}, one("holds", 2))
    assert (left["word"], left["left"]) == ("holds", ["order 0x1"])
    assert records.gate([records.document([left], ["ESC-1"])]).code == 3


def test_two_files_of_one_build_are_flaky_and_of_two_builds_are_not() -> None:
    """The gate over several runs names what changed its mind on one build."""
    again = records.gate(
        [records.document([each], ["ESC-1"]) for each in (one("changed", 1), one("holds", 2))]
    )
    assert (again.code, "flaky: ESC-1 (changed, then holds)" in again.why) == (1, True)
    mended = {**one("holds", 2), "build": "2"}
    assert (
        "flaky"
        not in records.gate([records.document([each], ["ESC-1"]) for each in (one("changed", 1), mended)]).why
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_last_failed_makes_no_green(tmp_path: Path, workers: str) -> None:
    """A case that is red, and green when only the failures are run again into the same file, stays red: both
    runs are in it, what was not run again is kept, pytest exits 1 and the gate 1."""
    bench = Bench.make(tmp_path)
    (tmp_path / "conftest.py").write_text(FLIPS, encoding="utf-8")
    (tmp_path / "cases" / "ESC-3001.yaml").write_text(CASE, encoding="utf-8")
    run = (sys.executable, "-m", "pytest", "-p", "no:randomly", "-n", workers)
    run += ("--target", "venue", "--verdicts", "v.json")
    first = bench.run(*run)
    assert (first.code, first.outcomes()) == (1, {"failed": 1, "passed": 1}), first.out

    again = bench.run(*run, "--lf")

    assert again.outcomes()["passed"] == 1
    assert again.code == 1, again.out
    held = json.loads((tmp_path / "v.json").read_text())
    assert held["plan"]["items"] == ["ESC-1118", "ESC-3001"]
    tossed = held["records"][1]
    assert (tossed["word"], tossed["flaky"]) == ("changed", True)
    assert [each["word"] for each in tossed["runs"]] == ["changed", "verified"]
    assert "changed (flaky)" in again.out
    assert bench.harness("gate", "v.json").code == 1

    (tmp_path / "tossed").unlink()
    case = tmp_path / "cases" / "ESC-3001.yaml"
    case.write_text(CASE.replace("heads", "tails"), encoding="utf-8")
    mended = bench.run(*run, "--lf")  # the case was mended: what was before says nothing of it
    assert (mended.code, "flaky" in mended.out) == (0, False), mended.out

    held["records"][1] = {**tossed, "started_at": None}  # as of a process that died over it
    (tmp_path / "v.json").write_text(json.dumps(held), encoding="utf-8")
    (tmp_path / "tossed").unlink()
    judged = bench.run(*run, "--lf")
    assert (judged.code, "flaky" in judged.out) == (0, False), judged.out
