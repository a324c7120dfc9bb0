"""docs/capture.md, executed: its program, its commands and what they print, its vcrpy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import vcr
from venue.bench import HEALTHY, start_venue, stop_venue

from .programs import ended, harness

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "capture.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
CONSOLE = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
ABOUT = re.compile(r"[0-9]+\.[0-9]{3} s|recorded \S+,|127\.0\.0\.1:[0-9]+")


def timeless(text: str) -> list[str]:
    """The lines of an output, whenever and wherever it was printed."""
    return [ABOUT.sub(" … ", line).strip() for line in text.splitlines() if line.strip()]


def test_the_page_shows_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every program and command on the page does what the page says."""
    program, replay = PYTHON
    (tmp_path / "customer.py").write_text(program)
    process, ready = start_venue(HEALTHY)
    environment = {"CLOB": ready["rest"], "POLY_PASSPHRASE": "wide open sesame"}
    environment["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    shown = "".join(_run(line, tmp_path, environment) for line in _commands(CONSOLE[0]))
    with vcr.VCR().use_cassette(tmp_path / "order.yaml"):
        for _ in range(2):
            requests.get(f"{ready['rest']}/version", timeout=5)
    imported = "".join(_run(line, tmp_path, environment) for line in _commands(CONSOLE[1]))
    assert stop_venue(process) == 0

    assert timeless(shown) == timeless(_without_commands(CONSOLE[0]))
    assert timeless(imported) == timeless(_without_commands(CONSOLE[1]))
    (tmp_path / "cassettes").symlink_to(ROOT / "cassettes")
    monkeypatch.chdir(tmp_path)
    where = ready["rest"].removeprefix("http://")
    ran = subprocess.run(
        [sys.executable, "-c", replay.replace("127.0.0.1:8080", where)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == "{'version': 2}"
    assert "https://clob.example.com/" in ran.stdout.splitlines()[1]


def _commands(block: str) -> list[str]:
    return [line.removeprefix("$ harness ") for line in block.splitlines() if line.startswith("$ ")]


def _without_commands(block: str) -> str:
    return "\n".join(line for line in block.splitlines() if not line.startswith("$ "))


def _run(line: str, folder: Path, environment: dict[str, str]) -> str:
    ran = ended(harness(*line.split(), cwd=folder, environment=environment), folder)
    assert ran.code == 0, ran.err
    return ran.out + ran.err
