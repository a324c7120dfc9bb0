"""How strong the project's own cases are, and that a case made weaker is found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from harness.case.read import read_case
from harness.case.values import Case, Row
from harness.cassette import cassette_path, read
from harness.clock import RunClock
from harness.report.strength import told, total
from harness.seal import Cassette
from harness.strength import Judged, Strength
from harness.strength.measure import judge

from .test_strength import ROOT, SMALL


@cache
def of_project(name: str, row: str = "") -> tuple[Case, Row | None, Cassette]:
    found = read_case(next((ROOT / "cases").glob(f"{name}-*.yaml")))
    chosen = next((each for each in found.rows if each.name == row), None)
    return found, chosen, read(cassette_path(ROOT / "cassettes", name, "fixed", row), name, row)


def items() -> list[tuple[str, str]]:
    cases = [read_case(path) for path in sorted((ROOT / "cases").glob("*.yaml"))]
    return [(each.id, row.name if row else "") for each in cases for row in each.rows or (None,)]


def strength_of(name: str, row: str = "", **options: Any) -> Strength:
    found, chosen, cassette = of_project(name, row)
    strength = Strength.of(found, cassette, chosen, **options)
    for _ in strength.judging():
        pass
    return strength


def lines_of(judged: Judged) -> int:
    """How many lines a finding takes on the terminal: its text, its place, and how what came differs."""
    finding = judged.finding
    assert finding is not None
    seen = finding.seen is not None or bool(finding.differences)
    return len(finding.text.splitlines()) + 1 + len(finding.differences[:10]) + seen


def told_well(strengths: Sequence[Strength]) -> tuple[int, int, int]:
    """How many findings there are, name first who speaks of what was changed, and are short."""
    judged = [each for strength in strengths for each in strength.counted]
    found = [each for each in judged if each.finding is not None and not each.mutant.allowed]
    return len(found), sum(each.well_told for each in found), sum(lines_of(each) <= 10 for each in found)


@pytest.mark.parametrize("name", SMALL)
def test_a_case_of_the_project_is_strong(name: str) -> None:
    """At least nine of ten faults in what it names are noticed, and the first finding says whose it is."""
    strength = strength_of(name)
    assert strength.percent is not None
    assert strength.percent >= 90, "\n".join(told(strength, 1))
    found, well_told, short = told_well([strength])
    assert 100 * min(well_told, short) >= 95 * found


@pytest.mark.parametrize(("name", "row"), items())
def test_no_case_of_the_project_is_weak(name: str, row: str) -> None:
    """Of some mutants of each, always the same, nine of ten are noticed; no fault makes a check fall over."""
    strength = strength_of(name, row, most=12)
    assert strength.percent is not None
    assert strength.percent >= 90, "\n".join(told(strength, 1))


@pytest.mark.soak
def test_every_case_of_the_project_is_strong() -> None:
    """Nine of ten of all mutants for each; over all, 95 % of the first findings name the right place, and
    as many are told in ten lines. Faults in what no case speaks of make nothing fall over either."""
    clock = RunClock()
    strengths = [strength_of(*item, besides=True) for item in items()]
    print(total(strengths, clock.now_us()))
    found, well_told, short = told_well(strengths)
    print(f"{short} of {found} findings in ten lines or less")

    assert [each.name for each in strengths if (each.percent or 0) < 90] == []
    assert found >= 3_000
    assert 100 * min(well_told, short) >= 95 * found


def test_a_case_made_weaker_is_found_out() -> None:
    """A check taken out leaves faults that nobody notices any more: the measure falls."""
    found, row, cassette = of_project("ESC-1118")
    strong = strength_of("ESC-1118")
    blind = Strength.of(replace(found, checks=()), cassette, row)
    missed = []
    for each in strong.judged:
        if "settles" in each.mutant.named_by[:1] and each.noticed:
            missed.append(judge(blind.base, cassette, each.mutant).noticed)
    assert missed
    assert not all(missed)
