"""`scripts/ci judge` over what runs may leave: nothing that is missing or red is taken for a green."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from harness.report import records
from harness.report.ledger import Ledger

pytestmark = pytest.mark.workflows

CASES: Final = ["ESC-1", "ESC-2", "ESC-3"]
SCRIPT: Final = Path(__file__).resolve().parents[2] / "scripts" / "ci"


def _record(item: str, word: str) -> dict[str, Any]:
    return {**records.lost(item, "venue", "2026.11.2", "because"), "word": word}


def _left(
    folder: Path, *judged: tuple[str, str], planned: Sequence[str] = (), code: str | None = "0"
) -> Path:
    folder.mkdir()
    held = [_record(*each) for each in judged]
    records.write(folder / "verdicts.json", records.document(held, planned or [item for item, _ in judged]))
    if code is not None:
        (folder / "pytest.code").write_text(code, encoding="utf-8")
    return folder


def _shard(folder: Path, number: int, of: int, *judged: tuple[str, str]) -> Path:
    folder.mkdir(parents=True)
    held = [_record(*each) for each in judged]
    items = [item for item, _ in judged]
    asked = {"target": "venue", "build": "2026.11.2", "k": "", "m": ""}
    plan = {"number": number, "of": of, **asked, "cases": CASES, "share": items, "digest": "sha256:0"}
    records.write(folder / "verdicts.json", records.document(held, items, plan))
    (folder / "pytest.code").write_text("0", encoding="utf-8")
    return folder


def _judge(tmp_path: Path, *folders: Path, **env: str) -> tuple[int, str]:
    summary = tmp_path / "summary.md"
    done = subprocess.run(
        ["bash", SCRIPT, "judge", *folders],
        env={
            "PATH": "/usr/bin:/bin",
            "OUT": str(tmp_path / "out"),
            "GITHUB_STEP_SUMMARY": str(summary),
            **env,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, summary.read_text("utf-8") if summary.exists() else done.stderr


def test_all_is_well(tmp_path: Path) -> None:
    """Two runs that hold ship, a bug that is known and open among them."""
    one = _left(tmp_path / "1", ("ESC-1", "holds"))
    two = _left(tmp_path / "2", ("ESC-2", "still-broken"))
    code, told = _judge(tmp_path, one, two)
    assert (code, told.splitlines()[0]) == (0, "## Ship")


def test_one_regression_among_several_runs_stops_the_ship(tmp_path: Path) -> None:
    """The product's fault is told before any other trouble, a lost run too."""
    one = _left(tmp_path / "1", ("ESC-1", "regressed"), ("ESC-3", "inconclusive"), code="1")
    code, told = _judge(tmp_path, one, tmp_path / "2")
    assert (code, told.splitlines()[0]) == (1, "## Do not ship: the product")
    assert "1 of 2 runs left no verdicts" in told


def test_a_red_that_no_verdict_tells_is_no_green(tmp_path: Path) -> None:
    """A run may be red over what it left behind on the exchange, with every verdict green."""
    one = _left(tmp_path / "1", ("ESC-1", "holds"), code="1")
    code, told = _judge(tmp_path, one)
    assert (code, told.splitlines()[0]) == (3, "## Could not tell")
    assert "no verdict tells" in told
    assert _judge(tmp_path, one, ALLOW_INCONCLUSIVE="5")[0] == 3


def test_a_run_whose_end_nobody_saw_is_no_green(tmp_path: Path) -> None:
    """Where pytest's exit code is not there, its machine was stopped after the verdicts were written."""
    code, _ = _judge(tmp_path, _left(tmp_path / "1", ("ESC-1", "holds"), code=None))
    assert code == 3


def test_what_a_killed_run_got_to_is_judged_and_the_rest_never_ran(tmp_path: Path) -> None:
    """Its journal counts: the table has what was judged, JUnit too, and the gate could not tell."""
    folder = tmp_path / "1"
    folder.mkdir()
    ledger = Ledger(folder / "verdicts.json", ["ESC-1", "ESC-2"])
    ledger.add(_record("ESC-1", "holds"))
    ledger.close()

    code, told = _judge(tmp_path, folder)

    assert (code, told.splitlines()[0]) == (3, "## Could not tell")
    assert "1 never ran: ESC-2" in told
    assert "ESC-2" in (folder / "junit.xml").read_text("utf-8")


def test_a_file_that_is_no_verdicts_is_a_run_that_left_none(tmp_path: Path) -> None:
    """Half a file, as a full disk leaves it, is told and not read."""
    one = _left(tmp_path / "1", ("ESC-1", "holds"))
    two = _left(tmp_path / "2", ("ESC-2", "holds"))
    (two / "verdicts.json").write_text('{"verdicts": 1, "rec', encoding="utf-8")
    code, told = _judge(tmp_path, one, two)
    assert code == 3
    assert "1 of 2 runs left no verdicts" in told


def test_where_no_run_left_anything_nobody_can_tell(tmp_path: Path) -> None:
    """A pattern that found no folder is a folder that is not there."""
    code, told = _judge(tmp_path, tmp_path / "shards" / "*", EXPECTED="4")
    assert (code, told.splitlines()[0]) == (3, "## Could not tell")
    assert "4 of 4 runs left no verdicts" in told


def test_so_many_may_be_undecided(tmp_path: Path) -> None:
    """The environment's trouble in one case does not hold up a ship that says so."""
    one = _left(tmp_path / "1", ("ESC-1", "holds"), ("ESC-2", "inconclusive"), code="1")
    assert _judge(tmp_path, one)[0] == 3
    assert _judge(tmp_path, one, ALLOW_INCONCLUSIVE="1")[0] == 0


def test_shards_of_one_run_are_judged_as_one(tmp_path: Path) -> None:
    """One table, one JUnit, one verdicts file, as one machine would have left them."""
    one = _shard(tmp_path / "1", 1, 2, ("ESC-1", "holds"), ("ESC-2", "holds"))
    two = _shard(tmp_path / "2", 2, 2, ("ESC-3", "holds"))

    code, told = _judge(tmp_path, one, two, EXPECTED="2")

    assert (code, told.splitlines()[0]) == (0, "## Ship")
    assert told.count("| case | on |") == 1
    held = records.read(tmp_path / "out" / "verdicts.json")
    assert [each["item"] for each in held["records"]] == CASES
    assert all(case in (tmp_path / "out" / "junit.xml").read_text("utf-8") for case in CASES)


def test_a_lost_shards_cases_are_named_and_nothing_excuses_them(tmp_path: Path) -> None:
    """What it had to judge is inconclusive in the table; a number that may be undecided is not for it."""
    one = _shard(tmp_path / "1", 1, 2, ("ESC-1", "holds"), ("ESC-2", "holds"))

    code, told = _judge(tmp_path, one, EXPECTED="2", ALLOW_INCONCLUSIVE="5")

    assert (code, told.splitlines()[0]) == (3, "## Could not tell")
    assert "1 of 2 runs left no verdicts" in told
    assert "ESC-3" in told
    assert "no verdicts came of shard 2/2" in told


def test_shards_of_two_runs_are_refused(tmp_path: Path) -> None:
    """Parts that are not of one run are usage, told by the merge, and no verdict is made of them."""
    one = _shard(tmp_path / "1", 1, 2, ("ESC-1", "holds"))
    code, told = _judge(tmp_path, one, _shard(tmp_path / "2", 2, 3, ("ESC-3", "holds")), EXPECTED="2")
    assert code == 2
    assert "V002" in told
