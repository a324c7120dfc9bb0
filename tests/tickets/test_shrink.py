"""Shrinking: the search, the cutting of a file, and one case on the venue."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.case.read import parse_case, read_case
from harness.case.values import Role
from harness.cli import main
from harness.shrink import Fate, Tried, search, sliced

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((ROOT / "cases").glob("*.yaml"))


def found(parts: list[str], causes: set[str], budget: int = 10_000) -> tuple[frozenset[str], list[Tried]]:
    """What the search leaves where the symptom needs exactly these causes, and all that it tried."""

    def look(left: frozenset[str]) -> Fate:
        return Fate.SHOWS if causes <= left else Fate.GONE

    looks = list(search(parts, frozenset({parts[-1]}), look, budget))
    return looks[-1][0] if looks else frozenset(parts), [tried for _, tried in looks]


@given(st.data())
def test_nothing_that_is_left_could_go(data: st.DataObject) -> None:
    """Whatever the symptom needs, exactly that and its own step are left."""
    parts = [f"s{at}" for at in range(data.draw(st.integers(1, 40)))]
    causes = data.draw(st.sets(st.sampled_from(parts)))
    kept, _ = found(parts, causes)
    assert kept == causes | {parts[-1]}


def test_few_looks() -> None:
    """Two causes among hundreds of steps are found in some forty looks."""
    parts = [f"s{at}" for at in range(300)]
    kept, tried = found(parts, {"s17", "s200"})
    assert kept == {"s17", "s200", "s299"}
    assert len(tried) < 60


@pytest.mark.parametrize("budget", [0, 1, 5])
def test_budget(budget: int) -> None:
    """The search ends with its budget, and what is left still shows the symptom."""
    kept, tried = found([f"s{at}" for at in range(100)], {"s3", "s50"}, budget)
    assert {"s3", "s50"} <= kept
    assert len(tried) <= budget


def test_what_cannot_run_costs_nothing() -> None:
    """A version that is no case costs no run, and effects go before what they refer to."""
    parts = ["cause", "effect", "last"]

    def look(left: frozenset[str]) -> Fate:
        return Fate.CANNOT_RUN if "effect" in left and "cause" not in left else Fate.SHOWS

    tried = [each for _, each in search(parts, frozenset({"last"}), look, 10)]
    assert tried[0] == Tried(("cause", "effect"), Fate.SHOWS, 1)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[:8])
def test_cutting_loses_nothing(path: Path) -> None:
    """A file is cut at its steps and put together again byte for byte."""
    text, case = path.read_text(), read_case(path)
    cut = sliced(text, case)
    ids = frozenset(one.id for one in cut.slices)
    assert cut.with_only(ids) == text
    assert [one.id for one in cut.slices] == [part.id for part in case.parts_in(Role.STEPS)]
    assert cut.head.rstrip().endswith("steps:")
    first = cut.slices[0].id
    if len(ids) > 1:
        assert f"id: {first}\n" not in cut.with_only(ids - {first}).split("checks:")[0].split("given:")[-1]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one case of ours and a step that it does not need."""
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "cases").mkdir()
    path = next((ROOT / "cases").glob("ESC-1026-*.yaml"))
    more = "steps:\n  - {id: idle, rest: GET /ok, expect: {status: 200}}  # not needed\n"
    (tmp_path / "cases" / path.name).write_text(path.read_text().replace("steps:\n", more))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_on_the_venue(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case is run live, a step that its symptom does not need goes, and the file stays as it was."""
    before = {path: path.read_text() for path in (project / "cases").iterdir()}
    assert main(["shrink", "ESC-1026", "--target", "venue", "--build", "2026.9.3", "--runs", "6"]) == 0
    captured = capsys.readouterr()
    assert "idle" not in captured.out
    assert "the symptom stays" in captured.err
    parse_case(captured.out, "ESC-1026.yaml")
    assert {path: path.read_text() for path in (project / "cases").iterdir()} == before


def test_where_the_bug_is_not(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On a build without the bug nothing can be told, and that is said before anything is taken away."""
    assert main(["shrink", "ESC-1026", "--target", "venue", "--build", "2026.11.2"]) == 2
    assert "U070" in capsys.readouterr().err
