"""A good guest: a suite of somebody else, with the plugins that people use, comes out as without us."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .bench import INSTALLED, PYTHON, Project

pytestmark = pytest.mark.foreign

WAYS = {
    "as it is": (),
    "in the order of the files": ("-p", "no:randomly"),
    "over two workers": ("-n", "2"),
    "by module over two workers": ("-n", "2", "--dist", "loadscope"),
    "with an option of ours that is theirs": ("--target", "arm64", "--record"),
    "with locals shown": ("--showlocals",),
}


def test_the_environment_is_what_it_says() -> None:
    """Twenty plugins and more are installed; the harness is found beside them, by its entry point."""
    ran = Project(INSTALLED).pytest("--version", "--version", installed=True)

    plugins = set(re.findall(r"^  ([A-Za-z0-9_.-]+?)-[0-9][^ ]* at ", ran.out, re.MULTILINE))
    assert "escalation-harness" in plugins, ran.out
    assert len(plugins - {"escalation-harness"}) >= 20, sorted(plugins)
    assert PYTHON.is_file()


@pytest.mark.parametrize("way", WAYS)
def test_their_suite_comes_out_the_same(way: str, tmp_path: Path) -> None:
    """Every test of theirs has the outcome that it has without us, whatever it is, and none is added."""
    without = Project.theirs(tmp_path / "without").pytest(*WAYS[way], installed=False)
    beside = Project.theirs(tmp_path / "beside").pytest(*WAYS[way], installed=True)

    assert len(without.outcomes) > 45, without.out
    assert {told for each in without.outcomes.values() for told in each} == {
        "passed",
        "failure",
        "error",
        "skipped",
    }
    assert beside.outcomes == without.outcomes
    assert beside.code == without.code == 1


def test_our_cases_run_beside_their_plugins(tmp_path: Path) -> None:
    """Our own items pass beside twenty plugins, alone and over two workers, shuffled and repeated."""
    project = Project.ours(tmp_path)

    for more in ((), ("-n", "2"), ("--timeout", "60"), ("--count", "1"), ("--html", "report.html")):
        ran = project.pytest(*more, installed=True)
        assert (ran.code, len(ran.outcomes)) == (0, 2), ran.out
        assert set(ran.outcomes.values()) == {("passed",)}


PUT_BACK = """
import pathlib

def pytest_runtest_logreport(report):
    if report.outcome in ("failed", "rerun"):
        away = pathlib.Path("cassettes/ESC-1118/away")
        if away.exists():
            away.rename("cassettes/ESC-1118/broken.jsonl")
"""


def test_nothing_reruns_a_proof_into_green(tmp_path: Path) -> None:
    """What was red stays red under a plugin that runs failures again, although it would pass by then."""
    project = Project.ours(tmp_path)
    broken = tmp_path / "cassettes" / "ESC-1118" / "broken.jsonl"
    broken.rename(broken.with_name("away"))
    (tmp_path / "conftest.py").write_text(PUT_BACK, encoding="utf-8")

    ran = project.pytest("--reruns", "3", "-p", "no:randomly", installed=True)

    assert broken.exists()
    assert (ran.code, "1 failed, 1 passed, 3 rerun" in ran.out) == (1, True), ran.out


def test_no_fixture_comes_with_the_harness(tmp_path: Path) -> None:
    """The plugin brings no fixture, so none can be used by accident or stand in the way of another."""
    ran = Project.ours(tmp_path).pytest("--fixtures", "-v", installed=True)

    assert "tmp_path" in ran.out
    assert [line for line in ran.out.splitlines() if "harness" in line and " -- " in line] == []


def test_without_autoload_it_is_named(tmp_path: Path) -> None:
    """With plugin loading off, naming the entry point is enough."""
    env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = Project.ours(tmp_path).pytest("-p", "harness.shim", installed=True, env=env)

    assert (ran.code, len(ran.outcomes)) == (0, 2), ran.out
