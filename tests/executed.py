"""A page's commands, executed: what its reader types runs, and prints what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CUT = "[…]"
VARIES = re.compile(
    r"0x[0-9a-f…]{6,}|\b[0-9]+\.[0-9]+ ?s\b|[0-9.,]+ a second|[0-9a-f]{64}"
    r"|[0-9-]{10}[T ][0-9:.]+Z?|127\.0\.0\.1:[0-9]+|[0-9]{10,}|={10,}|[0-9]+ mutants: [0-9]+ noticed|\s+"
)
LIMIT_S = 240


def blocks(page: Path, *kinds: str) -> list[tuple[str, str]]:
    """The fenced blocks of these kinds (`console`, `yaml`), in the page's order, each with its kind."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"```({'|'.join(kinds)})\n(.*?)```", text, re.DOTALL)


def differing(block: str, folder: Path) -> Iterator[str]:
    """Run a block's commands in order; each whose output is not what the page shows, with what it printed."""
    for command, page in shown(block):
        printed = run(command, folder)
        if not fits(page, printed):
            yield f"$ {command}\n{printed}"


def run(command: str, folder: Path) -> str:
    """What a command prints in a shell of the project; it must end as commands of the page do, well."""
    # what a page needs and not everybody has stands in the folder
    own = {"PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "140"}
    own["CI"] = ""  # the page's reader sits at a desk: what records is refused elsewhere
    identity = {
        f"GIT_{who}_{what}": "reader@example.com"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = (
        {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")} | own | identity
    )
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}"
    return ran.stdout


def steady(text: str) -> list[str]:
    """The lines of an output without what is new each time."""
    return [told for line in text.splitlines() if (told := VARIES.sub(" ", line).strip())]


def shown(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with what the page shows of its output."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def fits(page: str, printed: str) -> bool:
    """Whether the page shows what was printed, in order; `[…]` stands for any lines."""
    pieces = [steady(piece) for piece in page.split(CUT)]
    lines, at = steady(printed), 0
    if len(pieces) == 1:
        return pieces[0] == lines
    for piece in pieces:
        starts = (n for n in range(at, len(lines) - len(piece) + 1) if lines[n : n + len(piece)] == piece)
        start = next(starts, None)
        if start is None:
            return False
        at = start + len(piece)
    return True
