"""A foreign project's environment: its suite and its plugins, with and without this harness installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = ROOT / "build" / "foreign" / "bin" / "python"
INSTALLED: Final = ROOT / "build" / "foreign-harness"
SUITE: Final = Path(__file__).parent / "suite"
LIMIT_S: Final = 180

Outcomes = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run came to: its exit code, what it printed, and each test's outcomes by its name."""

    code: int
    out: str
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Project:
    """A folder that pytest is run in, by the foreign environment's own interpreter."""

    root: Path

    @classmethod
    def theirs(cls, root: Path) -> Project:
        """The foreign suite, copied."""
        shutil.copytree(SUITE, root, dirs_exist_ok=True)
        return cls(root)

    @classmethod
    def ours(cls, root: Path) -> Project:
        """A project with one case of ours and its two cassettes."""
        (root / "cases").mkdir()
        shutil.copy(ROOT / "cases" / "ESC-1118-matched-never-settled.yaml", root / "cases")
        shutil.copytree(ROOT / "cassettes" / "ESC-1118", root / "cassettes" / "ESC-1118")
        (root / "harness.toml").write_text('[targets.venue]\nkind = "venue"\n', encoding="utf-8")
        return cls(root)

    def pytest(self, *arguments: str, installed: bool, env: Mapping[str, str] | None = None) -> Ran:
        """Run pytest, with the harness installed or not."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
        kept |= {
            "PYTHONPATH": str(INSTALLED) if installed else "",
            "PYTHONDONTWRITEBYTECODE": "1",
            **(env or {}),
        }
        report = self.root / "junit.xml"
        report.unlink(missing_ok=True)
        done = subprocess.run(
            [str(PYTHON), "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments],
            cwd=self.root,
            env=kept,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr, _outcomes(report))


def _outcomes(report: Path) -> Outcomes:
    """Each test's outcomes (a test that fails in its call and in its teardown has two)."""
    found: dict[str, list[str]] = {}
    if report.exists():
        for each in ElementTree.parse(report).iter("testcase"):
            told = sorted(child.tag for child in each if child.tag in ("failure", "error", "skipped"))
            name = f"{each.get('classname')}::{each.get('name')}"
            found.setdefault(name, []).extend(told or ["passed"])
    return {name: tuple(sorted(told)) for name, told in sorted(found.items())}
