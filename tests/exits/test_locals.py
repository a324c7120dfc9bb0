"""Locals are never shown of a run that holds live credentials."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.bench import Bench

FOREIGN = "def test_theirs():\n    local = 'theirs-to-show'\n    assert local == ''\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A project with ESC-1118 and its cassettes, and a test that is no case."""
    bench = Bench.make(tmp_path)
    (tmp_path / "test_theirs.py").write_text(FOREIGN, encoding="utf-8")
    return bench


@pytest.mark.parametrize("arguments", [("-l",), ("--showlocals", "-n", "2"), ("-l", "-k", "ESC-1118")])
def test_showlocals_is_refused_with_advice(bench: Bench, arguments: tuple[str, ...]) -> None:
    """With a case selected `--showlocals` ends the run before anything ran, and says what to do instead."""
    ran = bench.pytest(*arguments)

    assert ran.code == 4, ran.out
    assert "U010 --showlocals (-l) prints the variables of whatever fails" in ran.out
    assert "add --no-showlocals" in ran.out
    assert "passed" not in ran.out
    assert "theirs-to-show" not in ran.out


def test_showlocals_of_the_configuration_is_refused_and_can_be_undone(bench: Bench) -> None:
    """In PYTEST_ADDOPTS it is refused as well; `--no-showlocals` on the command line wins."""
    env = {"PYTEST_ADDOPTS": "--showlocals"}

    assert (bench.pytest(env=env).code, "U010" in bench.pytest(env=env).out) == (4, True)
    assert bench.pytest("cases", "--no-showlocals", env=env).outcomes() == {"passed": 2}


def test_showlocals_is_the_others_own_affair_without_our_items(bench: Bench) -> None:
    """Where no case is selected, or nothing runs, `--showlocals` is as pytest means it."""
    ran = bench.pytest("-l", "test_theirs.py")

    assert (ran.code, "local      = 'theirs-to-show'" in ran.out) == (1, True), ran.out
    assert bench.pytest("-l", "--collect-only").code == 0
