"""A project of its own for one test: cases and cassettes copied, pytest run as a user runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
CASE = "ESC-1118-matched-never-settled.yaml"
CONFIG = '[targets.venue]\nkind = "venue"\n'
QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
LIMIT_S: Final = 120


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit code and all that it printed."""

    code: int
    out: str

    def outcomes(self) -> dict[str, int]:
        """Pytest's closing counts, such as {"passed": 2}."""
        last = [line for line in self.out.splitlines() if re.search(r" in [0-9.]+s", line)][-1]
        return {word.rstrip("s"): int(count) for count, word in re.findall(r"(\d+) ([a-z]+)", last)}


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder with one case and its two cassettes, or whatever a test makes of them."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Bench:
        """Lay the folder out."""
        (root / "cases").mkdir()
        shutil.copy(ROOT / "cases" / CASE, root / "cases" / CASE)
        shutil.copytree(ROOT / "cassettes" / "ESC-1118", root / "cassettes" / "ESC-1118")
        (root / "harness.toml").write_text(CONFIG, encoding="utf-8")
        return cls(root)

    def add(self, case: str) -> None:
        """Copy another case of the project here, with its cassettes."""
        for path in (ROOT / "cases").glob(f"{case}-*.yaml"):
            shutil.copy(path, self.root / "cases" / path.name)
        shutil.copytree(ROOT / "cassettes" / case, self.root / "cassettes" / case)

    @property
    def case(self) -> Path:
        """The case's file."""
        return self.root / "cases" / CASE

    def cassette(self, name: str) -> Path:
        """One of its cassettes."""
        return self.root / "cassettes" / "ESC-1118" / f"{name}.jsonl"

    def edit_case(self, old: str, new: str) -> None:
        """Change the one place where `old` stands in the case."""
        text = self.case.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the case"
        self.case.write_text(text.replace(old, new), encoding="utf-8")

    def edit_cassette(self, name: str, old: str, new: str, *, on: Sequence[str]) -> int:
        """Change `old` wherever it stands in lines that hold all of `on`; how many lines that were."""
        path = self.cassette(name)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        edited = [line.replace(old, new) if all(each in line for each in on) else line for line in lines]
        path.write_text("".join(edited), encoding="utf-8")
        return sum(before != after for before, after in zip(lines, edited, strict=True))

    def pytest(self, *arguments: str, env: Mapping[str, str] | None = None, limit_s: int = LIMIT_S) -> Ran:
        """Run pytest in the folder; a run over its limit is killed and fails the test."""
        return self.run(sys.executable, "-m", "pytest", *QUIET, *arguments, env=env, limit_s=limit_s)

    def harness(self, *arguments: str) -> Ran:
        """Run the command `harness` in the folder."""
        return self.run(sys.executable, "-m", "harness", *arguments)

    def run(self, *command: str, env: Mapping[str, str] | None = None, limit_s: int = LIMIT_S) -> Ran:
        """Run any command in the folder, without what this test run has in its environment."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**clean_environment(), **(env or {})},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=limit_s,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr)


def clean_environment() -> dict[str, str]:
    """The environment without pytest's own variables, as at somebody's desk."""
    mine = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
    return mine | {"CI": ""}
