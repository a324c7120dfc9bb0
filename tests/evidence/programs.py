"""Programs that are not ours, run under `harness capture` as an engineer would run it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cassette import Cassette, read
from harness.model import Event, Kind


@dataclass(frozen=True, slots=True)
class Ran:
    """How a capture ended, and what it left."""

    code: int
    out: str
    err: str
    path: Path

    @property
    def evidence(self) -> Cassette:
        return read(self.path)

    def events(self, *kinds: Kind) -> list[Event]:
        return [event for event in self.evidence.events if event.kind in kinds]

    @property
    def urls(self) -> list[str]:
        """Path and query of each request, in order."""
        return [event.data["wire"]["target"] for event in self.events(Kind.SEND)]

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")


def harness(*arguments: str, cwd: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `harness …` in a folder."""
    known = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "HARNESS"))}
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.Popen(command, cwd=cwd, env={**known, **(environment or {})}, text=True, **pipes)


def ended(process: subprocess.Popen[str], path: Path) -> Ran:
    """Wait for its end."""
    out, err = process.communicate(timeout=60)
    return Ran(process.returncode, out, err, path)


def start_captured(
    folder: Path,
    program: str,
    *arguments: str,
    options: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
    python: tuple[str, ...] = (sys.executable,),
) -> tuple[subprocess.Popen[str], Path]:
    """Start a program under capture; its text becomes customer.py."""
    (folder / "customer.py").write_text(textwrap.dedent(program), encoding="utf-8")
    command = ["capture", *options, "--", *python, "customer.py", *arguments]
    return harness(*command, cwd=folder, environment=environment), folder / "evidence" / "customer.jsonl"


def captured(folder: Path, program: str, *arguments: str, **more: Any) -> Ran:
    """Run a program under capture to its end."""
    return ended(*start_captured(folder, program, *arguments, **more))


def get(path: str, then: str = "", first: str = "") -> str:
    """A program that asks once, with `requests`; and what it does before and after."""
    asks = f"print(requests.get(sys.argv[1] + {path!r}).status_code)"
    return f"import sys, time, requests\n{first}\n{asks}\n{then}\n"
