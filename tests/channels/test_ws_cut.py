"""A WebSocket conversation that is cut after each of its bytes: one end that says where, or no beginning."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from harness.channels.ws import WsDriver
from harness.clock import RunClock
from harness.errors import TargetError

from .hostile import Hostile, answer, closing, frame, read_head, reset, text
from .leaves import OPEN_DIAL
from .notes import Notes

CONVERSATIONS = {
    "events": (text('[{"event_type":"book"}]') + text("PONG") + text('{"event_type":"trade"}'), 3),
    "fragments": (frame(1, b"one ", fin=False) + frame(0, b"two ", fin=False) + frame(0, b"three"), 1),
    "close": (text("last") + closing(1001, b"going away"), 1),
    "pings": (frame(9, b"are you there") + text("still") + frame(9) + frame(10, b"so am I"), 1),
    "large": (text("x" * 700) + text("y"), 2),
}
HEAD_BYTES = 129
"""The answer to the handshake."""


def sockets() -> int:
    """Open file descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))


def cut_at(data: bytes, at: int, *, hard: bool) -> tuple[Notes, TargetError | None, int]:
    """What a driver reports where the server's bytes end after so many; and how many the handshake had."""
    head_bytes = [0]

    def script(server: Hostile, held: socket.socket) -> None:
        head = answer(read_head(held))
        head_bytes[0] = len(head)
        held.sendall((head + data)[:at])
        if hard:
            reset(held)
        else:
            held.shutdown(socket.SHUT_WR)
            server.read_all(held)

    notes, error = Notes(), None
    with Hostile(script) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), OPEN_DIAL)
        try:
            driver.send({"subscribe": {}}, notes)
            notes.wait("closed")
        except TargetError as caught:
            error = caught
        driver.close()
    return notes, error, head_bytes[0]


def judged(data: bytes, messages: int, at: int, *, hard: bool) -> None:
    notes, error, head = cut_at(data, at, hard=hard)
    told = [note.what for note in notes.told if note.what in ("opened", "pushed", "closed")]
    if error is not None:
        assert (error.code, notes.told) == ("T001", [])
        assert hard or at < head
        assert hard or f"ended in the WebSocket handshake, after {at} bytes" in error.text
        return
    [(code, reason)] = notes.of("closed")
    pushed = told.count("pushed")
    assert told == ["opened", *["pushed"] * pushed, "closed"]
    assert pushed <= messages
    if code is not None:
        assert (code, reason, at) == (1001, "going away", head + len(data))
    elif not hard:
        assert reason.startswith("the connection ended without a close frame ")
        assert f"(after {at - head} bytes, " in reason
        assert ("between messages" in reason) == (at - head in boundaries(data))


def boundaries(data: bytes) -> set[int]:
    """Where in these bytes no message has begun that is not whole."""
    found, at, fragmented = {0}, 0, False
    while at < len(data):
        size, more = data[at + 1], 2
        if size >= 126:
            more = 4 if size == 126 else 10
            size = int.from_bytes(data[at + 2 : at + more])
        opcode, fin = data[at] & 15, data[at] >> 7
        fragmented = not fin if opcode < 8 else fragmented
        at += more + size
        if not fragmented:
            found.add(at)
    return found


@pytest.mark.parametrize("hard", [False, True], ids=["ends", "resets"])
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_cut_after_every_byte(name: str, hard: bool) -> None:
    """Cut in the handshake it never opened; later it is one end, with its place, after what came whole."""
    data, messages = CONVERSATIONS[name]
    before = (sockets(), threading.active_count())
    for at in range(HEAD_BYTES + len(data) + 1):
        judged(data, messages, at, hard=hard)
    after = (sockets(), threading.active_count())
    assert all(now <= then for now, then in zip(after, before, strict=True)), (before, after)


@pytest.mark.soak
def test_a_frame_of_the_longest_form_cut_after_every_sixteenth_byte() -> None:
    """The same for a frame whose length takes eight bytes."""
    data = text("x" * 66_000)
    for at in range(0, HEAD_BYTES + len(data), 16):
        judged(data, 1, at, hard=False)
