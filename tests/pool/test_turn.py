"""Turns on an exchange that many share: beside one's like, alone, in order, and none is kept by the dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.errors import TargetError
from harness.pool.locks import Locks
from harness.pool.turn import locks_of, turn


def had(locks: Locks, *, alone: bool, who: str = "ESC-2", wait_s: int = 0) -> str:
    """Whether a turn is had: "" or what is told."""
    try:
        with turn(who, locks, alone=alone, wait_s=wait_s, tell=lambda text: None):
            return ""
    except TargetError as error:
        return str(error)


@pytest.fixture
def locks(tmp_path: Path) -> Locks:
    return Locks(tmp_path / "turns")


def test_beside_its_like(locks: Locks) -> None:
    """Cases without verbs have the exchange together; one that wants it alone has not, while they do."""
    with ExitStack() as stack:
        for who in ("ESC-1", "ESC-3"):
            stack.enter_context(turn(who, locks, alone=False, wait_s=0, tell=print))
        assert had(locks, alone=False) == ""
        told = had(locks, alone=True)
    assert told.startswith("T046 ESC-2 had no turn on this exchange within 0 s: it has a `target:` verb")
    assert "run fewer at once" in told
    assert had(locks, alone=True) == ""


def test_alone(locks: Locks) -> None:
    """A case with verbs has it alone; whoever waits is told which case and process that is."""
    with turn("ESC-1", locks, alone=True, wait_s=0, tell=print):
        beside, alone = had(locks, alone=False), had(locks, alone=True)
    assert f"ESC-1 (process {os.getpid()}, for 0 s) has a `target:` verb and runs alone" in beside
    assert alone.startswith("T046 ")
    assert had(locks, alone=False) == ""


def test_who_came_first_is_first(locks: Locks) -> None:
    """While a case waits to be alone no other goes before it, so that it does not wait for ever."""
    waits, done, order = threading.Event(), threading.Event(), []

    def lone() -> None:
        with turn("ESC-9", locks, alone=True, wait_s=60, tell=lambda text: waits.set()):
            order.append("alone")
        done.set()

    with turn("ESC-1", locks, alone=False, wait_s=0, tell=print):
        thread = threading.Thread(target=lone)
        thread.start()
        assert waits.wait(60)
        assert "ESC-9 came first" in had(locks, alone=False)
    with turn("ESC-3", locks, alone=False, wait_s=60, tell=print):
        order.append("beside")
    thread.join(60)
    assert done.is_set()
    assert order == ["alone", "beside"]


@pytest.mark.parametrize("alone", [True, False])
def test_a_killed_process_gives_it_back(locks: Locks, alone: bool) -> None:
    """A process that is killed while it has the exchange, or waits for it, is in nobody's way."""
    code = (
        "import sys; from pathlib import Path; from harness.pool.locks import Locks; "
        "from harness.pool.turn import turn\n"
        f"with turn('ESC-1', Locks(Path(sys.argv[1])), alone={alone}, wait_s=60, tell=print):\n"
        "    print('has it', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(locks.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "has it\n"
        assert had(locks, alone=True) != ""
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        assert had(locks, alone=True) == ""


def test_an_exchange_is_its_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two targets at one address share their turns, whatever they are called; another address has its own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with turn("ESC-1", locks_of("https://one.example"), alone=True, wait_s=0, tell=print):
        assert had(locks_of("https://ONE.example"), alone=False) != ""
        assert had(locks_of("https://two.example"), alone=True) == ""
