"""Logon, Logout, heartbeats and time-outs between two sessions of ours, with a clock that the test turns."""

from __future__ import annotations

import pytest

from harness.model import By
from harness.wire.fix.events import (
    Failed,
    Fault,
    LoggedOn,
    LoggedOut,
    Sent,
)
from harness.wire.fix.rules import SECOND_US, Config, State
from harness.wire.fix.session import Session
from harness.wire.fix.written import show

from .pair import EPOCH_US, Pair, by_itself, from_venue, hear, logged_on

BOTH = pytest.mark.parametrize("begin", ["FIX.4.4", "FIXT.1.1"])


@BOTH
def test_two_sessions_log_on_and_out(begin: str) -> None:
    """Logons and Logouts are exchanged, and both sides say so."""
    pair = logged_on(begin_string=begin, heart_s=17)
    for side in (pair.us, pair.them):
        assert side.said(LoggedOn) == [LoggedOn(17, reset=False)]
        assert (side.session.state, side.session.next_out, side.session.next_in) == (State.ACTIVE, 2, 2)
    pair.carry(pair.us, pair.us.session.logout(pair.now_us, "done"))
    pair.settle()
    assert pair.us.said(LoggedOut) == [LoggedOut(By.CASE, "")]
    assert pair.them.said(LoggedOut) == [LoggedOut(By.PEER, "done")]
    assert pair.us.wants_close
    assert not pair.them.wants_close
    pair.wait(2)
    assert pair.them.wants_close


def test_a_logon_reads_as_people_expect() -> None:
    """Our first message has the standard header and what the config adds."""
    session = Session(
        Config("FIXT.1.1", "ALICE", "VENUE", epoch_us=EPOCH_US, logon_fields=((553, "alice"), (554, "x")))
    )
    session.connected(0)
    assert show(session.logon(1_500, [(8013, "Y")], reset=True)).split("|", 2)[2] == (
        "35=A|49=ALICE|56=VENUE|34=1|52=20260301-00:00:00.001|98=0|108=30|141=Y|1137=9|553=alice|554=x|8013=Y|10=054|"
    )


def test_fields_of_the_case_win_over_ours() -> None:
    """A case may send another HeartBtInt, number, time or sender than the session would."""
    session = Session(Config("FIX.4.4", "ALICE", "VENUE"))
    session.connected(0)
    sent = show(session.logon(0, [(108, 5), (34, 9), (52, "now"), (49, "BOB"), (98, 1)]))
    assert sent.split("|", 2)[2] == "35=A|49=BOB|56=VENUE|34=9|52=now|108=5|98=1|10=084|"
    assert session.next_out == 1


def test_a_logon_that_is_not_answered_fails() -> None:
    """Ten seconds without an answer end the session, theirs."""
    pair = Pair()
    pair.us.session.connected(0)
    pair.us.session.logon(0)
    assert pair.us.session.next_deadline_us == 10 * SECOND_US
    assert pair.us.session.tick(10 * SECOND_US - 1) == []
    events = pair.us.session.tick(10 * SECOND_US)
    assert isinstance(events[0], Failed)
    assert (events[0].fault, events[0].code) == (Fault.THEIRS, "logon_timeout")


def test_a_logout_that_is_not_answered_fails() -> None:
    """Two seconds without their Logout end the session, theirs."""
    pair = logged_on()
    pair.us.session.logout(pair.now_us)
    [failed, _] = pair.us.session.tick(2 * SECOND_US)
    assert isinstance(failed, Failed)
    assert failed.code == "logout_timeout"


def test_an_acceptor_without_a_logon_gives_up() -> None:
    """A connection on which nobody logs on is closed after ten seconds."""
    pair = Pair()
    pair.connect()
    pair.wait(10)
    assert [event.code for event in pair.them.said(Failed)] == ["logon_timeout"]


def test_both_numbers_begin_again() -> None:
    """141=Y sets both sides to 1, on a new connection and on a live session."""
    pair = logged_on()
    pair.order("c1")
    pair.settle()
    pair.disconnect()
    pair.log_on(reset=True)
    for side in (pair.us, pair.them):
        assert (side.session.next_out, side.session.next_in) == (2, 2)
    pair.order("c2")
    pair.carry(pair.us, pair.us.session.logon(pair.now_us, reset=True))
    pair.settle()
    for side in (pair.us, pair.them):
        assert (side.session.state, side.session.next_out, side.session.next_in) == (State.ACTIVE, 2, 2)
    assert pair.them.orders == ["c1", "c2"]


def test_their_reset_that_we_did_not_ask_for_resets_us_too() -> None:
    """A Logon answered with 141=Y means that both sides begin at 1; ours counts as our 1."""
    session = Session(Config("FIX.4.4", "ALICE", "VENUE", epoch_us=EPOCH_US))
    session.set(next_out=7, next_in=9)
    session.connected(0)
    session.logon(0)
    events = session.receive(from_venue("A|98=0|108=30|141=Y|", 1), 0)
    assert LoggedOn(30, reset=True) in events
    assert (session.next_out, session.next_in) == (2, 2)


def test_their_heartbeat_interval_holds_for_an_acceptor() -> None:
    """An acceptor takes the interval of the initiator's Logon and says it back."""
    pair = Pair(heart_s=30)
    pair.connect()
    pair.carry(pair.us, pair.us.session.logon(0, [(108, 5)]))
    pair.settle()
    assert pair.them.said(LoggedOn) == [LoggedOn(5, reset=False)]
    assert [event.message.get(108) for event in pair.them.said(Sent)] == ["5"]


def test_a_heartbeat_goes_out_after_an_interval_of_silence() -> None:
    """Exactly one interval after the last message, and not a microsecond before."""
    pair = logged_on()
    assert pair.us.session.next_deadline_us == 30 * SECOND_US
    assert pair.us.session.tick(30 * SECOND_US - 1) == []
    [sent] = pair.us.session.tick(30 * SECOND_US)
    assert isinstance(sent, Sent)
    assert (sent.message.msg_type, sent.by) == ("0", By.SESSION)


def test_an_idle_session_stays_up_on_heartbeats_alone() -> None:
    """An hour of silence is heartbeats in both directions and nothing else."""
    pair = logged_on()
    pair.wait(3600)
    assert set(by_itself(pair.us)) == {"0"}
    assert pair.us.session.state is State.ACTIVE
    assert not pair.us.said(Failed)


def test_a_silent_peer_is_asked_and_then_given_up() -> None:
    """After 1.2 intervals of silence a TestRequest goes out, after 2.4 the session has failed."""
    pair = logged_on()
    session = pair.us.session
    kinds = [event.message.msg_type for event in session.tick(36 * SECOND_US) if isinstance(event, Sent)]
    assert kinds == ["1"]
    assert session.next_deadline_us == 66 * SECOND_US
    session.tick(66 * SECOND_US)
    failed, _ = session.tick(72 * SECOND_US)
    assert isinstance(failed, Failed)
    assert (failed.fault, failed.code) == (Fault.THEIRS, "heartbeat_timeout")
    assert session.state is State.OVER


def test_any_message_is_a_sign_of_life() -> None:
    """A late answer of any kind takes the question back."""
    pair = logged_on()
    pair.us.session.tick(36 * SECOND_US)
    pair.us.session.receive(from_venue("8|11=c1|", 2), 40 * SECOND_US)
    assert pair.us.session.tick(72 * SECOND_US - 1) != []
    assert pair.us.session.state is State.ACTIVE


def test_a_session_without_heartbeats_waits_for_nothing() -> None:
    """HeartBtInt 0 means no heartbeats and no time-outs."""
    pair = logged_on(heart_s=0)
    assert pair.us.session.next_deadline_us is None
    pair.wait(10_000)
    assert pair.us.session.state is State.ACTIVE


def test_a_test_request_is_answered_with_its_id() -> None:
    """The Heartbeat that answers carries the TestReqID."""
    pair = logged_on()
    hear(pair, from_venue("1|112=alive?|", 2))
    [answer] = pair.us.said(Sent)
    assert (answer.message.msg_type, answer.message.get(112)) == ("0", "alive?")
