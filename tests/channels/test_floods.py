"""What a server that floods costs: a run ends with a code, and within 64 MiB of the memory that it had."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness import limits

from .fixbytes import logon, message
from .hostile import Hostile, Script, frame, shaken, text

MOST_KIB = 64 * 1024
WIDE = "\N{HUNDRED POINTS SYMBOL}"
"""Makes a text take four bytes a character in memory."""
NEXT = frame(0, b"", fin=False)


def flood(first: bytes, more: bytes) -> Script:
    """Write the one and then the other, until the other side has had enough."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.sendall(first)
        while not server.over.is_set():
            held.sendall(more)

    return script


def flooded(kind: str, script: Script) -> dict[str, Any]:
    """What a run in a process of its own comes to."""
    with Hostile(script) as server:
        command = [sys.executable, str(Path(__file__).with_name("flooded.py")), kind, str(server.port)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param(flood(b"\x81\x7f" + (1 << 30).to_bytes(8), b"x" * 65_536), "T024", id="a-gibibyte"),
        pytest.param(flood(b"", text("x") * 10_000), "T020", id="tiny-frames"),
        pytest.param(flood(b"", text(WIDE + "x" * 1_000_000)), "T020", id="large-frames"),
        pytest.param(flood(frame(1, b"", fin=False), NEXT * 10_000), "T024", id="fragments"),
        pytest.param(flood(b"", frame(9) * 10_000), "T024", id="pings"),
        pytest.param(flood(b"", frame(9, b"x" * 125) * 1_000), "T027", id="long-pings"),
    ],
)
def test_a_websocket_that_floods(script: Script, code: str) -> None:
    """One end with our code, and for a record that is full a run that is inconclusive."""
    found = flooded("ws", shaken(script))

    [closed] = found["closed"]
    assert closed.startswith(code)
    assert found["raised"] == ("T020" if code == "T020" else "")
    assert found["grown_kib"] <= MOST_KIB
    assert found["events"] <= limits.RUN_EVENTS + 10


def fix_flood(more: bytes) -> Script:
    """Take the Logon, answer it, and write the same bytes until the other side has had enough."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        flood(logon(), more)(server, held)

    return script


FLOODS = {
    "noise": lambda: b"\x00no FIX at all" * 5000,
    "beginnings": lambda: b"8=FIX.4.4\x019=5\x01" * 4000,
    "fields": lambda: message("B", 2, *[(9000 + n % 900, "x") for n in range(19_000)]),
    "large-messages": lambda: message("B", 2, (58, "x" * 1_000_000)),
}


@pytest.mark.parametrize("kind", ["fix", "raw"])
@pytest.mark.parametrize("name", FLOODS)
def test_a_fix_peer_that_floods(name: str, kind: str) -> None:
    """One end: for a record that is full, or (in a session that minds) for a number that comes again."""
    found = flooded(kind, fix_flood(FLOODS[name]()))

    [closed] = found["closed"]
    again = ("we closed the connection: seq_num_too_low",) if kind == "fix" else ()
    assert closed.startswith(("T020", *again)), closed
    assert found["grown_kib"] <= MOST_KIB
    assert found["events"] <= limits.RUN_EVENTS + limits.RUN_RESERVE_EVENTS
