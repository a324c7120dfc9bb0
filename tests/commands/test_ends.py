"""How a command ends: at a Ctrl-C, without a reader, with a full disk or a poor terminal."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = (str(Path(sys.executable).parent / "harness"),)
MODULE = (sys.executable, "-m", "harness")
SHOW = ("show", "--cassette", str(ROOT / "cassettes" / "ESC-1118" / "broken.jsonl"))
BUFFERED, AT_ONCE = {"PYTHONUNBUFFERED": ""}, {"PYTHONUNBUFFERED": "1"}
AT_AN_IMPORT = """\
import os, signal, sys
def hook(event, arguments):
    if event == "import" and arguments[0] == {name!r} and not sent:
        sent.append(1)
        os.kill(os.getpid(), signal.SIGINT)
sent = []
sys.addaudithook(hook)
"""


def ended(
    folder: Path, command: tuple[str, ...], env: Mapping[str, str] | None = None, **more: Any
) -> tuple[int, str, str]:
    """Run a command to its end: exit code, output, errors."""
    more.setdefault("stdout", subprocess.PIPE)
    process = subprocess.Popen(
        command, cwd=folder, env=os.environ | dict(env or {}), stderr=subprocess.PIPE, text=True, **more
    )
    out, err = process.communicate(timeout=120)
    return process.returncode, out or "", err


def interrupted(
    folder: Path, name: str, command: tuple[str, ...], before: Callable[[], object] | None = None
) -> tuple[int, str, str]:
    """A command that gets a real SIGINT where it imports this module."""
    (folder / "on").mkdir()
    (folder / "on" / "sitecustomize.py").write_text(AT_AN_IMPORT.format(name=name), encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(folder / "on"), os.environ.get("PYTHONPATH"))))
    env = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return ended(folder, command, env, preexec_fn=before)


@pytest.mark.parametrize("started", [SCRIPT, MODULE], ids=["harness", "python -m harness"])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("harness.errors", ("--help",)),
        ("argparse", ("--help",)),
        ("harness.commands.reports", ("lint",)),
        ("harness.linting", ("lint",)),
        ("harness.matchers.judges", ("lint",)),
        ("harness.matchers.nearest", ("lnit",)),
        ("harness.guard", ("new", "ESC-1234", "--from", "ticket")),
        ("harness.evidence.capture", ("capture", "--unfinished", "x.jsonl")),
        ("harness.venue.profiles", ("venue", "--build", "2026.11.2")),
        ("aiohttp", ("venue", "--build", "2026.11.2")),
    ],
)
def test_ctrl_c_while_a_command_is_loaded(
    tmp_path: Path, started: tuple[str, ...], name: str, arguments: tuple[str, ...]
) -> None:
    """Wherever it comes while the command is loaded: one line, exit code 130, and nothing else."""
    assert interrupted(tmp_path, name, (*started, *arguments)) == (130, "", "harness: stopped\n")


def test_ctrl_c_that_is_ignored(tmp_path: Path) -> None:
    """A command that was started to ignore Ctrl-C, as behind nohup or `&`, goes on to its end."""

    def ignored() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    code, out, err = interrupted(tmp_path, "argparse", (*MODULE, "--help"), ignored)

    assert (code, out.splitlines()[0], err) == (0, "usage: harness [-h] [--version] COMMAND ...", "")


def test_ctrl_c_while_a_command_works(tmp_path: Path) -> None:
    """In the midst of its work a command is interrupted, not killed: it puts things in order first."""
    (tmp_path / "harness.toml").touch()
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "ESC-1-x.yaml").touch()
    (tmp_path / "conftest.py").write_text(
        "import os, signal\ntry:\n    os.kill(os.getpid(), signal.SIGINT)\n    signal.pause()\n"
        "finally:\n    print('in order')\n"
    )

    assert ended(tmp_path, (*MODULE, "lint")) == (130, "in order\n", "harness: stopped\n")


@pytest.mark.parametrize(
    ("arguments", "env"),
    [(SHOW, {}), (SHOW, AT_ONCE), (("schema",), {}), (("--help",), {}), (("gate", "--help"), {})],
    ids=["show", "show, at once", "schema", "help", "help of a command"],
)
def test_a_reader_that_went_away(tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str]) -> None:
    """`harness … | head`: no complaint, and the exit code that a shell gives for SIGPIPE."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert ended(tmp_path, (*MODULE, *arguments), BUFFERED | env, stdout=writer) == (141, "", "")
    finally:
        os.close(writer)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("env", [BUFFERED, AT_ONCE], ids=["at the end", "at once"])
@pytest.mark.parametrize("arguments", [("seal", "--edited"), ("schema",)], ids=["short", "long"])
def test_an_output_that_cannot_be_written(
    tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str]
) -> None:
    """A full disk behind `>` is told in a line, and is no success."""
    if arguments[0] == "seal":
        arguments = (*arguments, shutil.copy(SHOW[-1], tmp_path))
    with Path("/dev/full").open("w") as full:
        code, _, err = ended(tmp_path, (*MODULE, *arguments), env, stdout=full)

    assert (code, err) == (2, "harness: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize("arguments", [SHOW, ("capture", "--help")], ids=["show", "help"])
def test_a_terminal_of_few_letters(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Where the terminal's encoding lacks a letter, its code point stands instead."""
    code, out, err = ended(tmp_path, (*MODULE, *arguments), {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})

    assert (code, "\\u" in out, err) == (0, True, "")


@pytest.mark.parametrize("arguments", [SHOW, ("--help",), ("lint", "--help")], ids=["show", "help", "lint"])
def test_no_colour(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """On a terminal with NO_COLOR nothing but text comes."""
    ours, theirs = pty.openpty()
    env = {"NO_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "80"}
    process = subprocess.Popen((*MODULE, *arguments), cwd=tmp_path, env=os.environ | env, stdout=theirs)
    os.close(theirs)
    shown = b""
    try:
        while some := os.read(ours, 65536):
            shown += some
    except OSError:  # how a terminal ends
        pass
    os.close(ours)

    assert (process.wait(timeout=120), b"\x1b" in shown, b"\n" in shown) == (0, False, True)


def test_no_output_at_all(tmp_path: Path) -> None:
    """A command whose output and input are closed ends as otherwise."""
    line = f"'{sys.executable}' -m harness schema >&- <&-"

    assert ended(tmp_path, ("sh", "-c", line)) == (0, "", "")
