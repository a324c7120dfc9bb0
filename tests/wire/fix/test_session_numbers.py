"""Sequence numbers: gaps, resends, resets, and that nothing is lost or delivered twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.limits import FIX_QUEUED_BYTES, FIX_QUEUED_MESSAGES
from harness.wire.fix.events import (
    Failed,
    Fault,
    GapDetected,
    GapFilled,
    Queued,
    Refused,
    Sent,
    SequenceMoved,
)

from .pair import Side, by_itself, from_venue, hear, logged_on

BOTH = pytest.mark.parametrize("begin", ["FIX.4.4", "FIXT.1.1"])


@BOTH
def test_a_lost_order_is_asked_for_and_comes_in_its_place(begin: str) -> None:
    """What the wire ate is resent with 43=Y, and the application gets everything once and in order."""
    pair = logged_on(begin_string=begin)
    pair.us.session.send("D", [(11, "lost"), (55, "Y"), (54, "1")], pair.now_us)
    pair.order("c2")
    pair.order("c3")
    pair.settle()
    assert pair.them.orders == ["lost", "c2", "c3"]
    assert pair.them.said(GapDetected)[0] == GapDetected(2, 2, asked=True)
    assert [event.message.get(11) for event in pair.them.said(Queued)] == ["c2", "c3"]
    assert pair.them.said(GapFilled) == [GapFilled(3)]
    resent = [event.message for event in pair.us.said(Sent) if event.message.msg_type == "D"]
    assert (resent[0].get(34), resent[0].get(43), resent[0].get(11)) == ("2", "Y", "lost")
    assert resent[0].get(122) is not None


def test_a_number_too_low_ends_the_session() -> None:
    """A number that was used, without 43=Y, is answered with a Logout that names both numbers."""
    pair = logged_on()
    hear(pair, from_venue("8|11=c1|", 1))
    assert pair.us.said(Refused)[0].code == "seq_num_too_low"
    [logout] = pair.us.said(Sent)
    assert logout.message.get(58) == "MsgSeqNum too low, expecting 2 but received 1"
    assert pair.us.said(Failed)[0].fault is Fault.THEIRS
    assert pair.us.wants_close
    hear(pair, from_venue("8|11=c2|", 2))
    assert pair.us.said(Refused)[-1].code == "after_the_end"


def test_sequence_reset_moves_what_we_expect() -> None:
    """A gap fill moves the number in turn, a reset whatever its own number; both are told."""
    pair = logged_on()
    hear(pair, from_venue("4|123=Y|36=10|", 2))
    hear(pair, from_venue("4|36=20|", 500))
    assert pair.us.said(SequenceMoved) == [
        SequenceMoved(2, 10, reset=False),
        SequenceMoved(10, 20, reset=True),
    ]
    assert pair.us.session.next_in == 20


def test_a_gap_that_is_never_filled_stays_to_be_seen() -> None:
    """While something is missing the session says what, and asks once."""
    pair = logged_on()
    hear(pair, from_venue("8|11=c5|", 5))
    hear(pair, from_venue("8|11=c6|", 6))
    assert pair.us.session.missing == (2, 4)
    assert by_itself(pair.us) == ["2"]
    assert [event.asked for event in pair.us.said(GapDetected)] == [True, False]


def test_messages_behind_a_gap_have_a_limit() -> None:
    """At the limit all wait for the gap and come in their turn; one more ends the session."""
    for more in (0, 1):
        pair = logged_on()
        for number in range(3, FIX_QUEUED_MESSAGES + 3 + more):
            hear(pair, from_venue(f"8|11=c{number}|", number))
        assert [event.code for event in pair.us.said(Failed)] == ["queue_full"] * more
        hear(pair, from_venue("8|11=c2|", 2))
        assert len(pair.us.orders) == (0 if more else FIX_QUEUED_MESSAGES + 1)
        assert pair.us.orders == [f"c{number}" for number in range(2, len(pair.us.orders) + 2)]


def test_the_bytes_behind_a_gap_have_a_limit() -> None:
    """Large messages that wait for a gap are bounded by their bytes, and one that comes again counts once."""
    pair = logged_on()
    large = "x" * (FIX_QUEUED_BYTES // 4)
    for number in (5, 6, 6, 6, 7):
        hear(pair, from_venue(f"8|11=c|58={large}|", number))
    assert not pair.us.said(Failed)
    hear(pair, from_venue(f"8|11=c|58={large}|", 8))
    assert [event.code for event in pair.us.said(Failed)] == ["queue_full"]


def test_what_left_the_queue_makes_room() -> None:
    """A gap that is filled, or reset away, gives back what its messages took."""
    pair = logged_on()
    large = "x" * (FIX_QUEUED_BYTES // 2)
    for start in (2, 4, 6, 8):
        hear(pair, from_venue(f"8|11=late{start}|58={large}|", start + 1))
        hear(pair, from_venue(f"8|11=c{start}|", start))
    hear(pair, from_venue(f"8|11=lost|58={large}|", 20))
    hear(pair, from_venue("4|36=30|", 21))
    hear(pair, from_venue(f"8|11=c31|58={large}|", 31))
    assert not pair.us.said(Failed)


def test_a_logout_behind_a_gap_is_answered_and_the_gap_stays() -> None:
    """The peer is leaving: we answer, and ask for what is missing at the next Logon."""
    pair = logged_on()
    hear(pair, from_venue("5|", 7))
    assert pair.us.said(GapDetected) == [GapDetected(2, 6, asked=False)]
    assert by_itself(pair.us) == ["5"]
    assert pair.us.session.next_in == 2


@given(st.lists(st.tuples(st.sampled_from(["us", "them"]), st.booleans()), max_size=25))
def test_whatever_is_lost_arrives_once_and_in_order(plan: list[tuple[str, bool]]) -> None:
    """Orders of both sides, some of them lost on the wire: after one more message each, all have arrived."""
    pair = logged_on()
    sent: dict[str, list[str]] = {"us": [], "them": []}
    for number, (name, lost) in enumerate([*plan, ("us", False), ("them", False), ("us", False)]):
        side: Side = getattr(pair, name)
        sent[name].append(f"c{number}")
        if lost:
            side.session.send("D", [(11, f"c{number}"), (55, "Y"), (54, "1")], pair.now_us)
        else:
            pair.order(f"c{number}", side)
            pair.settle()
    assert pair.them.orders == sent["us"]
    assert pair.us.orders == sent["them"]
    assert pair.us.session.missing is None
    assert not pair.us.said(Failed)
    assert not pair.them.said(Failed)


@given(st.lists(st.integers(0, 3), max_size=20))
def test_what_was_lost_with_a_connection_arrives_on_the_next(plan: list[int]) -> None:
    """Orders in flight at a cut: after the last Logon and one order, all have arrived once."""
    pair = logged_on()
    sent = []
    for number, orders in enumerate(plan):
        for one in range(orders):
            sent.append(f"c{number}.{one}")
            pair.order(sent[-1])
        pair.disconnect()
        pair.log_on()
    sent.append("last")
    pair.order("last")
    pair.settle()
    assert pair.them.orders == sent
