"""docs/tutorial.md, executed: every command on it, the case that its reader writes, and what is printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(console|yaml)\n(.*?)```", PAGE, re.DOTALL)
CASE = Path("cases/ESC-2011.yaml")
CUT = "[…]"
VARIES = re.compile(
    r"0x[0-9a-f…]{6,}|\b[0-9]+\.[0-9]+ ?s\b|[0-9.,]+ a second|[0-9a-f]{64}"
    r"|[0-9-]{10}[T ][0-9:.]+Z?|127\.0\.0\.1:[0-9]+|[0-9]{10,}|={10,}|[0-9]+ mutants: [0-9]+ noticed|\s+"
)
LIMIT_S = 120


def run(command: str, folder: Path) -> str:
    """What a command prints in a shell of the project; it must end as commands of the page do, well."""
    own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "140"}
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


def project(folder: Path) -> None:
    """A checkout of the project, as far as the page uses it."""
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/activate").touch()
    (folder / "docs").mkdir()
    shutil.copytree(ROOT / "docs" / "tutorial", folder / "docs" / "tutorial")
    (folder / "harness.toml").write_text('[targets.venue]\nkind = "venue"\n', encoding="utf-8")
    run("git init -q && git add . && git commit -q -m start", folder)


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    """From the customer's mail to a commit: each command works, and prints what the page shows."""
    project(tmp_path)
    wrong = []
    for kind, block in BLOCKS:
        if kind == "yaml":
            (tmp_path / CASE).write_text(block, encoding="utf-8")
            continue
        for command, page in shown(block):
            printed = run(command, tmp_path)
            if not fits(page, printed):
                wrong.append(f"$ {command}\n{printed}")
    assert "\n".join(wrong) == ""
