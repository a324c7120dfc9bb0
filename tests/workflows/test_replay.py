"""The pull request's workflow and the action for other repositories: their steps are run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .stage import BUG, MENDED, PLAIN, WITH_BUG, Stage

pytestmark = pytest.mark.workflows

ACTION = "./.github/actions/verify"


def _proofs(stage: Stage) -> None:
    """Leave the jobs out that are the whole of the harness's own tests."""
    path = stage.root / ".github" / "workflows" / "replay.yml"
    before, cut, _ = path.read_text("utf-8").partition("\n  harness:\n")
    assert cut
    path.write_text(before, encoding="utf-8")


def test_a_pull_request_replays_every_proof_and_keeps_what_came_of_it(tmp_path: Path) -> None:
    """Both proofs of a case are judged; the table, verdicts, JUnit, Allure results and report are kept."""
    stage = Stage.with_cases(tmp_path, PLAIN)
    _proofs(stage)

    runner, jobs = stage.run("replay.yml")

    assert (jobs["proofs"].result, jobs["proofs"].code) == ("success", 0), jobs["proofs"].out
    kept = runner.temp / "artefacts" / "replay"
    records = json.loads((kept / "verdicts.json").read_text("utf-8"))["records"]
    assert {each["item"]: each["word"] for each in records} == {
        "ESC-1001[broken]": "proven",
        "ESC-1001[fixed]": "proven",
    }
    for name in ("junit.xml", "judged/summary.md", "allure-report/index.html"):
        assert (kept / name).is_file(), name
    assert list((kept / "judged" / "allure-results").glob("*-result.json"))
    assert runner.summary.startswith("## Ship\n\n- 0 – 2 judged, nothing regressed or changed\n")
    assert "ESC-1001[fixed]" in runner.summary


def test_a_case_that_is_wrong_fails_a_pull_request(tmp_path: Path) -> None:
    """A misspelt key fails the lint, and the jobs after it still tell what else there is."""
    stage = Stage.with_cases(tmp_path, PLAIN, BUG)
    _proofs(stage)
    stage.edit(PLAIN, "fixed_in:", "fixed_inn:")

    runner, jobs = stage.run("replay.yml")

    assert jobs["proofs"].result == "failure"
    assert runner.steps["proofs: Lint the cases"].result == "failure"
    assert "fixed_inn" in runner.steps["proofs: Lint the cases"].out
    assert runner.steps["proofs: Decide"].code == 2
    assert runner.summary.startswith("## Do not ship: a case is wrong\n")
    assert "ESC-1026[fixed]" in runner.summary


@pytest.mark.parametrize(
    ("build", "code", "title", "words"),
    [
        (WITH_BUG, 1, "Do not ship: the product", {"ESC-1026": "regressed"}),
        (MENDED, 0, "Ship", {"ESC-1026": "holds"}),
    ],
)
def test_another_repository_verifies_its_ship(
    build: str, code: int, title: str, words: dict[str, str], tmp_path: Path
) -> None:
    """The action judges the build that was shipped: exit code, output and summary are the gate's."""
    stage = Stage.with_cases(tmp_path, BUG)
    stage.edit(BUG, 'fixed_in: "2026.9.4"', f'fixed_in: "{WITH_BUG}"')

    runner, ended = stage.action(ACTION, target="venue", build=build)

    assert (ended.code, ended.outputs) == (code, {"code": str(code)}), ended.out
    assert runner.summary.startswith(f"## {title}\n"), runner.summary
    held = json.loads((runner.temp / "artefacts" / "verify" / "verdicts.json").read_text("utf-8"))
    assert {each["item"]: each["word"] for each in held["records"]} == words


@pytest.mark.parametrize(
    "told",
    [
        {"build": "$(touch pwned)"},
        {"build": "2026.9.3 --record=fixed"},
        {"build": "--record=fixed"},
        {"cases": "ESC-1026\n--record=fixed"},
        {"cases": "`touch pwned`"},
        {"target": "venue;touch pwned"},
        {"allow_inconclusive": "0); touch pwned; ((0"},
        {"allow_inconclusive": "a[$(touch pwned)]"},
    ],
)
def test_what_an_outsider_wrote_is_never_run(told: dict[str, str], tmp_path: Path) -> None:
    """A build, a filter, a target or a number that is no such thing ends the job before anything reads it."""
    stage = Stage.with_cases(tmp_path, BUG)

    runner, ended = stage.action(ACTION, **{"target": "venue", "build": MENDED, "cases": "nothing", **told})

    assert ended.result == "failure"
    assert any("is nothing that can be run" in step.out for step in runner.steps.values())
    assert not list(runner.temp.rglob("pwned*"))
    assert not list((runner.temp / "machines").rglob("*.sealed"))


def test_a_filter_that_selects_nothing_is_no_green(tmp_path: Path) -> None:
    """A ship that was judged by no case at all could not be told."""
    stage = Stage.with_cases(tmp_path, BUG)

    _, ended = stage.action(ACTION, target="venue", build=MENDED, cases="ESC-9999")

    assert ended.result == "failure"
    assert ended.outputs["code"] in ("2", "3")
