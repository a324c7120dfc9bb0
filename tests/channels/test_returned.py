"""What channels take of the machine they give back, whatever went wrong: descriptors, threads, processes."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import threading

import pytest
from venue.bench import eventually

from harness.channels.address import FixAddress
from harness.channels.fix import FixDriver
from harness.channels.ws import WsDriver
from harness.channels.wsframes import WsBounds
from harness.clock import RunClock
from harness.errors import HarnessError

from .fixpeer import BEGIN
from .hostile import Hostile, Script, answer, closing, frame, read_head, reset, text
from .leaves import OPEN_DIAL
from .notes import Notes

QUICK = WsBounds(open_us=50_000, close_us=50_000, send_us=50_000, message_us=50_000, linger_us=20_000)
STEPS = [
    {"subscribe": {}},
    {"unsubscribe": {}},
    {"raw": "x" * 5000},
    {"close": {}},
    {"close": {"code": 99}},
    {"close": {}, "fault": "cut"},
    {"fault": "cut"},
    {"fault": "half_open"},
    {"fault": "slow_reader"},
    {"fault": "over"},
]
FIX_STEPS = [
    {"fix": "logon", "fields": {}},
    {"fix": "send", "message": {"TestRequest": {"TestReqID": "x"}}},
    {"fix": "logout"},
    {"fix": "disconnect"},
    {"fix": "set", "next_out": 7},
    {"fix": "raw", "text": "8=FIXT.1.1|35=0|"},
    *STEPS[6:],
]


def held() -> tuple[list[str], int]:
    """What this process has open, by kind, and its threads."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{name}").partition(":")[0])
    return sorted(found), threading.active_count()


def any_end(chance: random.Random) -> Script:
    """A server that does one of many things to a connection, after one of many beginnings."""
    begin = chance.choice(
        [b"", text("x"), frame(9, b"x"), frame(1, b"x", fin=False), b"\x81", text("x") * 500]
    )
    shakes = chance.random() < 0.8

    def script(server: Hostile, opened: socket.socket) -> None:
        if shakes:
            opened.sendall(answer(read_head(opened)))
        opened.sendall(begin)
        match chance.randrange(5):
            case 0:
                reset(opened)
            case 1:
                opened.sendall(closing(1000) + text("more"))
                server.read_all(opened)
            case 2:
                opened.sendall(frame(3) + b"\xff" * 100)
                server.over.wait(0.1)
            case 3:
                server.read_all(opened)
            case _:
                pass

    return script


def websocket(chance: random.Random) -> None:
    """A case's worth of steps on a WebSocket, then its end."""
    notes = Notes()
    with Hostile(any_end(chance)) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), OPEN_DIAL, bounds=QUICK)
        for step in chance.choices(STEPS, k=3):
            with contextlib.suppress(HarnessError):
                driver.send(step, notes)
        driver.close()
        driver.close()
    assert notes.of("opened") == [None] * len(notes.of("closed"))


def fix_session(chance: random.Random) -> None:
    """The same on a FIX session."""

    def script(server: Hostile, opened: socket.socket) -> None:
        opened.recv(65_536)
        opened.sendall(
            chance.choice([b"", b"8=FIXT.1.1\x019=100000\x01", b"noise" * 100, b"8=FIX\x01" * 500])
        )
        if chance.random() < 0.3:
            reset(opened)
        elif chance.random() < 0.5:
            server.over.wait(0.02)

    notes = Notes()
    with Hostile(script) as server:
        address = FixAddress("127.0.0.1", server.port, "CASE", "PEER", BEGIN)
        driver = FixDriver(lambda: address, notes, RunClock(), OPEN_DIAL)
        for step in chance.choices(FIX_STEPS, k=3):
            with contextlib.suppress(HarnessError):
                driver.send(step, notes)
        driver.close()
        driver.close()
    assert notes.of("opened") == [None] * len(notes.of("closed"))


def run(channel: str, cases: int) -> None:
    act = {"ws": websocket, "fix": fix_session}[channel]
    act(random.Random(0))
    before = held()
    for seed in range(1, cases + 1):
        act(random.Random(seed))
        assert threading.active_count() <= before[1] + 1, seed
    eventually(lambda: held() == before)


@pytest.mark.parametrize("channel", ["ws", "fix"])
def test_two_hundred_connections_leave_nothing_behind(channel: str) -> None:
    """After two hundred short cases with faults at random everything is as it was, exactly."""
    run(channel, 200)


@pytest.mark.soak
@pytest.mark.parametrize("channel", ["ws", "fix"])
def test_a_thousand_connections_leave_nothing_behind(channel: str) -> None:
    """The same after a thousand."""
    run(channel, 1000)
