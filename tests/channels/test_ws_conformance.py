"""Our WebSocket against a server that plays Autobahn's cases: nothing is taken that RFC 6455 refuses."""

from __future__ import annotations

import contextlib
import socket

import pytest

from harness.channels.ws import WsDriver
from harness.channels.wsframes import WsBounds
from harness.clock import RunClock

from .hostile import Hostile, close_codes, frames_of, shaken, text
from .leaves import OPEN_DIAL
from .notes import Notes
from .wscases import BAD, GREEK, ROWS, Row


def played(row: Row, size: int) -> tuple[Notes, bytes]:
    """What the driver reports of a case whose bytes come so many at a time, and what it wrote."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(ConnectionError):  # it may hang up before it has read all of it
            for at in range(0, len(row.in_all), size):
                held.sendall(row.in_all[at : at + size])
        while not close_codes(server.seen):
            data = held.recv(65_536)
            if not data:
                return
            server.seen += data

    notes = Notes()
    with Hostile(shaken(script)) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), OPEN_DIAL, bounds=WsBounds())
        driver.send({"raw": "hello"}, notes)
        notes.wait("closed")
        driver.close()
    return notes, server.seen


CHOPS = [(row, 1) for row in ROWS if row.chops]


@pytest.mark.parametrize(
    ("row", "size"),
    [*((row, 1 << 20) for row in ROWS), *CHOPS],
    ids=lambda value: value.number if isinstance(value, Row) else {1: "chopped"}.get(value, "whole"),
)
def test_what_a_client_makes_of_it(row: Row, size: int) -> None:
    """Messages, pongs and the close that the case asks for, however the bytes are cut; one end, and whose."""
    notes, seen = played(row, size)

    assert [wire["text"] for wire in notes.of("pushed")] == list(row.came)
    assert tuple(body for opcode, body in frames_of(seen) if opcode == 10) == row.pongs
    [code] = close_codes(seen)
    assert code in row.closes
    [ended] = [note for note in notes.told if note.what == "closed"]
    assert ended.by == ("session" if code in (1002, 1007) and row.number[:3] != "7.7" else "peer")


def test_the_table_is_as_broad_as_the_suite() -> None:
    """Every case of the sections 1 to 7 is there; those that differ only in their cuts are taken together."""
    numbers = {row.number for row in ROWS}
    assert len(numbers) == len(ROWS) >= 230
    sections = {number.rpartition(".")[0] for number in numbers}
    assert sections >= {"1.1", "1.2", "2", "3", "4.1", "4.2", "5", *(f"6.{n}" for n in range(1, 24))}
    assert sections >= {f"7.{n}" for n in (1, 3, 5, 7, 9, 13)}


@pytest.mark.parametrize("parts", [(GREEK, b"\xf4\x90", b"x"), (GREEK + b"\xf4", b"\x90", b"x")])
def test_a_bad_text_in_one_frame_is_refused_when_the_frame_is_whole(parts: tuple[bytes, ...]) -> None:
    """6.4.3 and 6.4.4, non-strict: a frame is read before its text is judged, and then it is refused."""
    data = b"".join(parts)
    notes, seen = played(Row("6.4.3", "8.1", text(data), closes=(1007,)), size=len(parts[0]) + 2)

    assert (close_codes(seen), notes.of("pushed")) == ([1007], [])
    assert BAD not in seen
