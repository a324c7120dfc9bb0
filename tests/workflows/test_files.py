"""The workflows as files: GitHub's schema, a linter for security, and what neither of them asks."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

pytestmark = pytest.mark.workflows

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = ROOT / "build" / "workflows" / "bin"
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS: Final = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
PINNED: Final = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def _tool(name: str, *arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [TOOLS / name, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def _jobs() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{path.name}: {name}", job)
        for path in WORKFLOWS
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items()
    ]


@pytest.mark.parametrize(
    ("schema", "paths"),
    [("vendor.github-workflows", WORKFLOWS), ("vendor.github-actions", ACTIONS)],
    ids=["workflows", "actions"],
)
def test_they_have_the_form_that_github_reads(schema: str, paths: list[Path]) -> None:
    """Each file is valid by GitHub's own schema."""
    assert paths
    code, told = _tool("check-jsonschema", "--builtin-schema", schema, *paths)
    assert code == 0, told


def test_the_linter_for_security_finds_nothing() -> None:
    """Nothing is found, by the strictest of its readings, and without asking the network."""
    code, told = _tool("zizmor", "--offline", "--no-progress", "--persona", "auditor", ".github")
    assert code == 0, told


def test_the_linter_does_find_what_is_wrong(tmp_path: Path) -> None:
    """A workflow that puts a title into a shell, with an action by its tag, is told: the linter is awake."""
    path = tmp_path / ".github" / "workflows" / "bad.yml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "name: bad\non: pull_request_target\njobs:\n  bad:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: echo ${{ github.event.pull_request.title }}\n",
        encoding="utf-8",
    )
    code, told = _tool("zizmor", "--offline", "--no-progress", path)
    assert code != 0
    for audit in ("dangerous-triggers", "template-injection", "unpinned-uses"):
        assert audit in told


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: "-".join(path.parts[-2:]))
def test_actions_of_others_are_named_by_their_commit(path: Path) -> None:
    """Every action that is not ours is pinned by a full commit, and a comment says which version that is."""
    for line in path.read_text("utf-8").splitlines():
        if "uses:" in line and "uses: ./" not in line:
            assert PINNED.search(line), line


def test_one_version_of_an_action_everywhere() -> None:
    """An action that several files use is the same commit in each."""
    found: dict[str, set[str]] = {}
    for path in (*WORKFLOWS, *ACTIONS):
        for name, pin in re.findall(
            r"uses: (actions/[\w-]+)[\w/-]*@(.*)$", path.read_text("utf-8"), re.MULTILINE
        ):
            found.setdefault(name, set()).add(pin)
    assert {name: pins for name, pins in found.items() if len(pins) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_nothing_that_it_does_not_say(path: Path) -> None:
    """No permission but what a job asks for, one run at a time, no trigger that lends secrets to a fork."""
    told = yaml.safe_load(path.read_text("utf-8"))
    triggers = told[True]  # YAML 1.1 reads `on` so
    assert told["permissions"] == {}
    assert told["concurrency"]["group"]
    assert told["defaults"]["run"]["shell"] == "bash"
    assert not {"pull_request_target", "workflow_run"} & set(triggers)
    assert "pull_request" not in triggers or "secrets." not in path.read_text("utf-8")


@pytest.mark.parametrize(("name", "job"), _jobs(), ids=[name for name, _ in _jobs()])
def test_a_job_ends_and_asks_for_little(name: str, job: dict[str, Any]) -> None:
    """Each job has a limit in time, says its permissions, and leaves no token in its checkout."""
    assert job["timeout-minutes"] <= 120
    assert "permissions" in job
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        if "\n" in step.get("run", ""):
            assert step["run"].startswith("set -euo pipefail\n"), name
        assert "${{" not in step.get("run", ""), name
