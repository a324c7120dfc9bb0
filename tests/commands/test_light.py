"""What a command loads: help next to nothing, and each command only what it works with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "cases" / "ESC-1118-matched-never-settled.yaml"
LOADED = """
import atexit, sys
atexit.register(lambda: print("\\nLOADED", *sys.modules))
from harness.cli import main
sys.exit(main())
"""
NEVER = ["pytest", "_pytest", "web3", "hypothesis", "allure", "allure_commons", "vcr", "quickfix"]
NO_SOCKETS = [*NEVER, "aiohttp", "asyncio", "websockets", "h11", "ssl"]


def loaded(folder: Path, *arguments: str) -> tuple[int, set[str]]:
    """The exit code of a command in a process of its own, and the modules that were there as it ended."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )
    _, told, names = ran.stdout.rpartition("\nLOADED")
    assert told, ran.stderr
    return ran.returncode, set(names.split())


@pytest.mark.parametrize("arguments", [[], *([name] for name in COMMANDS)], ids=" ".join)
def test_help_loads_no_library(tmp_path: Path, arguments: list[str]) -> None:
    """Whatever help is asked for, no library but Python's own is loaded, and no room below the commands."""
    code, modules = loaded(tmp_path, *arguments, "--help")
    allowed = ("harness.commands", "harness.venue") if arguments == ["venue"] else ("harness.commands",)
    ours = {each for each in modules if each.startswith("harness.") and not each.startswith(allowed)}

    assert (code, ours - {"harness.cli", "harness.errors", "harness.options"}) == (0, set())
    assert modules.isdisjoint([*NO_SOCKETS, "yaml", "msgspec", "eth_hash", "Crypto", "harness.venue.service"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["lint", str(CASE)], 0),
        (["show", "--cassette", str(ROOT / "cassettes" / "ESC-1118" / "broken.jsonl")], 0),
        (["schema"], 0),
        (["reference"], 0),
        (["gate", "nothing.json"], 2),
        (["report", "nothing.json"], 2),
        (["merge", "nothing.json", "-o", "all.json"], 2),
        (["durations", "nothing.json"], 2),
        (["history", "--flaky"], 2),
        (["promote", "ESC-1", "--fixed-in", "2026.11.2"], 2),
        (["prove", "ESC-1"], 2),
        (["note", "ESC-1"], 2),
        (["strength", "ESC-1"], 2),
        (["shrink", "ESC-1", "--target", "venue"], 2),
        (["seal", "--edited", "nothing.jsonl"], 2),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_what_opens_nothing_loads_no_channel(tmp_path: Path, arguments: list[str], code: int) -> None:
    """A command that opens no connection loads neither pytest nor anything that could."""
    ended, modules = loaded(tmp_path, *arguments)

    assert (ended, sorted(modules & {*NO_SOCKETS, "harness.venue"})) == (code, [])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["new", "ESC-1234", "--from", "nothing"], 2),
        (["capture", "--unfinished", "nothing.jsonl"], 2),
        (["check-target", "nothing"], 2),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_what_opens_connections_loads_no_pytest(tmp_path: Path, arguments: list[str], code: int) -> None:
    """A command that may open connections loads neither pytest nor the embedded exchange."""
    ended, modules = loaded(tmp_path, *arguments)

    assert (ended, sorted(modules & {*NEVER, "aiohttp", "harness.venue.service"})) == (code, [])
