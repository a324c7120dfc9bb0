"""A project with words of its own, as its engineers use it: recorded live, replayed without being called."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from e2e.bench import CONFIG, Bench

CONFTEST = '''
from decimal import Decimal
from pathlib import Path

from harness.own import check, step


@step("deposit")
def deposit(actor, *, amount):
    """puts collateral aside"""
    with open("calls.txt", "a") as calls:
        calls.write(f"deposit {amount}\\n")
    return {"who": actor.address, "amount": amount, "fee": Decimal("0.010")}


@step("deposits", reads=True)
def deposits(actor):
    with open("calls.txt", "a") as calls:
        calls.write("deposits\\n")
    looks = Path("calls.txt").read_text().count("deposits")
    if looks == 1:
        raise ValueError("not indexed yet")
    return {"looks": looks}


@check("no_dust")
def no_dust(events, *, limit):
    fees = [e.view["fee"] for e in events if e.channel == "own.deposit" and e.kind == "answer"]
    return f"a fee of {max(fees)} is over {limit}" if max(fees) > limit else None
'''
CASE = """\
id: ESC-2020
title: "A deposit costs a fee that nobody asked for"
status: open
severity: minor
component: deposits
actors: {alice: trader}
steps:
  - id: pay
    deposit: {amount: 5}
    as: alice
    expect: {who: "${alice.address}", amount: 5, fee: 0.01}
  - id: indexed
    deposits: {}
    within: 20s
    every: 50ms
    expect: {looks: 2}
checks:
  - id: dust
    no_dust: {limit: 0.001}
symptom:
  check: dust
  shows: {$contains: a fee of 0.010 is over 0.001}
"""
TWICE = """
import os, sys, pytest
for folder in sys.argv[1:]:
    os.chdir(folder)
    print("CODE", pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", folder]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    """A folder with one case in the project's own words."""
    return make(tmp_path / "project", CONFTEST)


def make(root: Path, conftest: str) -> Bench:
    """A project of this conftest, with the case above."""
    (root / "cases").mkdir(parents=True)
    for name, text in (("conftest.py", conftest), ("harness.toml", CONFIG), ("cases/ESC-2020.yaml", CASE)):
        (root / name).write_text(text, encoding="utf-8")
    return Bench(root)


def test_recorded_live_and_replayed_without_being_called(project: Bench) -> None:
    """Live the functions are called, a read until it holds; in replay the recorded values stand for them."""
    live = project.pytest("--target", "venue", "--record", "broken")
    calls = (project.root / "calls.txt").read_text(encoding="utf-8")

    assert (live.code, live.outcomes()) == (0, {"passed": 1}), live.out
    assert calls == "deposit 5\ndeposits\ndeposits\n"
    cassette = (project.root / "cassettes" / "ESC-2020" / "broken.jsonl").read_text(encoding="utf-8")
    assert '"value":{"who":"0x' in cassette
    assert "deposits raised ValueError: not indexed yet" in cassette

    replayed = project.pytest()

    assert (replayed.code, replayed.outcomes()) == (0, {"passed": 1}), replayed.out
    assert (project.root / "calls.txt").read_text(encoding="utf-8") == calls


def test_lint_knows_the_projects_words(project: Bench) -> None:
    """`harness lint` reads the root's conftest, wherever it is called, and says where it does not load."""
    assert "1 case read, all well" in project.harness("lint").out
    outside = Bench(project.root.parent).harness("lint", str(project.root / "cases"))
    assert (outside.code, "1 case read, all well" in outside.out) == (0, True), outside.out

    (project.root / "conftest.py").write_text("import nothing_of_the_kind\n", encoding="utf-8")
    broken = project.harness("lint")

    assert broken.code == 2
    assert "U009" in broken.out
    assert "conftest.py cannot be imported: ModuleNotFoundError" in broken.out


def test_a_wrong_conftest_ends_the_run_at_its_start(project: Bench) -> None:
    """A step that no case could use is told by pytest before a case is read, with its line."""
    (project.root / "conftest.py").write_text(
        CONFTEST.replace("(actor, *, amount)", "(actor, amount)"), encoding="utf-8"
    )

    ran = project.pytest()

    assert ran.code == 4
    assert "conftest.py:8:1: C063 amount of the step 'deposit' is not by keyword only" in ran.out


def test_projects_in_one_process_share_nothing(tmp_path: Path) -> None:
    """A second run in the same process, of a project without the words, knows nothing of the first's."""
    with_words = make(tmp_path / "one", CONFTEST)
    without = make(tmp_path / "two", "")

    ran = without.run(sys.executable, "-c", TWICE, str(with_words.root), str(without.root))

    first, second = ran.out.split("CODE")[:2]
    assert "never seen red" in first
    assert "C007" not in first
    assert "C007 a step does one thing" in second
