"""A killed run leaves what it had judged; a worker that dies costs one case; the rest is run again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .bench import Bench

CASES = ("ESC-1093", "ESC-1101", "ESC-1118")
ITEMS = [f"{case}[{name}]" for case in CASES for name in ("broken", "fixed")]
KILLING = """
import os, signal

def pytest_runtest_setup(item):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if item.name == os.environ["AT"] and os.environ["DIES"] in (worker, "whoever has it"):
        os.kill(os.getpid(), signal.SIGKILL)

def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.name)
"""
TOLD_OF_ALL = """
import os, signal

def pytest_runtest_logfinish(nodeid):
    if not os.environ.get("PYTEST_XDIST_WORKER") and os.environ["AT"] in nodeid:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def three(bench: Bench) -> Bench:
    """A project of three cases, of which any process can be made to die at any item."""
    for case in CASES[:2]:
        bench.add(case)
    (bench.root / "conftest.py").write_text(KILLING, encoding="utf-8")
    for path in bench.root.rglob("*.*"):
        os.utime(path, (0, 0))  # nobody has changed them since they were judged
    return bench


def judged(path: Path) -> list[str]:
    """The items that a verdicts file has records of."""
    return [each["item"] for each in json.loads(path.read_text())["records"]]


@pytest.mark.parametrize(
    "at", [pytest.param(at, marks=() if at == 3 else pytest.mark.soak) for at in range(6)]
)
def test_a_killed_run_leaves_what_it_had_judged(three: Bench, at: int) -> None:
    """Killed at any item, a run leaves its records: reports are made of them, only the rest is run again."""
    killed = three.pytest("--verdicts", "v.json", env={"DIES": "main", "AT": ITEMS[at]})
    gate = three.harness("gate", "v.json")
    told = three.harness("report", "v.json", "--junit", "j.xml", "--markdown", "m.md")

    assert killed.code == -9
    if at:
        assert (gate.code, f"{len(ITEMS) - at} never ran: {ITEMS[at]}" in gate.out) == (3, True), gate.out
    assert told.code == 0, told.out
    assert judged(three.root / "v.json") == ITEMS[:at]
    suite = ElementTree.parse(three.root / "j.xml").find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("errors")) == ("6", str(len(ITEMS) - at))
    assert f"**{at} judged, 0 red, {len(ITEMS) - at} never ran**" in (three.root / "m.md").read_text()

    rest = three.pytest("--verdicts", "v.json", "--resume", env={"DIES": "", "AT": ""})

    assert (rest.code, rest.outcomes()["passed"]) == (0, len(ITEMS) - at), rest.out
    assert judged(three.root / "v.json") == ITEMS
    assert three.harness("gate", "v.json").code == 0
    assert not list(three.root.glob("*.journal"))


def test_a_killed_controller_leaves_what_its_workers_told(three: Bench) -> None:
    """Killed with two workers, the controller's records are there too, and the rest is run by two workers."""
    (three.root / "conftest.py").write_text(TOLD_OF_ALL, encoding="utf-8")
    killed = three.pytest("--verdicts", "v.json", "-n", "2", env={"AT": ITEMS[2]})
    assert killed.code == -9
    told = three.harness("report", "v.json")
    had = judged(three.root / "v.json")
    assert told.code == 0
    assert ITEMS[2] in had

    rest = three.pytest("--verdicts", "v.json", "--resume", "-n", "2", env={"AT": "nothing"})

    assert rest.code == 0, rest.out
    assert f"resumed: {len(had)} of 6 were judged before" in rest.out
    assert judged(three.root / "v.json") == ITEMS


@pytest.mark.parametrize("at", [ITEMS[0], pytest.param(ITEMS[2], marks=pytest.mark.soak)])
def test_a_worker_that_dies_costs_one_case(three: Bench, at: str) -> None:
    """A worker killed at an item: that is an error, all others are reported; exit 1, gate 3."""
    ran = three.pytest(
        "--verdicts", "v.json", "-n", "2", "--dist", "load", "--maxschedchunk", "1",
        env={"DIES": "whoever has it", "AT": at},
    )  # fmt: skip

    held = json.loads((three.root / "v.json").read_text())
    words = {each["item"]: each["word"] for each in held["records"]}
    assert ran.outcomes() == {"passed": 5, "error": 1}, ran.out
    assert words == dict.fromkeys(ITEMS, "proven") | {at: "inconclusive"}
    assert held["plan"]["items"] == ITEMS
    assert ran.code == 1
    assert f"{at}: inconclusive: the process that ran it died" in ran.out
    assert three.harness("gate", "v.json").code == 3


def test_what_was_red_before_stays_red(three: Bench) -> None:
    """A resumed run is red where the part before was, though all that was left is green."""
    three.cassette("broken").with_name("broken.jsonl").unlink()
    three.pytest("--verdicts", "v.json", env={"DIES": "main", "AT": ITEMS[5]})

    rest = three.pytest("--verdicts", "v.json", "--resume", env={"DIES": "", "AT": ""})

    assert (rest.code, rest.outcomes()["passed"]) == (1, 1), rest.out
    assert three.harness("gate", "v.json").code == 2


def test_what_was_changed_since_is_run_again(three: Bench) -> None:
    """A case or cassette that was changed after it was judged is judged anew."""
    three.pytest("--verdicts", "v.json", env={"DIES": "main", "AT": ITEMS[5]})
    three.cassette("broken").unlink()
    three.case.write_text(three.case.read_text().replace("severity:", "severity: "), encoding="utf-8")

    rest = three.pytest("--verdicts", "v.json", "--resume", env={"DIES": "", "AT": ""})

    assert rest.outcomes() == {"passed": 1, "failed": 1, "deselected": 4}, rest.out


def test_another_runs_verdicts_are_not_gone_on_with(three: Bench) -> None:
    """Verdicts of another target, or none that are named, cannot be resumed: exit 4 and U031."""
    three.pytest("--verdicts", "v.json", env={"DIES": "main", "AT": ITEMS[5]})
    live = ("--target", "venue", "--resume")
    none = {"DIES": "", "AT": ""}

    other = three.pytest("--verdicts", "v.json", *live, env=none)
    nameless = three.pytest("--resume", env=none)

    assert (other.code, nameless.code) == (4, 4)
    assert "U031 the run that left v.json was on replay, and this one is on venue 2026.11.2" in other.out
    assert "U031 --resume goes on with a run that was killed: name its --verdicts FILE" in nameless.out


def test_nothing_to_go_on_with_is_a_whole_run(three: Bench) -> None:
    """Where the last run came to its end --resume runs everything."""
    none = {"DIES": "", "AT": ""}
    three.pytest("--verdicts", "v.json", env=none)

    ran = three.pytest("--verdicts", "v.json", "--resume", env=none)

    assert (ran.code, ran.outcomes()) == (0, {"passed": 6}), ran.out


def test_verdicts_that_cannot_be_written_are_no_green(three: Bench) -> None:
    """Where the verdicts' folder is a file, the run ends before anything runs, with exit 4 and what to do."""
    (three.root / "taken").write_text("", encoding="utf-8")

    ran = three.pytest("--verdicts", "taken/v.json", env={"DIES": "", "AT": ""})

    assert ran.code == 4
    assert "F006" in ran.out
    assert "Look at what stands at that path" in ran.out
    assert "Traceback" not in ran.out


def test_recording_is_refused_in_ci(bench: Bench) -> None:
    """With CI set nothing is recorded unless it is said; replay and live runs are as ever."""
    before = bench.cassette("broken").read_bytes()
    ran = bench.pytest("--target", "venue", "--record", "broken", env={"CI": "true"})

    assert (ran.code, "U030 --record is refused where CI is set" in ran.out) == (4, True), ran.out
    assert bench.pytest(env={"CI": "true"}).code == 0
    assert bench.cassette("broken").read_bytes() == before
