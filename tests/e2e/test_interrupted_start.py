"""Ctrl-C while pytest starts: once it is known whose the run is, it ends in a line, and with 130."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .bench import QUIET, Bench, Ran, clean_environment

AT_AN_IMPORT = """\
import os, signal, sys
def hook(event, arguments):
    if event == "import" and arguments[0] == {name!r} and not sent:
        sent.append(1)
        os.kill(os.getpid(), signal.SIGINT)
sent = []
sys.addaudithook(hook)
"""


def interrupted(bench: Bench, folder: Path, name: str, *arguments: str) -> Ran:
    """A start that gets a real SIGINT where it imports this module."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(AT_AN_IMPORT.format(name=name), encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        (sys.executable, "-m", "pytest", *QUIET, *arguments),
        cwd=bench.root,
        env=clean_environment() | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    out, _ = process.communicate(timeout=120)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # nobody of its group is left
    return Ran(process.returncode, out)


@pytest.mark.parametrize("name", ["harness.errors", "harness.redact", "harness.items", "harness.verdicts"])
def test_while_the_plugin_is_loaded(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """The one line says that nothing has run, without a traceback; no process is left."""
    ran = interrupted(bench, tmp_path_factory.mktemp("on") / "path", name)

    assert (ran.code, ran.out) == (130, "harness: interrupted before anything ran\n")


@pytest.mark.parametrize(
    ("name", "target"), [("harness.session", "replay"), ("harness.guard", "venue"), ("harness.site", "venue")]
)
def test_while_the_session_is_made(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory, name: str, target: str
) -> None:
    """Later pytest itself says so, in a line of its own."""
    ran = interrupted(bench, tmp_path_factory.mktemp("on") / "path", name, "--target", target)

    assert (ran.code, ran.out) == (130, "Exit: interrupted before anything ran\n")
