"""The engine's process and its peer at their worst: each costs one case its connection, in its time."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from venue.bench import eventually

from harness import limits
from harness.channels.address import FixAddress
from harness.channels.engineprocess import EngineProcess
from harness.channels.quickfix import QuickfixDriver
from harness.errors import TargetError

from .fixbytes import answers, logon
from .fixpeer import BEGIN
from .hostile import Hostile, Script
from .leaves import OPEN_DIAL
from .notes import Notes
from .seat import TOTAL, Seat

ASK = {"fix": "send", "message": {"TestRequest": {"TestReqID": "x"}}}


@pytest.mark.parametrize("name", ["SIGABRT", "SIGSEGV", "SIGBUS", "SIGKILL"])
def test_however_the_engine_dies_one_connection_is_lost(seat: Seat, name: str) -> None:
    """An abort, a crash and a kill are told with their signal; the step behind them is lost at once."""
    seat.log_on(**TOTAL)
    assert seat.driver.pid is not None

    os.kill(seat.driver.pid, getattr(signal, name))

    died = f"the quickfix engine's process died ({name})"
    assert seat.wait("closed").text == died
    assert [told.text for told in seat.do("send", message=ASK["message"])] == ["", died]


def driven(server: Hostile, notes: Notes, command_s: int = 10) -> QuickfixDriver:
    address = FixAddress("127.0.0.1", server.port, "CASE", "PEER", BEGIN)
    return QuickfixDriver(lambda: address, notes, OPEN_DIAL, command_s)


def logged_on(server: Hostile, notes: Notes, command_s: int = 10) -> QuickfixDriver:
    driver = driven(server, notes, command_s)
    driver.send({"fix": "logon", "fields": TOTAL}, notes)
    notes.wait("pushed", lambda wire: "|35=A|" in wire["raw"])
    return driver


@pytest.mark.parametrize("size", [1, 500_000], ids=["small", "larger-than-a-pipe"])
def test_an_engine_that_hangs_is_ended_in_the_time_of_a_command(size: int) -> None:
    """Whether it takes the command and says nothing, or does not even take it."""
    notes = Notes()
    with Hostile(answers(logon())) as server:
        driver = logged_on(server, notes, 5)
        pid = driver.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        driver.send({"fix": "send", "message": {"TestRequest": {"TestReqID": "x" * size}}}, notes)
        lost = notes.of("lost")
        driver.close()
    why = "it did not answer within 5 s" if size == 1 else "it took no command within 5 s"
    assert lost == [f"the quickfix engine's process died (T028 {why}, and was ended)"]
    assert notes.of("closed") == [(None, lost[0])]
    assert not os.path.exists(f"/proc/{pid}")


def telling(script: str) -> tuple[list[Mapping[str, Any]], str, int]:
    """What a process with this script tells, and why it ended; its commands are not read."""
    heard: list[Mapping[str, Any]] = []
    why: list[str] = []
    over = threading.Event()
    process = EngineProcess(
        heard.append, lambda text: (why.append(text), over.set())[0], (sys.executable, "-c", script)
    )
    assert over.wait(30)
    process.close()
    process.close()
    return heard, why[0], process.pid


def test_a_line_has_a_limit() -> None:
    """A line of exactly the limit is an event; a process that goes on behind it is ended."""
    line = '{"event":"' + "x" * (limits.FIX_ENGINE_LINE_BYTES - 13) + '"}\n'
    script = "import sys; sys.stdout.write('{\"event\":\"' + 'x' * %d + '\"}\\n'); sys.stdout.flush(); %s"
    assert len(line) == limits.FIX_ENGINE_LINE_BYTES

    heard, why, _ = telling(script % (limits.FIX_ENGINE_LINE_BYTES - 13, ""))
    assert (len(heard), why) == (1, "exit code 0")

    rest = "sys.stdin.read()"
    heard, why, pid = telling(script % (limits.FIX_ENGINE_LINE_BYTES - 12, rest))
    told = f"T028 it said more than {limits.FIX_ENGINE_LINE_BYTES} bytes in a line, and was ended"
    assert (heard, why) == ([], told)
    assert not os.path.exists(f"/proc/{pid}")


def test_what_is_no_event_is_passed_over() -> None:
    """A line that is cut off, or is no JSON, is nothing; the events around it are told."""
    lines = '{"event":"a"}\n{"even\nnoise\n[1]\n\n{"event":"b"}\n{"event":'
    heard, why, _ = telling(f"print({lines!r}, end='')")
    assert (heard, why) == ([{"event": "a"}, {"event": "b"}], "exit code 0")


def test_a_record_that_is_full_ends_the_engine() -> None:
    """Where the run's record takes nothing more the process is ended, and its end says so."""

    class Full(Notes):
        def pushed(self, wire: Any, by: Any = None) -> None:
            raise TargetError("T020", "no room")

    notes = Full()
    with Hostile(answers(logon())) as server:
        driver = driven(server, notes)
        driver.send({"fix": "logon", "fields": TOTAL}, notes)
        [_, reason] = notes.wait("closed").wire
        driver.close()
    assert reason == "the quickfix engine's process died (T020 no room, and was ended)"


def flooding(data: bytes, more: bytes) -> Script:
    """Take the Logon, answer it, then go on with the same bytes."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        held.sendall(data)
        while not server.over.is_set():
            held.sendall(more)

    return script


def test_a_length_without_bounds_costs_the_engine_no_memory() -> None:
    """A peer that claims a gigabyte is hung up on before quickfix, which would wait for it, has kept it."""
    notes = Notes()
    with Hostile(flooding(logon() + b"8=FIXT.1.1\x019=999999999\x0135=8\x01", b"x" * 65_536)) as server:
        driver = logged_on(server, notes)
        [code, reason] = notes.wait("closed").wire
        status = Path(f"/proc/{driver.pid}/status").read_text()
        driver.close()
    most_kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert (code, reason.split(" (")[0][:4]) == (None, "T024")
    assert "9=999999999 is more than the 1048576 bytes" in reason
    assert most_kib < 128 * 1024


def test_the_engine_gets_no_more_memory_than_its_limit() -> None:
    """What quickfix may ask the machine for is limited in its process, and in no other."""
    notes = Notes()
    with Hostile(answers(logon())) as server:
        driver = logged_on(server, notes)
        text = Path(f"/proc/{driver.pid}/limits").read_text()
        driver.close()
    [line] = [line for line in text.splitlines() if line.startswith("Max address space")]
    assert line.split()[3:5] == [str(limits.FIX_ENGINE_MEMORY_BYTES)] * 2
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != limits.FIX_ENGINE_MEMORY_BYTES


def test_a_peer_that_never_answers_leaves_the_engine_to_its_time() -> None:
    """The Logon is sent and nobody answers: the step is over, and the process ends when asked to."""
    notes = Notes()
    with Hostile(lambda server, held: server.read_all(held)) as server:
        driver = driven(server, notes)
        driver.send({"fix": "logon", "fields": TOTAL}, notes)
        assert [wire["raw"][:13] for wire in notes.of("sent")] == ["8=FIXT.1.1|9="]
        driver.close()
        eventually(lambda: notes.of("closed"))
    assert not os.path.exists(f"/proc/{driver.pid}")


def test_an_end_by_the_peer_is_told_once() -> None:
    """What is sent behind the end of the connection is lost, and the end stands there once."""
    notes = Notes()

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        held.sendall(logon())
        held.close()

    with Hostile(script) as server:
        driver = logged_on(server, notes)
        notes.wait("closed")
        driver.send(ASK, notes)
        driver.close()
    assert len(notes.of("closed")) == 1
    assert notes.of("lost") == ["there is no FIX connection"]
