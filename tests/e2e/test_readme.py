"""README.md, executed: what it shows is what is printed, but for numbers, times and addresses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from executed import blocks, fits, shown

from harness.options import OPTIONS

from .bench import ROOT, Bench, clean_environment

DEMO, _, EVERY_DAY, RED = (block for _, block in blocks(ROOT / "README.md", "console"))


def plain(text: str) -> str:
    """A text without colours, hashes and numbers, and without who waited: a fast machine does not."""
    text = re.sub(r"\x1b\[[0-9;]*m|0x[0-9a-f]{6,}", "", text)
    kept = [line for line in text.splitlines() if not line.endswith("waits …")]
    return re.sub(r"[0-9.]*[0-9]", "1", "\n".join(kept))


def test_the_demo_prints_what_the_page_shows() -> None:
    """`make demo`: two bugs are seen live, the build that mends both holds, and the gate lets it ship."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "scripts/demo"],
        cwd=ROOT,
        env=clean_environment() | {"PATH": path, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    page = DEMO.removeprefix("$ make demo\n")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert fits(plain(page), plain(ran.stdout)), ran.stdout


def test_a_red_case_prints_what_the_page_shows(bench: Bench) -> None:
    """A fix that does not hold is told on one screen, with what to run next."""
    bench.edit_case('fixed_in: "2026.11.2"', 'fixed_in: "2026.11.1"')
    [(_, page)] = shown(RED)
    ran = bench.pytest("-k", "ESC-1118", "--target", "venue", "--build", "2026.11.1")
    assert ran.code == 1
    assert fits(plain(f"[…]\n{page}\n[…]"), plain(ran.out)), ran.out


@pytest.mark.parametrize("line", [line for line in EVERY_DAY.splitlines() if line.startswith("$ ")])
def test_a_command_of_every_day_is_known(line: str) -> None:
    """Every option that the page gives to pytest is one, and every command of `harness` has a help."""
    command = line.removeprefix("$ ").partition("  #")[0]
    for part in re.split(r"&&|;", command):
        words = part.split()
        if words[:1] == ["pytest"]:
            own = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert own <= {*OPTIONS, "--alluredir"}, line
        if words[:1] == ["harness"]:
            told = subprocess.run(
                [sys.executable, "-m", "harness", words[1], "--help"],
                capture_output=True,
                text=True,
                check=False,
            )
            assert told.returncode == 0, told.stderr
            unknown = {w for w in words[2:] if w.startswith("--") and w not in told.stdout}
            assert unknown == set(), line
