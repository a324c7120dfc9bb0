"""What the report tests stand on: real outcomes, a project in a temporary folder, Chromium."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.case.read import read_case
from harness.case.values import Case
from harness.outcome import Outcome
from harness.proving import prove

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).parent / "recorded"
"""A case and its cassettes as they were once: a new recording of the real one changes no expected time."""
CASE = "cases/ESC-1118-matched-never-settled.yaml"
NO_CHROMIUM = "Chromium is not installed: apt-get install chromium (or name one in CHROMIUM)"
NO_ALLURE = "npm's allure is not installed: make setup"


@functools.cache
def case() -> Case:
    """The real case."""
    return read_case(RECORDED / CASE, CASE)


@functools.cache
def outcome(name: str) -> Outcome:
    """The proof of one of its real cassettes; not to be changed."""
    return prove(case(), name, RECORDED / "cassettes")


@dataclass(frozen=True)
class Project:
    """A folder with the real case and cassettes in which pytest runs with the harness."""

    path: Path
    keep: str = "failed"

    @classmethod
    def make(cls, path: Path, keep: str = "failed") -> Project:
        """Lay it out."""
        (path / "cases").mkdir(parents=True)
        shutil.copy(RECORDED / CASE, path / "cases")
        shutil.copytree(RECORDED / "cassettes/ESC-1118", path / "cassettes/ESC-1118")
        (path / "harness.toml").write_text('[targets.venue]\nkind = "venue"\n')
        return cls(path, keep)

    def sharpen(self, was: str, now: str) -> None:
        """Change the case's text."""
        path = self.path / CASE
        text = path.read_text(encoding="utf-8")
        assert was in text
        path.write_text(text.replace(was, now), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pytest there."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "cases", *arguments]
        return subprocess.run(
            command, cwd=self.path, capture_output=True, text=True, check=False, timeout=120
        )

    def results(self, *arguments: str) -> dict[str, Any]:
        """Run pytest with Allure; the results by the item's id."""
        done = self.run("--alluredir", "results", "--allure-attachments", self.keep, *arguments)
        assert "INTERNALERROR" not in done.stdout + done.stderr, done.stdout + done.stderr
        return self.written()

    def written(self) -> dict[str, Any]:
        """The results in the folder, by the item's id."""
        held = [json.loads(path.read_text()) for path in (self.path / "results").glob("*-result.json")]
        return {each["fullName"].partition("#")[2]: each for each in held}

    def attached(self, attachment: dict[str, str]) -> str:
        """The text of an attachment."""
        return (self.path / "results" / attachment["source"]).read_text(encoding="utf-8")


def report(project: Project) -> Path:
    """Build the HTML report of a project's results; fails with what to install."""
    assert (ROOT / "node_modules/.bin/allure").exists() or shutil.which("allure"), NO_ALLURE
    command = [sys.executable, ROOT / "scripts/allure-report", "results", "report"]
    done = subprocess.run(command, cwd=project.path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return project.path / "report"


@dataclass(frozen=True)
class Browser:
    """Headless Chromium without a network."""

    folder: Path

    def _run(self, url: str, *more: str, size: str = "1280,1600") -> str:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        assert chromium, NO_CHROMIUM
        flags = (
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-sync", "--disable-background-networking", "--disable-component-update",
            "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=10000",
            f"--window-size={size}", f"--user-data-dir={self.folder / 'profile'}",
            f"--log-net-log={self.folder / 'net.json'}",
        )  # fmt: skip
        command = [chromium, *flags, *more, url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def dom(self, url: str) -> str:
        """The page's rendered DOM."""
        return self._run(url, "--dump-dom")

    def screenshot(self, url: str, path: Path, size: str = "1280,1600") -> bytes:
        """The page as PNG."""
        self._run(url, f"--screenshot={path}", size=size)
        return path.read_bytes()

    def asked(self) -> str:
        """What the last page made the browser ask the network for."""
        return (self.folder / "net.json").read_text(encoding="utf-8", errors="replace")
