"""Allure results, by a real pytest run on the real case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness import __version__

from .bench import Project, outcome

RED = ('size: "5", price: "0.52"}\n    save', 'size: "6", price: "0.52"}\n    save')


def named(result: dict[str, Any], kind: str) -> list[str]:
    return [label["value"] for label in result["labels"] if label["name"] == kind]


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose proofs hold, already run with Allure."""
    project = Project.make(tmp_path_factory.mktemp("green") / "project")
    project.results()
    return project


def test_a_proof_is_an_allure_test_with_its_labels_links_and_parameters(green: Project) -> None:
    """A proof has title, epic, feature, severity and source, and says which proof on which build."""
    result = green.written()["ESC-1118[broken]"]
    assert result["status"] == "passed"
    assert result["name"].startswith("ESC-1118 An order is reported matched in full")
    assert result["name"].endswith("[broken]")
    assert (named(result, "epic"), named(result, "feature")) == (["clob"], ["settlement"])
    assert named(result, "severity") == ["critical"]
    assert named(result, "verdict") == ["proven"]
    assert [link["url"] for link in result["links"]] == [
        "https://github.com/Polymarket/py-clob-client-v2/issues/34"
    ]
    told = {each["name"]: each["value"] for each in result["parameters"]}
    assert told == {
        "proof": "broken", "target": "replay", "build": "2026.11.1", "origin of broken": "venue",
    }  # fmt: skip
    assert "A bot buys with a fill-or-kill order" in result["descriptionHtml"]


def test_the_failing_check_is_the_first_step_with_expected_and_found(green: Project) -> None:
    """The reader's first step is the one that failed, with what was expected and what was found."""
    first, *others = green.written()["ESC-1118[broken]"]["steps"]
    assert first["name"].startswith("✗ agree")
    assert first["status"] == "failed"
    told = {each["name"]: each["value"] for each in first["parameters"]}
    assert told["expected"] == "the same size, price in rest, ws, chain within 5s"
    assert told["found"].endswith("chain: nothing came")
    assert "nothing in " in first["statusDetails"]["message"]
    assert [step["name"].partition(" ")[0] for step in others][:6] == [
        "given", "funded", "listen", "buy", "filled", "reads-matched",
    ]  # fmt: skip
    assert others[-1]["name"] == "finally"


def test_steps_carry_the_times_of_the_timeline(green: Project) -> None:
    """A step's start and stop are the recording's own, to the millisecond, not the replay's."""
    steps = {s["name"].partition(" ")[0]: s for s in green.written()["ESC-1118[broken]"]["steps"]}
    started_ms = (outcome("broken").started_wall_us or 0) // 1000
    assert steps["buy"]["start"] == started_ms + 2096
    assert steps["buy"]["stop"] == started_ms + 2384
    assert steps["✗"]["stop"] - started_ms == 7096


def test_a_red_proof_is_failed_and_keeps_what_went_over_the_wire(project: Project) -> None:
    """An unproven proof is failed, says so first, and has picture, timeline and wire attached."""
    project.sharpen(*RED)
    result = project.results()["ESC-1118[fixed]"]
    assert result["status"] == "failed"
    message = result["statusDetails"]["message"]
    assert message.startswith("unproven: ")
    assert 'size: expected "6", found "5": they differ' in message
    files = {a["name"]: project.attached(a) for step in result["steps"] for a in step.get("attachments", [])}
    assert files["the run as a picture"].startswith("<svg ")
    assert "← trade MATCHED 5 @ 0.52" in files["filled: on the wire"]
    assert 'curl -sS -X POST "$BASE_URL"/order' in files["buy: on the wire"]
    assert [a["name"] for a in result["attachments"]] == ["timeline"]
    skipped = [step["name"] for step in result["steps"] if step["status"] == "skipped"]
    assert skipped == ["settles · lifecycle (not reached)"]


def test_a_case_that_cannot_be_read_is_broken(project: Project) -> None:
    """What is the case's fault is broken, not failed, and lists every problem."""
    (project.path / "cases/ESC-7-bad.yaml").write_text("id: ESC-7\ntitle: x\n")
    result = project.results()["ESC-7"]
    assert result["status"] == "broken"
    assert result["statusDetails"]["message"].startswith("invalid: ")
    assert "C003 a case has no 'symptom'" in result["statusDetails"]["message"]


def test_a_passed_item_keeps_no_files_unless_asked(tmp_path: Path) -> None:
    """By default a green item attaches nothing; `all` keeps everything, `none` nothing even of red ones."""
    counts = {}
    for keep in ("failed", "all", "none"):
        project = Project.make(tmp_path / keep, keep)
        if keep == "none":
            project.sharpen(*RED)
        project.results()
        counts[keep] = len(list((project.path / "results").glob("*-attachment.*")))
    assert counts["failed"] == counts["none"] == 0
    assert counts["all"] > 15


def test_environment_and_categories_are_written_once_a_run(green: Project) -> None:
    """The folder holds the environment and the categories by verdict."""
    assert (
        green.path / "results/environment.properties"
    ).read_text() == f"target=replay\nharness={__version__}\n"
    names = [each["name"] for each in json.loads((green.path / "results/categories.json").read_text())]
    assert "Product: regressed" in names
    assert "Inconclusive: the environment" in names


def test_without_alluredir_nothing_of_allure_is_loaded_by_us(project: Project) -> None:
    """A run without `--alluredir` does not import our reporter."""
    (project.path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_sessionfinish():\n"
        "    assert 'harness.report.allure' not in sys.modules\n"
        "    assert 'harness.report.picture' not in sys.modules\n"
    )
    done = project.run()
    assert "2 passed" in done.stdout
    assert "INTERNALERROR" not in done.stdout + done.stderr


@pytest.mark.parametrize("text", ["\ud800", "\udfff lone"])
def test_a_lone_surrogate_in_any_test_of_the_run_does_not_end_it(project: Project, text: str) -> None:
    """Another test's Allure step may hold a lone surrogate: its result is written and the run goes on."""
    (project.path / "test_other.py").write_text(
        f"import allure\ndef test_one():\n    with allure.step({text!a}):\n        pass\n"
        "def test_two(): pass\n"
    )
    done = project.run("test_other.py", "--alluredir", "results")
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert len(list((project.path / "results").glob("*-result.json"))) == 4
