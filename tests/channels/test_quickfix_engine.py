"""`engine: quickfix`: the real engine on the case's side, against the venue's gateway over real sockets."""

from __future__ import annotations

import socket
from decimal import Decimal
from typing import Any

import pytest
from venue.bench import Bench, Customer

from harness.channels.address import FixAddress
from harness.errors import CaseError

from .seat import TOTAL, Seat


def test_the_engine_logs_on_and_the_case_is_said_to_have(seat: Seat) -> None:
    """A logon opens a connection; its Logon is the case's, the reply is marked as the session's."""
    reply = seat.log_on(**TOTAL)

    opened, sent, pushed = seat.told
    assert (opened.what, sent.what, pushed) == ("opened", "sent", reply)
    assert sent.kind == "Logon"
    assert sent.fields["ResetSeqNumFlag"] is True
    assert (reply.by, reply.fields["MsgSeqNum"]) == ("session", 1)


def test_an_order_and_its_fill(seat: Seat, bench: Bench, market: dict[str, str], customer: Customer) -> None:
    """An order with a group goes out whole; its reports come as the exchange's, and no Reject is said."""
    seat.log_on(**TOTAL)
    parties = [{"PartyID": "A", "PartyRole": "CLIENT_ID"}, {"PartyID": "B", "PartyRole": "EXECUTING_FIRM"}]

    (sent,) = seat.order(market, "o1", NoPartyIDs=parties)
    accepted = seat.wait("pushed", "ExecutionReport", ExecType="NEW")
    bench.customer(market, yes="10").order(market["yes"], "SELL", 0.4, 5)
    filled = seat.wait("pushed", "ExecutionReport", ExecType="TRADE")
    seat.ask("all there")

    assert sent.fields["NoPartyIDs"] == parties
    assert (accepted.by, accepted.fields["ClOrdID"], filled.fields["CumQty"]) == ("peer", "o1", Decimal(5))
    assert not [told for told in seat.told if told.what == "said"]


def test_a_logout_is_the_case_s_and_ends_the_connection(seat: Seat) -> None:
    """A logout goes out with its text, is answered, and closes; what is sent afterwards is lost."""
    seat.log_on(**TOTAL)

    sent, *_ = seat.do("logout", text="that is all")  # the answer may have come by then
    closed = seat.wait("closed")
    late = seat.do("send", message={"TestRequest": {"TestReqID": "late"}})

    assert (sent.kind, sent.fields["Text"]) == ("Logout", "that is all")
    assert seat.wait("pushed", "Logout").by == "session"
    assert closed.text == "we closed the connection"
    assert [(told.what, told.text) for told in late] == [("sent", ""), ("lost", "there is no FIX connection")]


def test_a_case_that_just_sends_is_logged_on_first(seat: Seat, market: dict[str, str]) -> None:
    """A first send without a logon has the session say one; the message is the case's."""
    reports = seat.order(market, "o1")

    assert [(told.what, told.kind) for told in reports] == [
        ("opened", ""),
        ("said", "Logon"),
        ("pushed", "Logon"),
        ("sent", "NewOrderSingle"),
    ]


def test_numbers_moved_are_the_engine_s(seat: Seat) -> None:
    """A number moved out shows at the exchange as a gap, which the engine fills by itself."""
    seat.log_on(**TOTAL)

    assert [(told.what, told.text) for told in seat.do("set", next_out=7)] == [("sent", "")]
    seat.do("send", message={"TestRequest": {"TestReqID": "gap"}})

    asked = seat.wait("pushed", "ResendRequest")
    filled = seat.wait("said", "SequenceReset")
    assert (asked.fields["BeginSeqNo"], asked.by) == (2, "session")
    assert (filled.fields["GapFillFlag"], filled.fields["NewSeqNo"]) == (True, 8)


def test_a_session_that_went_down_resumes_with_its_numbers(
    seat: Seat, bench: Bench, market: dict[str, str]
) -> None:
    """After a disconnect the numbers go on, and the engine asks for the reports that it missed."""
    seat.log_on(**TOTAL)
    seat.order(market, "o1")
    seat.wait("pushed", "ExecutionReport", ExecType="NEW")

    down = seat.do("disconnect")
    bench.customer(market, yes="10").order(market["yes"], "SELL", 0.4, 5)
    before = len(seat.told)
    seat.log_on()
    missed = seat.wait("pushed", "ExecutionReport", ExecType="TRADE")

    assert {(told.what, told.text) for told in down} == {("sent", ""), ("closed", "we closed the connection")}
    assert seat.wait("sent", "Logon", after=before).fields["MsgSeqNum"] == 3
    assert seat.wait("said", "ResendRequest", after=before).fields["BeginSeqNo"] == 3
    assert missed.fields["PossDupFlag"] is True


def test_an_engine_that_was_hung_up_on_waits_for_the_case(seat: Seat) -> None:
    """The exchange hangs up on a number too low; the engine stays down until the case logs on again."""
    seat.log_on(**TOTAL)
    seat.ask("one")
    seat.do("set", next_out=1)
    seat.do("send", message={"TestRequest": {"TestReqID": "low"}})
    seat.wait("closed")
    assert "MsgSeqNum too low" in seat.wait("pushed", "Logout").fields["Text"]

    before = len(seat.told)
    assert seat.do("send", message={"TestRequest": {"TestReqID": "down"}})[-1].what == "lost"
    seat.log_on(**TOTAL)

    assert [told.what for told in seat.told[before:]].count("opened") == 1
    assert seat.ask("two").fields["MsgSeqNum"] == 2


def test_fix_4_4(bench: Bench, customer: Customer, market: dict[str, str]) -> None:
    """A FIX 4.4 session works with its one dictionary."""
    seat = Seat.of(bench, customer, begin_string="FIX.4.4")

    seat.log_on(**TOTAL)
    seat.order(market, "o1")

    report = seat.wait("pushed", "ExecutionReport", ExecType="NEW")
    assert report.text.startswith("8=FIX.4.4|")
    seat.driver.close()
    assert [told.kind for told in seat.told if told.what == "said"] == ["Logout"]
    seat.assert_gone()


def test_fields_of_the_case_s_own_logon(seat: Seat) -> None:
    """What the case puts on its Logon goes out, in the header where it belongs there."""
    seat.do("logon", fields={**TOTAL, "HeartBtInt": 5, "Username": "zoë", "TargetSubID": "desk"})

    fields = seat.wait("sent", "Logon").fields
    assert (fields["HeartBtInt"], fields["TargetSubID"]) == (5, "desk")
    assert "553=zo\\xc3\\xab|" in seat.wait("sent", "Logon").text
    assert seat.wait("pushed", "Logon").fields["HeartBtInt"] == 5


@pytest.mark.parametrize(
    ("verb", "more", "told"),
    [
        ("raw", {"text": "8=FIXT.1.1|35=0|"}, "writes its own bytes"),
        ("send", {"message": {"TestRequest": {"MsgSeqNum": 9}}}, r"writes MsgSeqNum \(34\) itself"),
        ("send", {"message": {"TestRequest": {"112": ""}}}, "a value is not empty"),
        ("logon", {"fields": {"SenderCompID": "ME"}}, r"writes SenderCompID \(49\) itself"),
    ],
)
def test_what_an_engine_never_does_is_the_author_s(
    seat: Seat, verb: str, more: dict[str, Any], told: str
) -> None:
    """Asking the engine for what it never does is an error of the case, not a finding about the product."""
    if verb == "send":
        seat.log_on(**TOTAL)

    with pytest.raises(CaseError, match=told) as caught:
        seat.do(verb, **more)

    assert caught.value.code == "C028"


def test_heartbeats_are_agreed_once(seat: Seat) -> None:
    """quickfix takes its heartbeat interval when it is made; another one later is refused."""
    seat.log_on(HeartBtInt=20)
    seat.do("disconnect")

    with pytest.raises(CaseError, match="takes HeartBtInt"):
        seat.do("logon", fields={"HeartBtInt": 21})


def test_bytes_that_are_no_message_are_told_too() -> None:
    """Garbled bytes stand on the timeline as they came, and so does that the engine hangs up on them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seat = Seat(FixAddress("127.0.0.1", listener.getsockname()[1], "A", "B", "FIXT.1.1"))
        seat.do("logon")
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"8=FIXT.1.1\x019=5\x0135=0\x0110=999\x01")
            garbled = seat.wait("pushed")
            closed = seat.wait("closed")

    assert (garbled.text, garbled.by) == ("8=FIXT.1.1|9=5|35=0|10=999|", "peer")
    assert closed.text == "we closed the connection"
    seat.driver.close()
    seat.assert_gone()
