"""docs/ci.md, held: its commands run, and what it tells of workflows and the action is in their files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml
from executed import blocks, differing

from .stage import BUG, PLAIN, ROOT, Stage

PAGE: Final = ROOT / "docs" / "ci.md"
STAGING: Final = ROOT / ".github" / "workflows" / "staging.yml"
ACTION: Final = ROOT / ".github" / "actions" / "verify" / "action.yml"


def _block(kind: str, about: str) -> str:
    """The one block of the page that speaks of something."""
    (found,) = (block for _, block in blocks(PAGE, kind) if about in block)
    return found


def _on() -> dict[str, Any]:
    """What starts the workflow after a ship (YAML 1.1 reads its key `on` as true)."""
    told: dict[str, Any] = yaml.safe_load(STAGING.read_text("utf-8"))[True]
    return told


def test_what_is_run_at_a_desk_runs(tmp_path: Path) -> None:
    """The two steps of the pipeline, as the page types them, in a checkout: they print what it shows."""
    stage = Stage.with_cases(tmp_path, PLAIN, BUG)
    assert "\n".join(differing(_block("console", "scripts/ci"), stage.root)) == ""


def test_what_starts_a_ship_is_what_the_workflow_hears() -> None:
    """The event, its payload and the inputs that the page's commands send are those that the file reads."""
    block, heard, text = _block("console", "gh api"), _on(), STAGING.read_text("utf-8")
    assert re.findall(r"event_type=(\w+)", block) == heard["repository_dispatch"]["types"]
    assert set(re.findall(r"client_payload\[(\w+)\]", block)) == {"build"}
    assert {"client_payload.build", "client_payload.cases"} <= set(re.findall(r"client_payload\.\w+", text))
    (run,) = (line for line in block.splitlines() if "gh workflow run staging.yml" in line)
    assert (
        set(re.findall(r"-f (\w+)=", run)) == {"build", "cases"} <= set(heard["workflow_dispatch"]["inputs"])
    )


def test_the_job_that_calls_the_workflow_is_enough() -> None:
    """A caller as on the page gives every required input, no other, and lends all that is asked for."""
    (job,) = yaml.safe_load(_block("yaml", "./.github/workflows/staging.yml")).values()
    inputs, workflow = _on()["workflow_call"]["inputs"], yaml.safe_load(STAGING.read_text("utf-8"))
    needed = {name for name, one in inputs.items() if one.get("required")}
    assert needed <= set(job["with"]) <= set(inputs)
    asked: dict[str, str] = {}
    for each in workflow["jobs"].values():
        asked |= each.get("permissions", {})
    assert job["permissions"] == asked


def test_the_step_in_another_repository_is_enough() -> None:
    """The action's inputs are the table's, with their defaults, and a step as on the page may be written."""
    (step,) = yaml.safe_load(_block("yaml", "actions/verify@COMMIT"))
    inputs = yaml.safe_load(ACTION.read_text("utf-8"))["inputs"]
    assert {name for name, one in inputs.items() if one.get("required")} <= set(step["with"]) <= set(inputs)
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [name for name, _ in rows] == list(inputs)
    for name, told in rows:
        default = inputs[name].get("default", "")
        assert not default or f"({default})" in told or f"(`{default}`)" in told, name
