"""The page on reliability names every goal once, and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if re.match(r"\| [A-Z]\d", line)]
GOALS = {"D": 6, "T": 8, "N": 8, "F": 5, "H": 4, "Y": 6, "S": 7, "G": 6, "C": 4, "M": 3}


def test_every_goal_has_its_row() -> None:
    """Durability to strength: each goal stands there once, with a promise, a command and a result."""
    names = [row[0].strip() for row in ROWS]
    wanted = {f"{letter}{number}" for letter, most in GOALS.items() for number in range(1, most + 1)} - {"M1"}

    assert len(names) == len(set(names))
    assert wanted | {"C7", "C9"} <= set(names)
    assert [row for row in ROWS if len(row) != 4 or not all(cell.strip() for cell in row)] == []


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip() for row in ROWS])
def test_what_shows_it_is_there(row: list[str]) -> None:
    """A path below tests/ exists; a bare file stands beside the path named before it, or somewhere below."""
    commands = re.findall(r"`([^`]+)`", row[2])
    assert commands, "a goal is shown by a command"
    for command in commands:
        for word in command.split():
            if word.startswith("tests"):
                assert list(ROOT.glob(word)), word
            elif word.startswith("test_"):
                assert list((ROOT / "tests").rglob(word)), word
            elif word.startswith("benchmarks"):
                assert (ROOT / word).is_file(), word
