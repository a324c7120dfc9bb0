"""What a case does with a session: raw mode, raw bytes, numbers by hand; and what every session keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.limits import FIX_KEPT_MESSAGES
from harness.model import By
from harness.wire.fix.codec import Parser, parse
from harness.wire.fix.events import (
    Failed,
    Ignored,
    LoggedOut,
    Queued,
    Received,
    Refused,
    Sent,
)
from harness.wire.fix.message import Message
from harness.wire.fix.outbox import Fill, Kept, Outbox, Resend
from harness.wire.fix.rules import Config
from harness.wire.fix.session import Session, SessionMisuse
from harness.wire.fix.written import read, seal

from .corpus import CORPUS
from .pair import Pair, from_venue, hear, logged_on


def test_raw_mode_answers_nothing() -> None:
    """A raw session hands everything on, follows their numbers, and never speaks or ends by itself."""
    pair = Pair(raw=True)
    session = pair.us.session
    session.connected(0)
    session.send("A", [(98, 0), (108, 30)], 0)
    for raw in (
        from_venue("A|98=0|108=30|", 1),
        from_venue("1|112=x|", 9),
        from_venue("8|11=c1|", 3),
        from_venue("8|43=Y|11=c1|", 3),
        from_venue("4|123=Y|36=20|", 10),
        from_venue("5|58=bye|", 20),
        b"noise\x0110=000\x01",
    ):
        hear(pair, raw)
    kinds = [type(event) for event in pair.us.events]
    assert Sent not in kinds
    assert kinds.count(Received) == 6
    assert kinds.count(Ignored) == 1
    assert LoggedOut(By.PEER, "bye") in pair.us.events
    assert [event.poss_dup for event in pair.us.said(Received)] == [False, False, False, True, False, False]
    assert session.next_in == 21
    assert session.next_deadline_us is None
    assert session.tick(10**12) == []


def test_raw_bytes_go_out_as_they_are() -> None:
    """send_raw changes no byte; a message with the number that is next uses it up."""
    pair = logged_on()
    session = pair.us.session
    assert session.send_raw(b"anything", 0) == b"anything"
    assert session.next_out == 2
    session.send_raw(read("8=FIX.4.4|9=10|35=0|34=2|10=161|"), 0)
    session.send_raw(seal("8=FIX.4.4|35=0|34=2|"), 0)
    assert session.next_out == 3
    session.send("0", [(34, 99)], 0)
    assert session.next_out == 3
    assert session.send_raw(b"", 0) == b""


def test_numbers_can_be_moved_by_hand() -> None:
    """A case sets next_out and next_in, and what it skipped is gap-filled when asked for."""
    pair = logged_on()
    pair.us.session.set(next_out=10)
    pair.order("c1")
    pair.settle()
    assert pair.them.orders == ["c1"]
    fill = next(event.message for event in pair.us.said(Sent) if event.message.msg_type == "4")
    assert (fill.get(34), fill.get(36), fill.get(123), fill.get(43)) == ("2", "10", "Y", "Y")
    pair.us.session.set(next_in=50)
    assert (pair.us.session.next_out, pair.us.session.next_in) == (11, 50)


@pytest.mark.parametrize(
    ("misuse", "code"),
    [
        (lambda session: session.send("D", [], 0), "not_logged_on"),
        (lambda session: session.logout(0), "not_logged_on"),
        (lambda session: session.logon(0), "logon_twice"),
        (lambda session: session.receive(b"", 0), "not_connected"),
        (lambda session: session.send_raw(b"x", 0), "not_connected"),
        (lambda session: session.set(next_out=0), "bad_number"),
        (lambda session: (session.connected(0), session.connected(0)), "already_connected"),
    ],
)
def test_what_a_session_cannot_do_now_is_our_mistake(misuse: Callable[[Session], object], code: str) -> None:
    """Misuse is an exception with a code, and never an event about the peer."""
    with pytest.raises(SessionMisuse) as caught:
        misuse(Session(Config("FIX.4.4", "ALICE", "VENUE")))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"begin_string": "FIX.4.2"},
        {"sender": ""},
        {"heart_bt_int_s": -1},
        {"logon_timeout_us": 0},
    ],
)
def test_a_config_checks_itself(wrong: dict[str, object]) -> None:
    """A version we do not speak, a missing party, a negative interval are refused when made."""
    with pytest.raises(ValueError, match="session"):
        Config(**{"begin_string": "FIX.4.4", "sender": "A", "target": "B"} | wrong)  # type: ignore[arg-type]


def test_a_cut_connection_is_told() -> None:
    """A connection that ends without Logouts is a failure of theirs; the numbers go on with the next."""
    pair = logged_on()
    pair.disconnect()
    assert [event.code for event in pair.us.said(Failed)] == ["connection_lost"]
    pair.log_on()
    assert pair.us.session.next_out == 3


@given(
    st.lists(st.sampled_from([*CORPUS, b"noise", b"8=FIX", from_venue("8|11=c1|", 2), from_venue("5|", 9)]))
)
def test_every_frame_arrives_once(pieces: list[bytes]) -> None:
    """Every frame is in exactly one arrival event, in order, whatever the session thinks of it."""
    pair = logged_on()
    data = b"".join(pieces)
    before = len(pair.us.events)
    hear(pair, data)
    arrived = b""
    for event in pair.us.events[before:]:
        if isinstance(event, Ignored):
            arrived += event.garbled.raw
        elif isinstance(event, Queued | Refused) or (isinstance(event, Received) and not event.queued):
            arrived += event.message.raw
    parser = Parser()
    assert arrived == b"".join(frame.raw for frame in parser.feed(data))
    assert pair.us.session.tail == parser.tail


def test_the_outbox_answers_with_messages_and_fills() -> None:
    """Kept messages are resent, every run between them is one fill, and the oldest are forgotten first."""
    outbox = Outbox()
    kept = Kept("D", ((11, "c1"),), "20260301-00:00:00.000")
    assert list(outbox.answer(1, 3)) == [Fill(1, 4)]
    for number in (3, 4, 7):
        outbox.keep(number, kept)
    assert list(outbox.answer(1, 9)) == [
        Fill(1, 3),
        Resend(3, kept),
        Resend(4, kept),
        Fill(5, 7),
        Resend(7, kept),
        Fill(8, 10),
    ]
    for number in range(10, FIX_KEPT_MESSAGES + 10):
        outbox.keep(number, kept)
    assert list(outbox.answer(3, 7)) == [Fill(3, 8)]


def test_what_we_send_is_always_a_message() -> None:
    """Every message of a session's own making parses, without a flaw."""
    pair = logged_on(begin_string="FIXT.1.1")
    for side in (pair.us, pair.them):
        for event in side.said(Sent):
            frame = parse(event.raw)
            assert isinstance(frame, Message)
            assert not frame.flaws
