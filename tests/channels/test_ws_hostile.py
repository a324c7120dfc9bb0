"""An open WebSocket whose server breaks rules and limits: one end on the timeline, with our code for it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from venue.bench import eventually

from harness import limits
from harness.channels.ws import WsDriver
from harness.channels.wsframes import WsBounds
from harness.clock import RunClock

from .hostile import Hostile, Script, close_codes, closing, frame, frames_of, reset, says, shaken, text
from .leaves import OPEN_DIAL
from .notes import Note, Notes

USUAL = WsBounds(linger_us=200_000)
"""For what ends by itself: the usual time."""
SOON = WsBounds(close_us=200_000, send_us=300_000, message_us=300_000, linger_us=200_000)


@contextmanager
def talking(script: Script, bounds: WsBounds = USUAL) -> Iterator[tuple[WsDriver, Notes, Hostile]]:
    """A driver that has said something to a server with this script."""
    notes = Notes()
    with Hostile(script) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), OPEN_DIAL, bounds=bounds)
        driver.send({"raw": "hello"}, notes)
        yield driver, notes, server
        driver.close()


def ended(script: Script, bounds: WsBounds = USUAL) -> tuple[Note, list[str], Hostile]:
    """How the channel ends, what came before, and the server with what it saw."""
    with talking(script, bounds) as (driver, notes, server):
        closed = notes.wait("closed")
        driver.close()
    assert [note.what for note in notes.told].count("closed") == 1
    assert [note for note in notes.told if note.what != "sent"][-1] is closed
    return closed, [wire["text"] for wire in notes.of("pushed")], server


BIG = limits.WS_MESSAGE_BYTES
FIRST = text("first")


@pytest.mark.parametrize(
    ("data", "code", "told"),
    [
        pytest.param(
            frame(1, b"x" * (BIG + 1)),
            1009,
            f"T024 .*{BIG + 1} bytes exceeds limit of {BIG} bytes",
            id="a-frame",
        ),
        pytest.param(
            b"\x81\x7f" + (1 << 30).to_bytes(8),
            1009,
            f"T024 .*{1 << 30} bytes exceeds limit",
            id="a-gibibyte",
        ),
        pytest.param(b"\x81\x7f" + b"\xff" * 8, 1009, "T024 .*exceeds limit", id="all-ones"),
        pytest.param(
            frame(1, b"x" * (BIG // 2), fin=False) + frame(0, b"y" * (BIG // 2 + 1)),
            1009,
            "T024 .*exceeds limit",
            id="fragments-in-all",
        ),
        pytest.param(
            frame(1, b"x", fin=False) + frame(0, fin=False) * (limits.WS_FRAGMENTS - 1) + frame(0),
            1008,
            f"T024 .*a message has more than {limits.WS_FRAGMENTS} fragments",
            id="fragments",
        ),
        pytest.param(
            frame(9) * (limits.WS_CONTROL_FRAMES + 1),
            1008,
            f"T024 .*more than {limits.WS_CONTROL_FRAMES} pings and pongs",
            id="pings",
        ),
        pytest.param(frame(1, b"x", mask=True), 1002, "T026 .*incorrect masking", id="masked"),
        pytest.param(frame(1, b"x", rsv=4), 1002, "T026 .*reserved bits", id="compressed-unasked"),
        pytest.param(frame(3), 1002, "T026 .*invalid opcode", id="opcode"),
        pytest.param(text(b"\xff\xfe"), 1007, "T026 .*is not UTF-8", id="utf-8"),
        pytest.param(text(b"\xed\xa0\x80"), 1007, "T026 .*is not UTF-8", id="surrogate"),
        pytest.param(closing(1005), 1002, "T026 .*invalid status code", id="close-code"),
        pytest.param(b"HTTP/1.1 500 x\r\n\r\n" + b"y" * 100, 1002, "T026 we closed", id="http"),
    ],
)
def test_a_broken_rule_or_limit_is_one_end_of_ours(data: bytes, code: int, told: str) -> None:
    """What came before stands on the timeline, then our close with its code; the server is told the same."""
    closed, came, server = ended(says(FIRST + data))

    assert (closed.wire[0], closed.by) == (code, "session")
    assert re.match(told, closed.wire[1], re.S), closed.wire
    assert re.search(r"\(after \d+ bytes, .+\)$", closed.wire[1])
    assert came == ["first"]
    assert close_codes(server.seen) == [code]


@pytest.mark.parametrize(
    ("data", "came"),
    [
        (frame(1, b"x" * BIG), ["x" * BIG]),
        (
            frame(1, b"x", fin=False) + frame(0, fin=False) * (limits.WS_FRAGMENTS - 2) + frame(0, b"y"),
            ["xy"],
        ),
        (frame(9) * limits.WS_CONTROL_FRAMES, []),
    ],
    ids=["bytes", "fragments", "control-frames"],
)
def test_at_a_limit_everything_is_taken(data: bytes, came: list[str]) -> None:
    """A message of the largest size, of the most fragments, behind the most pings: taken, and the next."""
    script = says(data + text("next") + closing(1000))
    closed, pushed, _ = ended(script)

    assert (closed.wire, closed.by, pushed) == ((1000, ""), "peer", [*came, "next"])


@pytest.mark.parametrize(
    ("begun", "where"),
    [
        (frame(1, b"x" * 100)[:3], "3 bytes into a frame"),
        (frame(1, b"x", fin=False), "behind fragment 1 of a message"),
        (frame(1, b"x", fin=False) + frame(9), "behind fragment 1 of a message"),
        (b"\x81", "1 bytes into a frame"),
    ],
)
def test_a_message_that_does_not_come_whole_ends(begun: bytes, where: str) -> None:
    """A frame that drips, or whose fragments stop, is ended in its time, and says how far it came."""
    closed, came, server = ended(says(FIRST + begun), SOON)

    told = "T025 we closed: a message did not come whole within 0.300 s "
    assert closed.wire == (1008, f"{told}(after {len(FIRST + begun)} bytes, {where})")
    assert (came, close_codes(server.seen)) == (["first"], [1008])


def test_a_dripping_message_is_not_saved_by_its_drops() -> None:
    """Bytes, and pings between fragments, that go on coming do not give a message more time."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.sendall(frame(1, b"x", fin=False))
        server.drip(held, frame(9) * 10_000, len(frame(9)))

    closed, _, _ = ended(shaken(script), SOON)
    assert closed.wire[1].startswith("T025 ")


def test_a_flood_that_is_cut_anywhere_is_not_a_drip() -> None:
    """Pings whose packets end in the middle of one each begin anew: none of them takes long."""

    def script(server: Hostile, held: socket.socket) -> None:
        pings = frame(9, b"0123456789") * 60
        for at in range(0, len(pings), 9):
            held.sendall(pings[at : at + 9])
            server.over.wait(0.02)
        held.sendall(closing(1000))
        server.read_all(held)

    closed, _, _ = ended(shaken(script), WsBounds(message_us=1_000_000))
    assert closed.wire == (1000, "")


def test_silence_and_whole_messages_have_all_the_time_there_is() -> None:
    """A stream that is silent, or brings one message after the other, is not a message that drips."""

    def script(server: Hostile, held: socket.socket) -> None:
        for number in range(60):
            held.sendall(text(str(number)))
            server.over.wait(0.02)
        held.sendall(closing(1000))
        server.read_all(held)

    closed, came, _ = ended(shaken(script), WsBounds(message_us=1_000_000))
    assert (closed.wire, len(came)) == ((1000, ""), 60)


def test_pings_are_answered() -> None:
    """Each ping is answered with what it carries, up to the bound; unasked pongs are nothing."""
    pings = [str(number).encode() for number in range(500)]
    script = says(b"".join(frame(9, each) for each in pings) + frame(10, b"unasked") + closing(1000))
    closed, _, server = ended(script)

    assert closed.wire == (1000, "")
    assert [body for opcode, body in frames_of(server.seen) if opcode == 10] == pings


def test_a_server_that_floods_with_pings_and_reads_nothing_ends() -> None:
    """We stop reading when our answers are not read, keep few of them, and end in our time."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while not server.over.is_set():
            held.sendall(frame(9, b"x" * 125) * 500)

    bounds = WsBounds(send_us=300_000, control_frames=10_000_000, linger_us=0)
    closed, _, _ = ended(shaken(script), bounds)
    told = "T027 the other side read nothing of what we said within 0.300 s"
    assert (closed.wire[0], closed.wire[1][: len(told)], closed.by) == (None, told, "peer")


def test_a_closing_handshake_that_is_never_answered_ends() -> None:
    """A server that goes on talking and never closes costs a close its time and no more."""

    def script(server: Hostile, held: socket.socket) -> None:
        while not server.over.wait(0.005):
            held.sendall(text("and another thing"))

    with talking(shaken(script), SOON) as (driver, notes, _):
        notes.wait("pushed")
        driver.send({"close": {"code": 1000}}, notes)
        [closed] = notes.of("closed")
    told = "T027 the closing handshake was not answered within 0.200 s"
    assert (closed[0], closed[1][: len(told)]) == (None, told)


def test_a_close_while_half_open_ends_too() -> None:
    """A case that hears nothing and closes is not left waiting for a goodbye that it will not hear."""
    with talking(says(FIRST), SOON) as (driver, notes, _):
        notes.wait("pushed")
        driver.send({"fault": "half_open"}, notes)
        driver.send({"close": {}}, notes)
        [(code, reason)] = notes.of("closed")
    assert (code, reason.startswith("T027 ")) == (None, True)


@pytest.mark.parametrize("end", ["ends", "resets", "closes and stays"])
def test_a_server_that_hangs_up(end: str) -> None:
    """An end or a reset is told without a code, with the place; a close with its own code."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        held.sendall(FIRST + (closing(4001, b"bye") if end == "closes and stays" else b"\x81\x05hel"))
        if end == "resets":
            server.over.wait(0.2)
            reset(held)
        elif end == "closes and stays":
            server.over.wait()

    closed, came, _ = ended(shaken(script))
    where = "(after 12 bytes, 5 bytes into a frame)"
    told = {
        "ends": (None, f"the connection ended without a close frame {where}"),
        "resets": (
            None,
            "the connection broke: Connection reset by peer (after 12 bytes, 5 bytes into a frame)",
        ),
        "closes and stays": (4001, "bye"),
    }
    assert (closed.wire, closed.by, came) == (told[end], "peer", ["first"])


def test_a_new_subscription_does_not_wait_for_an_old_goodbye() -> None:
    """Where the server has closed and stays on the line, the next subscription opens anew at once."""
    turns = iter([closing(1001), b""])

    def script(server: Hostile, held: socket.socket) -> None:
        held.sendall(next(turns))
        server.read_all(held)

    bounds = WsBounds(close_us=30_000_000)
    with talking(shaken(script), bounds) as (driver, notes, server):
        notes.wait("closed")
        driver.send({"subscribe": {}}, notes)
        assert notes.of("opened") == [None, None]
        eventually(lambda: server.taken == 2)
        server.over.set()
        with server._held or socket.socket() as held:
            held.shutdown(socket.SHUT_RDWR)


def test_what_a_slow_reader_holds_up_is_not_a_drip() -> None:
    """A message that takes long because we read slowly is given its time."""
    with talking(says(FIRST + text("x" * 100_000)), WsBounds(message_us=1_000_000)) as (driver, notes, _):
        driver.send({"fault": "slow_reader"}, notes)
        threading.Event().wait(1.2)
        driver.send({"fault": "over"}, notes)
        notes.wait("pushed", count=2)
        assert notes.of("closed") == []
