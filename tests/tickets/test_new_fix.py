"""`harness new` on FIX logs of several sessions: order entry and drop copy, of one customer or more."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.case.read import read_case
from harness.case.values import Role
from harness.cassette import read
from harness.model import Event

from .drafted import New
from .test_fixlog import line, message

ROOT = Path(__file__).resolve().parents[2]


def recorded(name: str) -> list[str]:
    """The FIX messages of a recording of ESC-1111, as a log with times: order entry and drop copy."""
    cassette = read(ROOT / "cassettes" / "ESC-1111" / f"{name}.jsonl")
    started = datetime.fromtimestamp(cassette.header.started_wall_us / 1e6, UTC)

    def told(event: Event) -> str:
        at = started + timedelta(microseconds=event.at_us)
        return f"{at:%Y%m%d-%H:%M:%S.%f} : {event.data['wire']['raw'].replace('|', chr(1))}"

    return [told(event) for event in cassette.events if "raw" in event.data.get("wire", {})]


def steps(case: str) -> list[tuple[str, str]]:
    """Each step of a drafted case with the FIX channel that it names."""
    return re.findall(r"- id: (\S+)\n    fix: (\S+)", case)


def test_drop_copy(ticket: Path, new: New) -> None:
    """A log of an order-entry session and its drop copy is one account on two channels with steps each."""
    (ticket / "fix.log").write_text("\n".join(recorded("broken")) + "\n")
    made = new()
    assert made.code == 0, made.said
    assert [channel for _, channel in steps(made.case)] == ["oe", "dc", "dc", "oe", "oe"]
    assert "# guessed: a drop copy: so its CompIDs say" in made.case
    assert made.case.count(": trader\n") == 1
    assert "proven: red for the stated reason at 'refused'" in made.said


def test_a_report_on_both(ticket: Path, new: New) -> None:
    """A report of an order of the other session refers to that order; of nobody's order, that is said."""
    (ticket / "fix.log").write_text("\n".join(recorded("fixed")) + "\n")
    made = new("--symptom", "copy-canceled")
    assert made.code == 1  # nothing went wrong, so it holds: what should have come is for a reader to say
    assert re.search(
        r"- id: copy-canceled\n    fix: dc\n.*\n    within: .*\n"
        r"    where: \{ExecutionReport: \{ClOrdID: \"\$\{cancel\.ClOrdID\}\", ExecType: CANCELED\}\}",
        made.case,
    ), made.case
    assert "# guessed: nothing in the evidence placed its order: say who did" in made.case


def session(ours: str, *messages: tuple[str, bool, tuple[tuple[int, str], ...]]) -> list[str]:
    """Messages of one session with the exchange: MsgType, whether we sent it, fields."""
    sides = [(ours, "EXCH") if sent else ("EXCH", ours) for _, sent, _ in messages]
    return [
        line(message(kind, *both, *fields), "|")
        for (kind, _, fields), both in zip(messages, sides, strict=True)
    ]


ORDER = ("D", True, ((11, "a1"), (38, "5"), (40, "2"), (44, "0.5"), (54, "1"), (55, "M-YES")))
REPORT = ("8", False, ((11, "a1"), (37, "X-77"), (17, "E1"), (150, "0"), (39, "0"), (54, "1"), (55, "M-YES")))
REFUSED = ("8", False, ((11, "a1"), (37, "X-78"), (17, "E2"), (150, "8"), (39, "8"), (58, "no"), (54, "1")))


@pytest.mark.parametrize("name", ["ACME2", "OTHER"])
def test_a_copy_that_no_name_gives_away(ticket: Path, new: New, name: str) -> None:
    """A session that sends no orders and is told of another session's very orders is its drop copy."""
    lines = [*session("ACME", ORDER, REPORT), *session(name, REPORT), *session("ACME", ORDER, REFUSED)]
    (ticket / "mail.txt").write_text("\n".join(lines) + "\n")
    made = new()
    assert ("copy-new", "dc") in steps(made.case)
    assert "# guessed: a drop copy: it sends no orders, and is told of another session's" in made.case
    assert re.findall(r"^  ([a-z]+): trader", made.case, re.M) == ["alice"]


def test_two_customers(ticket: Path, new: New) -> None:
    """The order-entry sessions of two customers are two actors, though both count their orders alike."""
    lines = [*session("ACME", ORDER, REPORT), *session("BETA", ORDER, REFUSED)]
    (ticket / "mail.txt").write_text("\n".join(lines) + "\n")
    made = new()
    assert made.code == 0, made.said
    assert re.findall(r"fix: oe\n    as: ([a-z]+)", made.case) == ["alice", "alice", "bob", "bob"]
    assert "proven: red for the stated reason at 'refused'" in made.said


def test_two_sessions_of_one(ticket: Path, new: New) -> None:
    """A second order-entry session of one customer is a channel that the case declares."""
    lines = [*session("ACME_OE1", ORDER, REPORT), *session("ACME_OE2", ORDER, REFUSED)]
    (ticket / "mail.txt").write_text("\n".join(lines) + "\n")
    made = new()
    assert made.code == 0, made.said
    assert "channels:\n  oe2: {kind: fix, profile: order_entry, as: alice}\n" in made.case
    assert [channel for _, channel in steps(made.case)] == ["oe", "oe", "oe2", "oe2"]
    case = read_case(Path("cases/ESC-1234.yaml"))
    assert {step.source.channel for step in case.in_role(Role.STEPS)} == {"fix.oe", "fix.oe2"}


def test_a_mail_with_messages_edited_by_hand(ticket: Path, new: New) -> None:
    """Typed, anonymised and cut messages make steps that are proven on them, each with its damage told."""
    typed = "8=FIX.4.4 | 35=D | 49=ME | 56=EXCH | 11=q1 | 38=5 | 40=2 | 44=0.5 | 54=1 | 55=M-YES |"
    (order,) = session("ME", ("D", True, ((11, "a1"), (38, "7"), (40, "2"), (44, "0.5"), (54, "1"))))
    (refusal,) = session("ME", REFUSED)
    cut = refusal.partition("|54=")[0] + "|54"
    (ticket / "mail.txt").write_text(
        f"Hi, I sent\n{typed}\nthen\n{order.replace('44=0.5', '44=0.6')}\nand got\n{cut}\n"
    )
    made = new()
    assert made.code == 0, made.said
    assert "# guessed: its message was damaged (it has no BodyLength and no CheckSum)" in made.case
    assert "mail.txt:2:1: a part of a FIX message: it has no BodyLength and no CheckSum: it was" in made.said
    assert "OrderQty: 5" in made.case
    assert 'Text: "no"' in made.case
    assert "proven: red for the stated reason at 'refused'" in made.said
