"""Exploring on the embedded venue: a defect that the case's own example does not show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from e2e.bench import CONFIG, Bench

BROKEN_BUILD = "2026.9.2"
"""It rounds the shares of a market buy, so that for most prices its limit is under the ask (ESC-1012)."""
CASE = """\
id: ESC-2012
title: "A market buy protected at the best ask is killed as unmatched"
status: fixed
fixed_in: "2026.9.2"
severity: critical
component: clob/matching
actors: {alice: trader, bob: maker}

vary:
  ask: {on_tick: market, between: [0.05, 0.95], example: 0.5}   # ten for twenty: nothing to round
  amount: {between: [1, 20], example: 10}

given:
  - market: {tick: 0.01}
    save: market
  - fund: {alice: {collateral: 100}, bob: {yes: 500}}
  - rest: POST /order
    as: bob
    order: {token: "${market.yes}", side: SELL, price: "${ask}", size: 500, type: GTC}
    expect: {status: 200}

steps:
  - id: buy
    rest: POST /order
    as: alice
    order: {token: "${market.yes}", side: BUY, amount: "${amount}", price: "${ask}", type: FAK}
    expect: {status: 200, body: {success: true, status: matched}}

symptom:
  step: buy
  shows: {status: 400, body: {error: {$contains: no orders found to match}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    """A folder with that case."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "cases" / "ESC-2012-protected-buy.yaml").write_text(CASE, encoding="utf-8")
    return Bench(tmp_path)


def test_a_defect_is_found_shrunk_and_kept(project: Bench) -> None:
    """Nearby inputs regress: they are told with the way back, and written as an open case that reads."""
    asked = ("--target", "venue", "--build", BROKEN_BUILD, "--explore", "40", "--save-example", "ESC-3001")

    ran = project.pytest(*asked, "-v")

    assert (ran.code, ran.outcomes()) == (1, {"failed": 1}), ran.out
    assert "regressed on venue 2026.9.2: shows the symptom at 'buy'; with ask: 0.5" in ran.out
    assert re.search("explored [0-9]+ of 40", ran.out)  # two, but for runs that a busy machine left unsure
    assert "with:  ask: 0.51, amount: 10; in the case's examples it is ask: 0.5" in ran.out
    assert "again: pytest -k ESC-2012 --target venue --build 2026.9.2 --explore 40" in ran.out
    assert "saved: cases/ESC-3001-protected-buy.yaml; record it next: --record broken" in ran.out
    assert "example: 0.51}   # ten for" in (project.root / "cases/ESC-3001-protected-buy.yaml").read_text()
    assert (project.root / "cases/ESC-2012-protected-buy.yaml").read_text(encoding="utf-8") == CASE
    assert not (project.root / ".hypothesis").exists()


@pytest.mark.soak
def test_what_was_kept_can_be_recorded(project: Bench) -> None:
    """The written case shows its symptom with its example, so that its first proof is one command away."""
    live = ("--target", "venue", "--build", BROKEN_BUILD)
    project.pytest(*live, "--explore", "40", "--save-example", "ESC-3001")

    kept = project.pytest(*live, "-k", "ESC-3001", "--record", "broken")
    replayed = project.pytest("-k", "ESC-3001")

    assert (kept.code, kept.outcomes()) == (0, {"passed": 1}), kept.out
    assert (replayed.code, replayed.outcomes()) == (0, {"passed": 1}), replayed.out


@pytest.mark.soak
def test_a_healthy_build_is_explored_to_the_end(project: Bench) -> None:
    """Where nothing is wrong the case holds, and says how far the search went."""
    ran = project.pytest("--target", "venue", "--build", "2026.11.2", "--explore", "60")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out
    assert "every step and check holds; explored 60 of 60 in " in ran.out
    assert "; none fails" in ran.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--explore", "5"), "U005 --explore is for a live target: add --target venue"),
        (
            ("--target", "venue", "--explore", "5", "--record", "broken"),
            "U005 --explore is never recorded: leave out --record",
        ),
        (
            ("--target", "venue", "--explore", "5", "--save-example", "ESC-2012"),
            "U008 --save-example ESC-2012 is taken, by cases/ESC-2012-protected-buy.yaml: name another id",
        ),
    ],
)
def test_options_that_contradict(project: Bench, arguments: tuple[str, ...], told: str) -> None:
    """What cannot be explored, or could not be kept, is refused before anything runs."""
    ran = project.pytest(*arguments)

    assert (ran.code, told in ran.out) == (4, True), ran.out
