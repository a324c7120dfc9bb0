"""docs/tutorial.md, executed: every command on it, the case that its reader writes, and what is printed."""

from __future__ import annotations

import shutil
from pathlib import Path

from executed import ROOT, blocks, differing, run

CASE = Path("cases/ESC-2011.yaml")


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
    wrong: list[str] = []
    for kind, block in blocks(ROOT / "docs" / "tutorial.md", "console", "yaml"):
        if kind == "yaml":
            (tmp_path / CASE).write_text(block, encoding="utf-8")
        else:
            wrong += differing(block, tmp_path)
    assert "\n".join(wrong) == ""
