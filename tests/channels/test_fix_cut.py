"""A FIX conversation that is cut after each of its bytes: one end that says where, after what came whole."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

import pytest

from harness.channels.address import FixAddress
from harness.channels.fix import FixDriver
from harness.clock import RunClock
from harness.wire.fix import written

from .fixbytes import logon, message, report
from .fixpeer import BEGIN
from .hostile import Hostile, reset
from .leaves import OPEN_DIAL
from .notes import Notes

AGAIN = ((43, "Y"), (122, "20260101-00:00:00"))
CONVERSATIONS: dict[str, Callable[[], list[bytes]]] = {
    "order and fill": lambda: [logon(), report(2, "one"), report(3, "one", (32, 5), (31, "0.40"))],
    "resend": lambda: [logon(), report(4, "late"), report(2, "lost", *AGAIN), report(3, "lost too", *AGAIN)],
    "gap fill": lambda: [logon(), report(5, "late"), message("4", 2, (43, "Y"), (123, "Y"), (36, 5))],
    "heartbeats": lambda: [logon(), message("1", 2, (112, "are you there")), message("0", 3)],
    "logout": lambda: [logon(), report(2, "last"), message("5", 3, (58, "end of day"))],
}
"""Made when they are played: a session minds a SendingTime of two minutes ago."""


def cut_at(messages: list[bytes], at: int, *, hard: bool) -> Notes:
    """What a session reports where the peer's bytes end after so many."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        held.sendall(b"".join(messages)[:at])
        if hard:
            reset(held)
        else:
            held.shutdown(socket.SHUT_WR)
            server.read_all(held)

    notes = Notes()
    with Hostile(script) as server:
        address = FixAddress("127.0.0.1", server.port, "CASE", "PEER", BEGIN)
        driver = FixDriver(lambda: address, notes, RunClock(), OPEN_DIAL)
        driver.send({"fix": "logon", "fields": {"ResetSeqNumFlag": True}}, notes)
        notes.wait("closed")
        driver.close()
    return notes


def judged(messages: list[bytes], at: int, *, hard: bool) -> None:
    notes = cut_at(messages, at, hard=hard)
    ends = [sum(map(len, messages[: count + 1])) for count in range(len(messages))]
    whole = [end for end in ends if end <= at]
    told = [note.what for note in notes.told if note.what in ("opened", "pushed", "closed")]
    rest = [wire for wire in notes.of("pushed") if wire.get("garbled")]
    pushed = told.count("pushed") - len(rest)
    assert told == ["opened", *["pushed"] * (pushed + len(rest)), "closed"]
    [(code, reason)] = notes.of("closed")
    assert code is None
    if hard:
        assert pushed <= len(whole)
        return
    begun = at - max(whole, default=0)
    assert b"".join(written.read(wire["raw"]) for wire in rest) == b"".join(messages)[at - begun : at]
    place = f"{begun} bytes into a message" if begun else "between messages"
    assert (pushed, reason) == (
        len(whole),
        f"the peer closed the connection (after {at} bytes, {place})",
    )


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_cut_after_every_fourth_byte(name: str) -> None:
    """Every message that came whole stands there once, in order of arrival; the end says where it was cut."""
    messages = CONVERSATIONS[name]()
    before = (len(os.listdir("/proc/self/fd")), threading.active_count())
    size = sum(map(len, messages))
    for at in [*range(0, size, 4), size - 1, size]:
        judged(messages, at, hard=False)
    for at in range(0, size, 16):
        judged(messages, at, hard=True)
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before


@pytest.mark.soak
@pytest.mark.parametrize("hard", [False, True], ids=["ends", "resets"])
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_cut_after_every_byte(name: str, hard: bool) -> None:
    """The same after every byte."""
    messages = CONVERSATIONS[name]()
    for at in range(sum(map(len, messages)) + 1):
        judged(messages, at, hard=hard)
