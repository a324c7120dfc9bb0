"""FIX in a case: its words are looked up when the case is read, and its fills are a source like any other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from harness.acts import act, fix_messages, offered, read_messages
from harness.case.actions import FixSay, Listen
from harness.case.read import parse_case
from harness.checks import trades
from harness.decide import decide_answered
from harness.errors import CaseError
from harness.finding import Finding, Pending
from harness.intents import Inputs
from harness.matchers import match
from harness.model import By, Event, Kind, Source
from harness.scope import Scope
from harness.wire.fix import written

from .story import CHAIN_FACTS

SESSION = Source("fix.oe", "alice")
CASE = """\
id: ESC-7
title: "a title"
status: open
severity: minor
component: fix/session
actors: {{alice: trader}}
{channels}steps:
  - {{id: on, fix: oe, logon: {{}}}}
{step}
symptom: {{step: on, shows: {{$closed}}}}
"""


def case_of(step: str, channels: str = "") -> Any:
    return parse_case(CASE.format(step=step, channels=channels), "ESC-7.yaml")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (
            "  - {id: a, fix: oe, send: {NewOrderSingel: {ClOrdID: x}}}",
            "9:22: C028 no FIX message is called 'NewOrderSingel': did you mean NewOrderSingle?",
        ),
        (
            "  - {id: a, fix: oe, send: {NewOrderSingle: {ClOrdId: x}}}",
            "9:22: C028 no FIX field is called 'ClOrdId': did you mean ClOrdID?",
        ),
        (
            "  - {id: a, fix: oe, within: 1s, where: {Heartbeet: {TestReqID: x}}}",
            "9:42: C028 no FIX message is called 'Heartbeet': did you mean Heartbeat?",
        ),
        (
            "  - {id: a, fix: oe, within: 1s, where: {ExecutionReport: {ExecType: NWE}}}",
            "9:70: C028 ExecType (CHAR) cannot be 'NWE': did you mean NEW?",
        ),
        ("  - {id: a, fix: eo, logon: {}}", "9:13: C029 there is no fix channel 'eo'; known are dc, oe"),
        (
            "  - {id: a, fix: oe, logon: {}, logout: {}}",
            "9:5: C007 a fix step does one of logon, logout, send, raw, set, disconnect, not 2 of them",
        ),
        (
            "  - {id: a, fix: oe, logout: {}, tamper: {CheckSum: '01'}}",
            "9:34: C023 'tamper' means nothing here: it changes a message that 'send' makes",
        ),
        (
            "  - {id: a, fix: oe, send: {Heartbeat: {Text: x}}, tamper: {Side: y}}",
            "9:52: C028 'tamper' replaces what is there, and the message has no Side: say it under 'send'",
        ),
        (
            "  - {id: a, fix: oe, send: {Heartbeat: {Text: x}}, tamper: {Checksum: y}}",
            "9:52: C028 no FIX field is called 'Checksum': did you mean CheckSum?",
        ),
        (
            "  - {id: a, fix: oe, raw: 'hello'}",
            "9:22: C028 a written message starts with 8=… and ends with |: 'hello'",
        ),
        (
            "  - {id: a, fix: oe, set: {next: 5}}",
            "9:22: C028 'set' moves next_out, next_in or both, such as {next_out: 5}",
        ),
    ],
)
def test_a_slip_in_fix_is_named_where_it_stands(step: str, told: str) -> None:
    """A wrong message, field, code, channel or verb is an error at its place, with the nearest right word."""
    with pytest.raises(CaseError) as caught:
        case_of(step)

    assert str(caught.value) == f"ESC-7.yaml:{told}"


def test_names_and_codes_of_enums_both_match() -> None:
    """`ExecType: NEW` and `ExecType: 0` mean the same report."""
    report = fix_messages({"raw": sealed("35=8|49=A|56=B|34=2|52=20261122-10:00:00|150=0|151=10|")})[0]
    for code in ("NEW", '"0"', "0"):
        wanted = f"{{ExecutionReport: {{ExecType: {code}, LeavesQty: 10}}}}"
        read = case_of(f"  - {{id: a, fix: oe, within: 1s, where: {wanted}}}").step("a")
        assert read.where is not None
        assert match(read.where, report, lambda template: template) == ()


def test_a_declared_channel_says_whose_it_is() -> None:
    """A second session has a name of its own, an actor, a profile, a version, and may be raw."""
    channels = "channels: {copy: {kind: fix, as: alice, profile: drop_copy, version: FIX.4.4, raw: true}}\n"
    read = case_of("  - {id: a, fix: copy, raw: '8=FIX.4.4|35=0|'}", channels)

    step, channel = read.step("a"), read.cast.channel("fix", "copy")
    assert (step.source, step.action) == (Source("fix.copy", "alice"), FixSay("raw", "8=FIX.4.4|35=0|"))
    assert channel is not None
    assert (channel.profile, channel.begin_string, channel.raw) == ("drop_copy", "FIX.4.4", True)


def test_a_fix_step_without_a_verb_waits() -> None:
    """`where` alone is a wait on the session."""
    step = case_of("  - {id: a, fix: oe, within: 1s, where: {Heartbeat: {$present}}}").step("a")

    assert isinstance(step.action, Listen)


def test_a_message_offers_its_fields_by_name() -> None:
    """`${order.ClOrdID}` is the field of the message that the step sent."""
    intent = {"fix": "send", "message": {"NewOrderSingle": {"ClOrdID": "u1", "OrderQty": 5}}}

    assert offered(intent) == {"ClOrdID": "u1", "OrderQty": 5}
    assert offered({"fix": "logon", "fields": {}}) == {}


RAW = "raw: '${first.sent}'"
ASKED = {"fix": "send", "message": {"TestRequest": {"TestReqID": "a"}}, "tamper": {"CheckSum": "01"}}


def built(step: str, sent: Any = None) -> Any:
    """The intent of a step `a`, where the step `first` before it sent this."""
    scope = Scope(Inputs(7), 0, {"first": {"sent": sent}})
    return act(
        case_of(f"  - {{id: first, fix: oe, set: {{next_in: 1}}}}\n  - {{id: a, fix: oe, {step}}}").step("a"),
        scope.at("a", 0, 0),
        CHAIN_FACTS,
    ).intent


def test_what_is_tampered_with_stands_in_the_intent() -> None:
    """A replay compares what was replaced after the seal."""
    assert built("send: {TestRequest: {TestReqID: a}}, tamper: {CheckSum: '01'}") == ASKED


def test_a_message_is_sent_once_more() -> None:
    """`raw: ${first.sent}` sends the message of an earlier step again, sealed anew; a logon is none."""
    assert built(RAW, ASKED) == {
        "fix": "send",
        "message": ASKED["message"],
    }
    assert built(RAW, {"fix": "raw", "text": "8=F|35=0|"}) == {"fix": "raw", "text": "8=F|35=0|"}
    with pytest.raises(CaseError, match="C024 a written message starts with 8="):
        built(RAW, "no message")
    with pytest.raises(CaseError, match="what a step with 'send' sent"):
        built(RAW, {"fix": "logon", "fields": {}})


def sealed(body: str) -> str:
    """A written message with what FIX computes."""
    return written.show(written.seal(f"8=FIXT.1.1|{body}"))


def event(number: int, kind: Kind, at_ms: int, **data: Any) -> Event:
    return Event(number, at_ms * 1000, kind, SESSION, by=By.PEER, data=data)


HEAD = "49=B|56=A|34=1|52=20261122-10:00:00|"
SENT = event(1, Kind.SEND, 0, intent={"fix": "logon", "fields": {}}, wire={})
LOGON = event(2, Kind.PUSH, 5, wire={"raw": sealed(f"35=A|{HEAD}98=0|108=30|")})
LOGOUT = event(2, Kind.PUSH, 5, wire={"raw": sealed(f"35=5|{HEAD}58=unknown firm|")})
CUT = event(3, Kind.CLOSED, 9, code=None, reason="reset by peer")


@pytest.mark.parametrize(
    ("verb", "events", "holds", "refused", "text"),
    [
        ("logon", [LOGON, CUT], True, False, "Logon came"),
        ("logon", [LOGOUT, CUT], False, True, "was refused: unknown firm"),
        ("logon", [CUT], False, False, "the connection was closed (reset by peer)"),
        ("logon", [], False, False, "was not answered within 5.000 s"),
        ("logout", [LOGOUT], True, False, "Logout came"),
        ("logout", [CUT], True, False, "the connection was closed (reset by peer)"),
    ],
)
def test_logon_and_logout_are_answered_by_the_peer(
    verb: str, events: list[Event], holds: bool, refused: bool, text: str
) -> None:
    """A Logon is answered by a Logon, a Logout by a Logout or the end; only a Logout says no to a Logon."""
    events = [SENT, *events]
    found = decide_answered("on", verb, events, read_messages, SENT, 6_000_000)

    assert isinstance(found, Finding)
    assert (found.holds, found.refused, found.text) == (holds, refused, text)


def test_an_unanswered_logon_is_waited_for() -> None:
    """Until its time is over nothing is decided."""
    found = decide_answered("on", "logon", [SENT], lambda each: (), SENT, 1_000_000)

    assert found == Pending("the answer was waited for until 1.000 s")


def test_bytes_that_are_no_message_are_shown_as_they_are() -> None:
    """A garbled frame is on the timeline, and matches nothing by accident."""
    assert fix_messages({"raw": "8=FIX.4.4|9=5|35=0|10=000|"}) == ({"garbled": "8=FIX.4.4|9=5|35=0|10=000|"},)


def test_fills_over_fix_are_summed_like_any_other() -> None:
    """Execution reports of one order give its size and average price; other reports give nothing."""
    fill = {"OrderID": "0x1", "ExecType": "TRADE"}
    reports = [
        {"ExecutionReport": {**fill, "LastQty": Decimal(4), "LastPx": Decimal("0.5")}},
        {"ExecutionReport": {**fill, "LastQty": Decimal(1), "LastPx": Decimal("0.6")}},
        {"ExecutionReport": {**fill, "ExecType": "NEW"}},
        {"ExecutionReport": {**fill, "OrderID": "0x2", "LastQty": Decimal(9), "LastPx": Decimal(1)}},
        {"Heartbeat": {}},
        "PONG",
    ]
    told = [found for each in reports if (found := trades.execution("0x1", each))]

    assert trades.summed(trades.executed(told)) == {"size": 5, "price": Decimal("0.52")}
    with pytest.raises(ValueError, match="a trade's 'size' is None"):
        trades.executed([{"LastPx": Decimal(1)}])


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("raw: '8=FIX.4.4|35=0|'", "10:23: C028 {}: use 'send'"),
        ("send: {Heartbeat: {Text: x}}, tamper: {CheckSum: '01'}", "10:53: C028 {}: take 'tamper' away"),
    ],
)
def test_the_real_engine_is_sent_no_raw_bytes(step: str, told: str) -> None:
    """`raw` and `tamper` on a channel with `engine: quickfix` are refused when the case is read."""
    channels = "channels: {eng: {kind: fix, as: alice, engine: quickfix}}\n"

    with pytest.raises(CaseError) as caught:
        case_of(f"  - {{id: a, fix: eng, {step}}}", channels)

    engine = "'eng' runs the quickfix engine, which writes its own bytes"
    assert str(caught.value) == "ESC-7.yaml:" + told.format(engine)
