"""The two tables of messages, to be read aloud: a name, and behind it what is said."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
LOAD = HERE / "load"


def said(path: Path) -> dict[str, str]:
    """Name and message of each block of a table, the heading left out."""
    blocks = path.read_text().strip().split("\n\n")[1:]
    return {name: message.strip() for name, message in (block.split("\n", 1) for block in blocks)}


SLIPS = said(LOAD / "load.txt")
RUNS = said(HERE / "run" / "run.txt")
