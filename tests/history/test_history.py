"""The ledger of runs: nothing counts twice, nothing is lost, and SQL can ask it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from e2e.bench import Bench

from harness.errors import HarnessError
from harness.history import add, flaky, of_case, opened, patterns
from harness.report import records

KINDS = {"ESC-1": ("clob/settlement", "lifecycle"), "ESC-2": ("fix", "step")}


def document(build: str, day: int, **words: str) -> dict[str, Any]:
    """A live run of some cases: ESC_1="holds"."""
    made = [
        {
            **records.lost(name.replace("_", "-"), "staging", build, "why"),
            "word": word,
            "started_at": f"2026-11-{day:02}T09:00:00Z",
        }
        for name, word in words.items()
    ]
    return records.document(made, [each["item"] for each in made])


RUNS = [
    document("1", 1, ESC_1="holds", ESC_2="holds"),
    document("2", 2, ESC_1="regressed", ESC_2="changed"),
    document("2", 3, ESC_1="regressed", ESC_2="holds"),
    document("3", 4, ESC_1="regressed", ESC_2="holds"),
]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Four runs of two cases on three builds."""
    path = tmp_path / "history.sqlite"
    with opened(path, make=True) as held:
        assert [add(held, run, KINDS) for run in RUNS] == [2, 2, 2, 2]
    return path


def test_since_which_build_how_often_how_flaky(ledger: Path) -> None:
    """A case that stays red is red since a build; one that changes its mind on a build is flaky there."""
    with opened(ledger, make=False) as held:
        first, second = list(of_case(held, "ESC-1")), list(of_case(held, "ESC-2"))
        assert first[0] == "ESC-1 on staging: red since 2; 3 of 4 runs red; flaky on 0 of 3 builds"
        assert second[0] == (
            "ESC-2 on staging: green on the last build; 1 of 4 runs red; flaky on 1 of 3 builds"
        )
        assert flaky(held) == ["ESC-2 on staging 2: 1 of 2 red"]
        assert list(patterns(held)) == [
            ("clob/settlement", "lifecycle", 1, 1, 4, 3),
            ("fix", "step", 1, 1, 4, 1),
        ]


def test_an_outage_makes_nothing_flaky(tmp_path: Path) -> None:
    """What could not be told on a build where it holds is a red run of it, and no sign of flakiness."""
    with opened(tmp_path / "history.sqlite", make=True) as held:
        for day, word in enumerate(("holds", "inconclusive", "holds"), 1):
            add(held, document("1", day, ESC_1=word), KINDS)
        assert flaky(held) == []
        told = next(of_case(held, "ESC-1"))
        assert told == ("ESC-1 on staging: green on the last build; 1 of 3 runs red; flaky on 0 of 1 builds")
        add(held, document("2", 4, ESC_1="changed"), KINDS)
        add(held, document("3", 5, ESC_1="inconclusive"), KINDS)
        assert "ESC-1 on staging: red since 2; 3 of 5 runs red" in next(of_case(held, "ESC-1"))
        add(held, document("4", 6, ESC_2="inconclusive"), KINDS)
        assert "told on no build; 1 of 1 runs red" in next(of_case(held, "ESC-2"))


def test_a_result_counts_once_in_whatever_file(ledger: Path) -> None:
    """A run added again, or a part of it in another file (a shard, a journal), adds nothing."""
    part = {**RUNS[1], "records": RUNS[1]["records"][:1]}
    with opened(ledger, make=True) as held:
        assert [add(held, run, KINDS) for run in (*RUNS, part)] == [0] * 5


def test_a_failed_add_adds_nothing(ledger: Path) -> None:
    """What breaks in the middle leaves the ledger as it was."""

    def count() -> int:
        with sqlite3.connect(ledger) as held:
            return int(held.execute("SELECT count(*) FROM results").fetchone()[0])

    before = count()
    half = document("4", 5, ESC_1="holds", ESC_2="holds")
    half["records"][1]["item"] = object()

    def add_both() -> None:
        with opened(ledger, make=True) as held:
            add(held, document("5", 6, ESC_1="holds"), KINDS)
            add(held, half, KINDS)

    with pytest.raises(TypeError):
        add_both()
    assert count() == before


@pytest.mark.parametrize("kind", ["foreign", "text", "cut", "newer", "folder"])
def test_what_is_no_ledger_is_refused_and_kept(ledger: Path, tmp_path: Path, kind: str) -> None:
    """Another program's database, a text, half a ledger, a later version: V010, and not a byte changes."""
    path = tmp_path / "other"
    if kind == "folder":
        path.mkdir()
    elif kind in ("foreign", "newer"):
        if kind == "newer":
            path.write_bytes(ledger.read_bytes())
        with sqlite3.connect(path) as held:
            held.execute("PRAGMA user_version = 3" if kind == "newer" else "CREATE TABLE mine (a)")
        held.close()
    else:
        whole = ledger.read_bytes()
        path.write_bytes(
            b"not a database at all, but long enough to be one" * 40 if kind == "text" else whole[:5000]
        )
    before = path.read_bytes() if path.is_file() else b""
    for make in (True, False):
        with pytest.raises(HarnessError, match="V010"), opened(path, make=make) as held:
            add(held, RUNS[0], KINDS)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_nothing_is_made_by_asking(tmp_path: Path) -> None:
    """A ledger that is not there is V010 for who asks, and no file comes of it."""
    with pytest.raises(HarnessError, match="V010"), opened(tmp_path / "none", make=False):
        pass
    assert not list(tmp_path.iterdir())


def test_adding_at_once_loses_nothing(tmp_path: Path) -> None:
    """Eight processes that add to one new ledger at the same time: every result is there once."""
    for at in range(8):
        records.write(tmp_path / f"{at}.json", document("1", at + 1, ESC_1="holds", ESC_2="changed"))
    command = (sys.executable, "-m", "harness", "history", "add")
    running = [
        subprocess.Popen([*command, f"{at}.json", f"{(at + 1) % 8}.json"], cwd=tmp_path) for at in range(8)
    ]
    assert [each.wait(60) for each in running] == [0] * 8
    with opened(tmp_path / "history.sqlite", make=False) as held:
        assert held.execute(
            "SELECT count(*), count(DISTINCT item || started_at) FROM results"
        ).fetchone() == (16, 16)


def test_the_command_adds_and_answers(tmp_path: Path) -> None:
    """A run's verdicts go in with the case's component and class; a case and nonsense are answered."""
    bench = Bench.make(tmp_path)
    records.write(tmp_path / "v.json", document("2026.11.1", 1, ESC_1118="regressed"))
    assert (
        bench.harness("history", "add", "v.json").out == "v.json: 1 of 1 results are new in history.sqlite\n"
    )
    assert (
        bench.harness("history", "add", "v.json").out == "v.json: 0 of 1 results are new in history.sqlite\n"
    )
    told = bench.harness("history", "ESC-1118")
    assert (told.code, "red since 2026.11.1; 1 of 1 runs red" in told.out) == (0, True), told.out
    assert "clob/settlement" in bench.harness("history", "--patterns").out
    assert bench.harness("history", "--flaky").out == "nothing\n"
    assert bench.harness("history", "ESC-7").code == 1
    for said in ((), ("add",), ("what",), ("ESC-1118", "--flaky")):
        assert "U084" in bench.harness("history", *said).out
