"""The workflow after a ship, its steps run: a build with a bug ships, then the build that mends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from .runner import Ended, Runner
from .stage import BUG, MENDED, PLAIN, WITH_BUG, Stage

pytestmark = pytest.mark.workflows

WORKFLOW: Final = "staging.yml"


def _stage(tmp_path: Path) -> Stage:
    """Two cases, each on a machine of its own; one is said to be mended in the build that has its bug."""
    stage = Stage.with_cases(tmp_path, PLAIN, BUG)
    stage.edit(BUG, 'fixed_in: "2026.9.4"', f'fixed_in: "{WITH_BUG}"')
    return stage


def _by_hand(build: str, **more: str) -> dict[str, Any]:
    inputs = {"target": "staging", "build": build, "shards": "2", **more}
    return {
        "inputs": inputs,
        "github": {"event_name": "workflow_dispatch", "run_id": build, "run_attempt": "1"},
    }


def _words(runner: Runner) -> dict[str, str]:
    held = [
        json.loads(path.read_text("utf-8"))
        for path in (runner.temp / "artefacts").glob("shard-*/*/verdicts.json")
    ]
    return {each["item"]: each["word"] for one in held for each in one["records"]}


def _printed(jobs: dict[str, Ended]) -> str:
    return "\n".join(f"== {name}: {one.result} {one.code}\n{one.out}" for name, one in jobs.items())


def test_a_ship_with_a_bug_then_the_ship_that_mends_it(tmp_path: Path) -> None:
    """A is stopped over the product, and B ships; the report of B knows what A's said."""
    stage = _stage(tmp_path)

    runner, jobs = stage.run(WORKFLOW, **_by_hand(WITH_BUG))

    assert (jobs["judge"].code, jobs["judge"].outputs) == (1, {"code": "1"}), _printed(jobs)
    assert jobs["shard"].result == "success"  # whose fault a red is, the gate says
    assert _words(runner) == {PLAIN: "holds", BUG: "regressed"}
    assert runner.summary.startswith(f"## Do not ship: the product\n\n- 1 – the product: {BUG} regressed\n")
    assert runner.summary.count("| case | on ") == 1
    assert (runner.temp / "cache" / "history.jsonl").read_text("utf-8").count("\n") == 1
    assert jobs["publish"].result == "skipped"

    runner, jobs = stage.run(WORKFLOW, vars={"ALLURE_PAGES": "true"}, **_by_hand(MENDED))

    assert (jobs["judge"].result, jobs["judge"].outputs) == ("success", {"code": "0"}), _printed(jobs)
    assert _words(runner) == {PLAIN: "holds", BUG: "holds"}
    assert runner.summary.startswith("## Ship\n")
    history = (runner.temp / "cache" / "history.jsonl").read_text("utf-8").splitlines()
    first, second = (json.loads(line)["testResults"] for line in history)
    assert set(first) == set(second)
    assert {each["status"] for each in first.values()} == {"passed", "failed"}
    assert {each["status"] for each in second.values()} == {"passed"}
    assert jobs["publish"].result == "success"
    assert (runner.temp / "pages" / "index.html").is_file()


def test_a_shard_that_is_lost_is_no_green(tmp_path: Path) -> None:
    """Where a machine dies before it keeps anything, nobody can tell, however green the others are."""
    runner, jobs = _stage(tmp_path).run(WORKFLOW, lost=("shard 2",), **_by_hand(MENDED))

    assert (jobs["judge"].result, jobs["judge"].outputs) == ("failure", {"code": "3"}), _printed(jobs)
    assert set(_words(runner).values()) == {"holds"}
    assert runner.summary.startswith("## Could not tell\n")
    assert "1 of 2 runs left no verdicts" in runner.summary
    assert "no verdicts came of shard 2/2" in runner.summary  # and which cases it had
    assert BUG in runner.summary


def test_a_target_that_is_not_there_costs_no_machine(tmp_path: Path) -> None:
    """Where the exchange itself does not answer no shard begins: nobody can tell (3), and it is said why."""
    stage = _stage(tmp_path)
    project = stage.root / "pyproject.toml"
    told = 'kind = "local"\nrest = "http://127.0.0.1:1"\n'
    project.write_text(project.read_text("utf-8") + f"[tool.harness.targets.away]\n{told}", encoding="utf-8")

    runner, jobs = stage.run(WORKFLOW, **_by_hand(MENDED, target="away"))

    assert (jobs["check"].result, jobs["check"].code) == ("failure", 3), _printed(jobs)
    assert jobs["shard"].result == "skipped"
    assert (jobs["judge"].result, jobs["judge"].outputs) == ("failure", {"code": "3"}), _printed(jobs)
    assert runner.summary.startswith("## Not all of away works\n\n````text\naway: a target of kind local\n")
    assert "http://127.0.0.1:1  does not work" in runner.summary
    assert "## Could not tell\n\n- the target was not as configured, so that no run began" in runner.summary


def test_a_ship_is_told_by_the_deploys_own_repository(tmp_path: Path) -> None:
    """A dispatch names the build and the cases; of its four machines three have nothing to do."""
    event = {"client_payload": {"build": MENDED, "cases": BUG}}
    github = {"event_name": "repository_dispatch", "event": event, "run_id": "1", "run_attempt": "1"}

    runner, jobs = _stage(tmp_path).run(WORKFLOW, github=github)

    assert jobs["judge"].outputs == {"code": "0"}, _printed(jobs)
    assert jobs["plan"].outputs["shards"] == "[1,2,3,4]"
    assert _words(runner) == {BUG: "holds"}


@pytest.mark.parametrize(
    ("state", "environment", "plan"),
    [
        ("success", "staging", "failure"),  # it names no build that could be one
        ("in_progress", "staging", "skipped"),
        ("failure", "staging", "skipped"),
        ("success", "production", "skipped"),
        ("success", "regression", "skipped"),
    ],
)
def test_a_deployment_counts_where_it_succeeded_at_staging(
    state: str, environment: str, plan: str, tmp_path: Path
) -> None:
    """Any other status of a deployment starts nothing, the one of this workflow's own environment least."""
    event = {
        "deployment_status": {"state": state, "environment": environment},
        "deployment": {"ref": "main; touch pwned", "payload": {}},
    }
    github = {"event_name": "deployment_status", "event": event, "run_id": "1", "run_attempt": "1"}

    runner, jobs = _stage(tmp_path).run(WORKFLOW, github=github)

    assert {name: one.result for name, one in jobs.items()} == {
        "plan": plan,
        "check": "skipped",
        "shard": "skipped",
        "judge": "skipped",
        "publish": "skipped",
    }
    assert not list(runner.temp.rglob("pwned"))


@pytest.mark.parametrize(
    "told",
    [
        {"build": "$(touch pwned)"},
        {"build": "2026.9.3\nof=1"},
        {"build": ""},
        {"cases": "x'; touch pwned; '"},
        {"shards": "0"},
        {"shards": "2]; touch pwned"},
        {"target": "--co"},
    ],
)
def test_what_a_payload_says_is_judged_before_anything_reads_it(told: dict[str, str], tmp_path: Path) -> None:
    """The plan refuses (2), and no machine with a secret is started."""
    github = {"event_name": "workflow_dispatch", "event": {}, "run_id": "1", "run_attempt": "1"}
    inputs = {"target": "staging", "build": MENDED, "shards": "2", **told}

    runner, jobs = _stage(tmp_path).run(WORKFLOW, inputs=inputs, github=github)

    assert (jobs["plan"].result, jobs["plan"].code, jobs["shard"].result) == ("failure", 2, "skipped")
    assert not list(runner.temp.rglob("pwned"))
