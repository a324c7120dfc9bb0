"""docs/machines.md, executed: every command on it, what it prints, and every column of the ledger."""

from __future__ import annotations

import re
import sqlite3
import sys
from datetime import date
from pathlib import Path

from e2e.bench import Bench
from executed import ROOT, blocks, differing, run, shown

from harness.history import opened
from harness.quarantine import read_quarantine

PAGE = ROOT / "docs" / "machines.md"
SHELL = """#!{python}
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):
    print("|".join(map(str, row)))
"""
"""What the page needs of the command `sqlite3`, which is not everywhere."""


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    """Parts, merge, gate and ledger: each command works and prints what the page shows."""
    bench = Bench.make(tmp_path)
    bench.add("ESC-1093")
    shell = tmp_path / "sqlite3"
    shell.write_text(SHELL.format(python=sys.executable), encoding="utf-8")
    shell.chmod(0o755)
    first, *others = (block for _, block in blocks(PAGE, "console"))
    ((command, _),) = shown(first)
    for number in (1, 2, 4):
        run(command.replace("3/4", f"{number}/4").replace("verdicts-3", f"verdicts-{number}"), tmp_path)
    wrong = [each for block in (first, *others) for each in differing(block, bench.root)]
    assert "\n".join(wrong) == ""


def test_the_quarantine_of_the_page_is_one(tmp_path: Path) -> None:
    """The example is read as it stands, until its end."""
    ((_, block),) = blocks(PAGE, "yaml")
    path = tmp_path / "quarantine.yaml"
    path.write_text(block, encoding="utf-8")
    (held,) = read_quarantine(path, date(2026, 12, 24)).values()
    assert (held.case, held.owner, str(held.until)) == ("ESC-1118", "mia", "2026-12-24")


def test_every_column_of_the_ledger_is_on_the_page(tmp_path: Path) -> None:
    """The tables and views of a real ledger, and their columns in order, are those that the page lists."""
    path = tmp_path / "history.sqlite"
    with opened(path, make=True):
        pass
    rows = re.findall(r"^\| `(\w+)`, [^|]*\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {name: re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", columns)) for name, columns in rows}
    with sqlite3.connect(path) as held:
        names = held.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        there = {name: [row[1] for row in held.execute(f"PRAGMA table_info({name})")] for (name,) in names}
    held.close()
    assert told == there
