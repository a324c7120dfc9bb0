"""The session's rules between two sessions of ours, with a clock that the test turns: exact, and in no time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import By
from harness.wire.fix import rules
from harness.wire.fix.codec import Parser, parse
from harness.wire.fix.dictionary import dictionary_for
from harness.wire.fix.events import (
    Failed,
    Fault,
    GapDetected,
    GapFilled,
    Ignored,
    LoggedOn,
    LoggedOut,
    Queued,
    Received,
    Refused,
    Sent,
    SequenceMoved,
)
from harness.wire.fix.message import Message
from harness.wire.fix.outbox import KEPT_MESSAGES, Fill, Kept, Outbox, Resend
from harness.wire.fix.rules import SECOND_US, Config, State
from harness.wire.fix.session import Session, SessionMisuse
from harness.wire.fix.written import read, seal, show

from .corpus import CORPUS
from .pair import EPOCH_US, Pair, Side

BOTH = pytest.mark.parametrize("begin", ["FIX.4.4", "FIXT.1.1"])


def by_itself(side: Side) -> list[str]:
    """The MsgTypes that a side sent by itself."""
    return [event.message.msg_type for event in side.said(Sent)]


def from_venue(fields: str, number: int, begin: str = "FIX.4.4") -> bytes:
    """A message of the venue, with a header that is right."""
    kind, _, body = fields.partition("|")
    return seal(f"8={begin}|35={kind}|49=VENUE|56=ALICE|34={number}|52=20260301-00:00:00.000|{body}")


def logged_on(**config: object) -> Pair:
    """A pair that has exchanged Logons."""
    pair = Pair(**config)  # type: ignore[arg-type]
    pair.log_on()
    return pair


def hear(pair: Pair, raw: bytes) -> None:
    """Give our side bytes of the venue's that the other session did not send."""
    pair.us.events += pair.us.session.receive(raw, pair.now_us)


# ---- logon and logout ------------------------------------------------------------------------------


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
        "35=A|49=ALICE|56=VENUE|34=1|52=20260301-00:00:00.001|98=0|108=30|141=Y|1137=9|553=alice|554=x|8013=Y|10=043|"
    )


def test_fields_of_the_case_win_over_ours() -> None:
    """A case may send another HeartBtInt, number, time or sender than the session would."""
    session = Session(Config("FIX.4.4", "ALICE", "VENUE"))
    session.connected(0)
    assert "|108=5|" in show(session.logon(0, [(108, 5)]))
    session.receive(from_venue("A|98=0|108=5|", 1).replace(b"20260301", b"19700101"), 0)
    session.disconnected(0)
    session.connected(0)
    session.logon(0)
    assert session.next_out == 3


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


# ---- time ------------------------------------------------------------------------------------------


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


# ---- numbers ---------------------------------------------------------------------------------------


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
    assert [(one.get(34), one.get(43), one.get(11)) for one in resent][0] == ("2", "Y", "lost")
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


@pytest.mark.parametrize(
    ("raw", "code", "reason"),
    [
        (from_venue("8|11=c1|", 2).replace(b"49=VENUE", b"49=VENUA"), None, None),
        (from_venue("8|58=|", 2), "empty_value", 4),
        (from_venue("8|0=x|", 2), "tag_number", 0),
        (from_venue("8|43=N|43=N|", 2), "duplicate_tag", 13),
        (from_venue("8|95=3|58=x|", 2), "length_without_data", 1),
        (from_venue("2|7=1|", 2), "required_tag_missing", 1),
        (from_venue("2|7=9|16=0|", 2), "value_out_of_range", 5),
        (from_venue("4|123=Y|36=2|", 2), "value_out_of_range", 5),
        (from_venue("4|36=1|", 2), "value_out_of_range", 5),
        (from_venue("4|123=Y|", 2), "required_tag_missing", 1),
        (from_venue("8|43=Y|", 1), "required_tag_missing", 1),
        (seal("8=FIX.4.4|35=8|49=VENUE|56=ALICE|34=2|10=?|"), "required_tag_missing", 1),
        (seal("8=FIX.4.4|35=8|49=VENUE|56=ALICE|34=2|52=now|10=?|"), "value_format", 6),
    ],
)
def test_a_message_that_breaks_a_rule_is_rejected(raw: bytes, code: str | None, reason: int | None) -> None:
    """A Reject names the message, the tag and the reason; the session lives on. Garbled bytes get no answer."""
    pair = logged_on()
    hear(pair, raw)
    if code is None:
        assert len(pair.us.said(Ignored)) == 1
        assert not pair.us.said(Sent)
        return
    [refused] = pair.us.said(Refused)
    assert (refused.code, refused.reason) == (code, reason)
    [reject] = pair.us.said(Sent)
    assert (reject.message.msg_type, reject.message.get(373)) == ("3", str(reason))
    assert pair.us.session.state is State.ACTIVE


@pytest.mark.parametrize(
    ("raw", "code", "types"),
    [
        (seal("8=FIX.4.2|35=0|49=VENUE|56=ALICE|34=2|52=20260301-00:00:00|10=?|"), "begin_string", ["5"]),
        (seal("8=FIX.4.4|35=0|49=OTHER|56=ALICE|34=2|52=20260301-00:00:00|10=?|"), "comp_id", ["3", "5"]),
        (seal("8=FIX.4.4|35=0|49=VENUE|56=OTHER|34=2|52=20260301-00:00:00|10=?|"), "comp_id", ["3", "5"]),
        (seal("8=FIX.4.4|35=0|49=VENUE|56=ALICE|52=20260301-00:00:00|10=?|"), "seq_num_missing", ["5"]),
        (
            seal("8=FIX.4.4|35=0|49=VENUE|56=ALICE|34=2|52=20260301-00:02:01|10=?|"),
            "sending_time",
            ["3", "5"],
        ),
        (from_venue("0|43=Y|122=20260301-00:00:01|", 1), "orig_sending_time", ["3", "5"]),
    ],
)
def test_a_message_that_cannot_be_trusted_ends_the_session(raw: bytes, code: str, types: list[str]) -> None:
    """Another version, another party, no number, a wrong time: rejected where FIX has a reason, then Logout."""
    pair = logged_on()
    hear(pair, raw)
    assert [event.code for event in pair.us.said(Failed)] == [code]
    assert by_itself(pair.us) == types
    assert pair.us.wants_close


@pytest.mark.parametrize(
    ("fields", "code"), [("8|11=c1|", "first_not_logon"), ("A|98=0|", "logon_required_tag_missing")]
)
def test_the_first_message_must_be_a_logon_that_is_right(fields: str, code: str) -> None:
    """Before their Logon nothing else is taken."""
    pair = Pair()
    pair.us.session.connected(0)
    pair.us.session.logon(0)
    hear(pair, from_venue(fields, 1))
    assert [event.code for event in pair.us.said(Failed)] == [code]


def test_a_logon_before_ours_is_refused() -> None:
    """An initiator speaks first."""
    pair = Pair()
    pair.us.session.connected(0)
    hear(pair, from_venue("A|98=0|108=30|", 1))
    assert [event.code for event in pair.us.said(Failed)] == ["logon_unasked"]


def test_a_reject_is_never_rejected() -> None:
    """A Reject with a flaw is taken as it is: two engines would reject each other for ever."""
    pair = logged_on()
    hear(pair, from_venue("3|45=1|58=|", 2))
    assert not pair.us.said(Sent)
    assert pair.us.said(Received)[-1].flaws[0].code == "empty_value"


def test_names_in_utf8_are_put_up_with() -> None:
    """A byte over 127 in a text is told, and not rejected."""
    pair = logged_on()
    hear(pair, from_venue(r"8|58=caf\xc3\xa9|", 2))
    assert [flaw.code for flaw in pair.us.said(Received)[-1].flaws] == ["non_ascii"]
    assert not pair.us.said(Refused)


def test_a_dictionary_makes_the_session_strict() -> None:
    """With a dictionary in the config, a code that a field does not have is rejected."""
    pair = logged_on(dictionary=dictionary_for("FIX.4.4"))
    hear(pair, from_venue("1|150=0|112=x|", 2))
    assert [(event.code, event.reason) for event in pair.us.said(Refused)] == [("tag_not_in_message", 2)]


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


def test_too_many_messages_behind_a_gap_end_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that never fills a gap costs no memory without end."""
    monkeypatch.setattr("harness.wire.fix.session.QUEUED_MESSAGES", 2)
    assert rules.QUEUED_MESSAGES > 1_000
    pair = logged_on()
    for number in (5, 6, 7):
        hear(pair, from_venue("8|11=c|", number))
    assert [event.code for event in pair.us.said(Failed)] == ["queue_full"]


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
    """Cuts between orders, with orders in flight: after the last Logon and one order, all have arrived once."""
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


# ---- what the case does ----------------------------------------------------------------------------


def test_raw_mode_answers_nothing() -> None:
    """A raw session hands everything on at once, follows their numbers, and never speaks or ends by itself."""
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
    """A connection that ends without Logouts is a failure of theirs; the next one goes on with the numbers."""
    pair = logged_on()
    pair.disconnect()
    assert [event.code for event in pair.us.said(Failed)] == ["connection_lost"]
    pair.log_on()
    assert pair.us.session.next_out == 3


# ---- nothing is lost -------------------------------------------------------------------------------


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
    for number in range(10, KEPT_MESSAGES + 10):
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
