"""A FIX session whose peer breaks limits, drips or floods: evidence on the timeline, and a timely end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from venue.bench import eventually

from harness import limits
from harness.channels.address import FixAddress
from harness.channels.fix import FixDriver
from harness.channels.fixreading import FixBounds
from harness.clock import RunClock
from harness.errors import GuardError, TargetError
from harness.wire.fix import written
from harness.wire.fix.codec import Parser
from harness.wire.fix.message import Garbled

from .fixbytes import answers, logon, message, report
from .fixpeer import BEGIN
from .hostile import Hostile, Script, reset
from .leaves import NO_DIAL, OPEN_DIAL
from .notes import Note, Notes

SOON = FixBounds(message_us=300_000)
LOGON = {"fix": "logon", "fields": {"ResetSeqNumFlag": True}}


@contextmanager
def talking(
    script: Script, bounds: FixBounds | None = None, *, raw: bool = False
) -> Iterator[tuple[FixDriver, Notes, Hostile]]:
    """A session that has sent its Logon to a peer with this script."""
    notes = Notes()
    with Hostile(script) as server:
        address = FixAddress("127.0.0.1", server.port, "CASE", "PEER", BEGIN)
        driver = FixDriver(lambda: address, notes, RunClock(), OPEN_DIAL, raw=raw, bounds=bounds)
        driver.send({"fix": "raw", "text": "8=FIXT.1.1|35=0|"} if raw else LOGON, notes)
        yield driver, notes, server
        driver.close()


def ended(
    script: Script, bounds: FixBounds | None = None, *, raw: bool = False
) -> tuple[Note, list[dict[str, Any]]]:
    """How the session ends, and what came before."""
    with talking(script, bounds, raw=raw) as (driver, notes, _):
        closed = notes.wait("closed")
        driver.close()
    assert [note.what for note in notes.told].count("closed") == 1
    assert notes.told[-1] is closed
    return closed, notes.of("pushed")


def asking() -> bytes:
    """A TestRequest, with the time at which it is asked for."""
    return message("1", 2, (112, "there?"))


BEGUN = {
    "all-but-the-end": lambda: report(2, "never")[:-3],
    "the-first-letters": lambda: b"8=FI",
    "the-largest-length": lambda: b"8=FIXT.1.1\x019=1048576\x0135=8\x01",
    "half": lambda: b"8=FIXT.1.1\x019=100\x0135=8\x01" + b"x" * 50,
}


@pytest.mark.parametrize("name", BEGUN)
def test_a_message_that_never_comes_whole_ends(name: str) -> None:
    """The end says how much of it came, and its bytes stand on the timeline behind what came whole."""
    begun, whole = BEGUN[name](), logon() + asking()
    closed, came = ended(answers(whole + begun), SOON)

    where = f"(after {len(whole + begun)} bytes, {len(begun)} bytes into a message)"
    told = "T025 we closed the connection: a message did not come whole within 0.300 s"
    assert (closed.wire, closed.by) == ((None, f"{told} {where}"), "session")
    assert came[2:] == [{"raw": written.show(begun), "garbled": True}]


def test_a_field_that_drips_ends_in_the_time_of_its_message() -> None:
    """Bytes that go on coming give a message no more time, in a raw session neither."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        server.drip(held, message("B", 2, (58, "x" * 10_000)))

    for raw in (False, True):
        closed, [came] = ended(script, SOON, raw=raw)
        assert closed.wire[1].startswith("T025 ")
        assert came["garbled"]


def test_messages_one_after_the_other_have_all_the_time_there_is() -> None:
    """A session on which whole messages go on coming, cut anywhere, is not a message that drips."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        data = logon() + b"".join(report(number, "x") for number in range(2, 12))
        for at in range(0, len(data), 40):
            held.sendall(data[at : at + 40])
            server.over.wait(0.03)

    closed, came = ended(script, FixBounds(message_us=1_000_000))
    assert closed.wire[1].startswith("the peer closed the connection ")
    assert len(came) == 11


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        pytest.param(b"8=FIXT.1.1\x019=2147483648\x0135=8\x0110=000\x01", "body_length", id="length-2-31"),
        pytest.param(b"8=FIXT.1.1\x019=999999999\x0135=8\x0110=000\x01", "message_limit", id="9-digits"),
        pytest.param(b"8=FIXT.1.1\x019=1048577\x0135=8\x0110=000\x01", "message_limit", id="length-limit+1"),
        pytest.param(b"8=FIXT.1.1\x019=-1\x0135=8\x0110=000\x01", "body_length", id="length-negative"),
        pytest.param(b"\x16\x03\x01\x02\x00" + b"\x00" * 300, "begin_string", id="tls"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", "begin_string", id="http"),
    ],
)
def test_what_is_no_message_is_kept_and_passed_over(bad: bytes, code: str) -> None:
    """Its bytes stand on the timeline as they came, and the message behind it is read and answered."""
    with talking(answers(logon() + bad + asking())) as (_, notes, _):
        notes.wait("pushed", lambda wire: "|112=there?|" in wire["raw"])
        notes.wait("said", lambda wire: "|35=0|" in wire["raw"])
        garbled = [wire["raw"] for wire in notes.of("pushed") if wire.get("garbled")]
    assert b"".join(map(written.read, garbled)) == bad
    frame = Parser().feed(bad + asking())[0]
    assert isinstance(frame, Garbled)
    assert frame.flaw.code == code


def test_fields_have_a_limit() -> None:
    """A message of as many fields as the limit is one; with one more it is garbled, bytes and all."""
    fields = [(9000 + n % 900, "x") for n in range(limits.FIX_FIELDS - 8)]
    for more, is_garbled in ((0, None), (1, True)):
        raw = message("B", 2, *fields, *[(58, "y")] * more)
        assert raw.count(b"\x01") == limits.FIX_FIELDS + more
        with talking(answers(logon() + raw)) as (_, notes, _):
            wire = notes.wait("pushed", count=2).wire
        assert (wire.get("garbled"), written.read(wire["raw"]) == raw) == (is_garbled, True)


def test_a_logon_that_is_not_answered_ends() -> None:
    """A peer that takes the connection and says nothing costs the Logon's time, and the end names it."""
    bounds = FixBounds(logon_us=300_000)
    closed, came = ended(lambda server, held: server.read_all(held), bounds)

    told = "we closed the connection: logon_timeout: nothing came in time: the session was logon sent"
    assert (closed.wire, closed.by, came) == ((None, told), "session", [])


def test_a_peer_that_asks_and_does_not_read_ends() -> None:
    """Answers that nobody reads are given up in their time."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        held.sendall(logon())
        number = 2
        while not server.over.is_set():
            held.sendall(message("1", number, (112, "x" * 200_000)))
            number += 1

    closed, _ = ended(script, FixBounds(connect_s=1))
    assert closed.wire == (None, "T027 the other side read nothing of what we said")


@pytest.mark.parametrize("hard", [False, True], ids=["ends", "resets"])
def test_a_peer_that_hangs_up(hard: bool) -> None:
    """An end and a reset say after how many bytes, and in the middle of what."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.recv(65_536)
        held.sendall(logon() + asking()[:20])
        if hard:
            server.over.wait(0.2)
            reset(held)

    closed, _ = ended(script)
    where = f"(after {len(logon()) + 20} bytes, 20 bytes into a message)"
    why = "the connection broke: Connection reset by peer" if hard else "the peer closed the connection"
    assert (closed.wire, closed.by) == ((None, f"{why} {where}"), "peer")


def test_without_leave_nothing_is_opened() -> None:
    """A gateway that the guard did not judge is its refusal, and nobody is connected to."""
    notes = Notes()
    with Hostile(lambda server, held: None) as server:
        address = FixAddress("127.0.0.1", server.port, "CASE", "PEER", BEGIN)
        driver = FixDriver(lambda: address, notes, RunClock(), NO_DIAL)
        with pytest.raises(GuardError):
            driver.send(LOGON, notes)
    assert (server.taken, notes.told) == (0, [])


def test_a_record_that_is_full_ends_the_session() -> None:
    """Where the run's record takes nothing more, the connection is closed, once, and its thread ends."""

    class Full(Notes):
        def pushed(self, wire: Any, by: Any = None) -> None:
            raise TargetError("T020", "no room")

    notes = Full()
    with Hostile(answers(logon())) as server:
        address = FixAddress("127.0.0.1", server.port, "CASE", "PEER", BEGIN)
        driver = FixDriver(lambda: address, notes, RunClock(), OPEN_DIAL)
        driver.send(LOGON, notes)
        closed = notes.wait("closed")
        eventually(lambda: server.seen)
        driver.close()
    assert (closed.wire, closed.by) == ((None, "T020 we closed the connection: no room"), "session")


STRICT = [
    ("no_equals", b"hello\x01"),
    ("tag_number", b"0=x\x01"),
    ("tag_number", b"-5=x\x01"),
    ("tag_number", b"012=x\x01"),
    ("tag_number", b"1e3=x\x01"),
    ("tag_number", b"99999999999999999999=x\x01"),
    ("empty_value", b"58=\x01"),
    ("duplicate_tag", b"43=N\x0143=N\x01"),
    ("data_length", b"95=4\x0196=abc\x01"),
    ("data_length", b"95=1000000\x0196=abc\x01"),
    ("length_without_data", b"95=3\x0158=abc\x01"),
    ("data_without_length", b"96=abc\x01"),
    ("non_ascii", b"58=caf\xc3\xa9\x01"),
]


def sealed(body: bytes, length: int | None = None, total: int | None = None) -> bytes:
    """A message with this body; a length and a sum that are given stand there, right or wrong."""
    head = b"8=FIXT.1.1\x019=%d\x01" % (len(body) if length is None else length)
    right = sum(head + body) % 256
    return head + body + b"10=%03d\x01" % (right if total is None else total)


def test_each_break_of_strictness_has_its_code_and_its_bytes() -> None:
    """Whatever is wrong with a message, it stands on the timeline byte for byte, and its code says what."""
    start = b"35=B\x0149=PEER\x0156=CASE\x0134=2\x0152=20260101-00:00:00\x01"
    wrong = [(code, sealed(start + bad)) for code, bad in STRICT]
    wrong += [
        ("body_length", sealed(start, length=len(start) - 1)),
        ("check_sum", sealed(start, total=(sum(sealed(start)) + 1) % 200 + 1)),
        ("msg_type", sealed(start[5:] + start[:5])),
        ("field_limit", sealed(start + b"58=x\x01" * limits.FIX_FIELDS)),
        ("message_limit", sealed(start, length=limits.FIX_MESSAGE_BYTES + 1)),
        ("begin_string", b"GET / HTTP/1.1\x0110=000\x01"),
    ]
    with talking(answers(b"".join(raw for _, raw in wrong)), raw=True) as (_, notes, _):
        notes.wait("pushed", count=len(wrong))
    came = [written.read(wire["raw"]) for wire in notes.of("pushed")]
    assert came == [raw for _, raw in wrong]
    frames = [frame for raw in came for frame in Parser().feed(raw)]
    codes = [
        {frame.flaw.code} if isinstance(frame, Garbled) else {f.code for f in frame.flaws} for frame in frames
    ]
    assert [codes[n] for n in range(len(wrong))] == [{code} for code, _ in wrong]
