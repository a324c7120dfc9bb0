"""`harness new` on what a customer's FIX engine did not take."""

from __future__ import annotations

import textwrap
from pathlib import Path

from harness.wire.fix.written import seal, show

from .drafted import New

CUSTOMER, VENUE = "49=FIRM_PMX_OE|56=PMX_FIRM_OE", "49=PMX_FIRM_OE|56=FIRM_PMX_OE"
ORDER = "11=o-1|38=10|40=2|44=0.4|54=1|55=MARKET-1-YES|59=1|60=20260302-14:05:01.150"
REPORT = "6=0|11=o-1|14=0|17=E1|37=X1|38=10|39=0|54=1|55=MARKET-1-YES|150=0|151=10"


def log(*messages: tuple[str, str, int, str]) -> str:
    """A log of QuickFIX: who, MsgType, number and the rest of each message."""
    lines = []
    for at, (who, kind, number, rest) in enumerate(messages):
        when = f"20260302-14:05:01.{100 + at * 50}"
        text = f"8=FIXT.1.1|9=?|35={kind}|34={number}|{who}|52={when}|{rest}|10=?|"
        lines.append(f"{when} : {show(seal(text))}")
    return "\n".join(lines) + "\n"


def test_a_number_that_the_engine_did_not_take(ticket: Path, new: New) -> None:
    """The message for whose number the customer's engine logged out is the symptom."""
    logon = "98=0|108=30|141=Y|1137=9"
    text = "58=MsgSeqNum too low, expecting 2 but received 1"
    told = log(
        (CUSTOMER, "A", 1, logon),
        (VENUE, "A", 1, logon),
        (CUSTOMER, "D", 2, ORDER),
        (VENUE, "8", 1, REPORT),
        (CUSTOMER, "5", 3, text),
    )
    (ticket / "fix.log").write_text(told)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "expect: {ExecutionReport: {MsgSeqNum: 2}}" in drafted.case
    assert "MsgSeqNum: 1}" in drafted.case.partition("symptom:")[2]


def test_the_same_session_in_two_files(ticket: Path, new: New) -> None:
    """A session that a mail pastes out of the log, wrapped and without times, is told once."""
    logon = "98=0|108=30|141=Y|1137=9"
    refused = f"{REPORT.replace('39=0', '39=8').replace('150=0', '150=8')}|58=10 USD available, requested 20"
    told = log(
        (CUSTOMER, "A", 1, logon), (VENUE, "A", 1, logon), (CUSTOMER, "D", 2, ORDER), (VENUE, "8", 2, refused)
    )
    (ticket / "fix.log").write_text(told)
    messages = [line.partition(" : ")[2] for line in told.splitlines()]
    wrapped = "\n\n".join("\n".join(textwrap.wrap(each, 72)) for each in messages)
    (ticket / "a mail.txt").write_text(f"The order is rejected.\n\n{wrapped}\n\nAna\n")
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert drafted.case.count("logon:") == 1
    assert "10 USD available" in drafted.case.partition("symptom:")[2]
    assert "a FIX message, 4 times: another file tells it, too" in drafted.said
