"""FIX logs of several engines, in several spellings of SOH."""

from __future__ import annotations

import pytest
import simplefix
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence.ticket import fixlog
from harness.evidence.ticket.clues import Clue
from harness.evidence.ticket.textlines import Lines, Taken
from harness.model import Kind
from harness.wire.fix.codec import encode, parse
from harness.wire.fix.message import Message
from harness.wire.fix.written import read

AT_US = 1_772_460_301_123_000  # 20260302-14:05:01.123


def message(kind: str, sender: str, target: str, *pairs: tuple[int, str]) -> bytes:
    """A whole message, made by simplefix."""
    made = simplefix.FixMessage()
    made.append_pair(8, "FIX.4.4", header=True)
    made.append_pair(35, kind, header=True)
    for tag, value in ((49, sender), (56, target), (34, "2"), (52, "20260302-14:05:00.000")):
        made.append_pair(tag, value, header=True)
    for tag, value in pairs:
        made.append_pair(tag, value)
    whole: bytes = made.encode()
    return whole


ORDER = message("D", "CUSTOMER", "EXCHANGE", (11, "a1"), (55, "M"), (54, "1"))
REPORT = message("8", "EXCHANGE", "CUSTOMER", (11, "a1"), (150, "0"), (39, "0"))


def taken(*lines: str) -> Taken:
    """What is made of these lines."""
    found = fixlog.take(Lines("oe.log", list(lines)), 0, 1)
    assert found is not None
    return found


def line(raw: bytes, soh: str = "\x01") -> str:
    """A message as text, SOH spelt otherwise."""
    return raw.decode("latin-1").replace("\x01", soh)


def told(clue: Clue) -> tuple[Kind, bytes, int | None]:
    """Direction, bytes and time of a clue."""
    return clue.kind, read(clue.data["wire"]["raw"]), None if clue.stamp is None else clue.stamp.us


@pytest.mark.parametrize("soh", ["\x01", "|", "^A", "\\x01", "\\u0001", "<SOH>"])
def test_spellings_of_soh(soh: str) -> None:
    """However a log writes SOH, the bytes are those of the message."""
    first, second = taken(line(ORDER, soh), line(REPORT, soh)).clues
    assert told(first)[:2] == (Kind.SEND, ORDER)
    assert told(second)[:2] == (Kind.PUSH, REPORT)


def test_files_of_quickfix() -> None:
    """QuickFIX's message file: the line's own time counts, and the customer is who sends orders."""
    found = taken(f"20260302-14:05:01.123000000 : {line(ORDER)}", f"20260302-14:05:01.123 : {line(REPORT)}")
    assert [told(clue) for clue in found.clues] == [
        (Kind.SEND, ORDER, AT_US),
        (Kind.PUSH, REPORT, AT_US),
    ]


def test_screen_of_quickfix() -> None:
    """QuickFIX's screen log says direction and time on one line and the message on the next."""
    found = taken(
        "<20260302-14:05:01.123, FIX.4.4:CUSTOMER->EXCHANGE, outgoing>",
        f"  ({line(REPORT)})",
        "<20260302-14:05:01.123, FIX.4.4:CUSTOMER->EXCHANGE, event>",
        "  (Initiated logon request)",
        "",
    )
    assert told(found.clues[0]) == (Kind.SEND, REPORT, AT_US)
    assert found.unread


def test_quickfix_j() -> None:
    """QuickFIX/J's screen log has all on one line."""
    found = taken(f"<20260302-14:05:01.123, FIX.4.4:CUSTOMER->EXCHANGE, incoming> ({line(ORDER)})")
    assert told(found.clues[0]) == (Kind.PUSH, ORDER, AT_US)


def test_words_of_direction() -> None:
    """A logger's word for the direction counts more than who sends what."""
    found = taken(f"2026-03-02T14:05:01.123Z INFO received: {line(ORDER, '|')}")
    assert told(found.clues[0]) == (Kind.PUSH, ORDER, AT_US)


def test_sending_time() -> None:
    """Where a line has no time, SendingTime stands for it."""
    assert told(taken(line(ORDER, "|")).clues[0])[2] == AT_US - 1_123_000


def test_first_logon() -> None:
    """In a log that tells nothing else, the customer is who logs on first."""
    logon = message("A", "ME", "THEM", (98, "0"), (108, "30"))
    answer = message("A", "THEM", "ME", (98, "0"), (108, "30"))
    found = taken(line(logon, "|"), line(answer, "|"))
    assert [clue.kind for clue in found.clues] == [Kind.SEND, Kind.PUSH]
    assert {clue.connection for clue in found.clues} == {"ME->THEM"}


TYPED = "8=FIX.4.4 | 35=D | 49=CUSTOMER | 56=EXCHANGE | 11=a1 | 55=M | 54=1 |"
ANONYMOUS = line(ORDER, "|").replace("a1", "***")


@pytest.mark.parametrize(
    ("changed", "damage", "says"),
    [
        (ANONYMOUS, "9=75 does not lead to 10", "|11=***|55=M|54=1|"),
        (ANONYMOUS.replace("|", "\x01"), "9=75 does not lead to 10", "|11=***|55=M|54=1|"),
        (line(ORDER, "|").replace("10=", "10=?"), "ends too early", "|11=a1|55=M|54=1|"),
        (line(ORDER, "|")[:-4] + "999|", "10=999", "|11=a1|55=M|54=1|"),
        (line(ORDER, "|").replace("55=M", "55=N"), "10=138", "|11=a1|55=N|54=1|"),
        (line(ORDER, "|").partition("=1|10=")[0] + "=", "cut off within field 54", "|11=a1|55=M|"),
        (line(ORDER, "|").partition("|10=")[0], "cut off within field 54", "|11=a1|55=M|"),
        (TYPED, "it has no BodyLength and no CheckSum", "|11=a1|55=M|54=1|"),
        (TYPED.replace("55=M", "58=no | funds"), "it has no BodyLength", r"|11=a1|58=no\|funds|54=1|"),
    ],
)
def test_edited(changed: str, damage: str, says: str) -> None:
    """A message that was edited, cut off or typed is read as far as it is plain, and what it was is told."""
    found = taken(changed)
    (clue,) = found.clues
    raw = clue.data["wire"]["raw"]
    assert isinstance(parse(read(raw)), Message)
    assert says in raw
    assert clue.kind is Kind.SEND
    assert damage in clue.data["mended"]
    assert f"{clue.data['mended']}: it was edited, cut off or typed" in found.unread[0].why


def test_sent_so() -> None:
    """A message whose CheckSum is right for its bytes was not edited: it is kept as wrong as it was sent."""
    wrong = encode([(35, "D"), (49, "CUSTOMER"), (56, "EXCHANGE"), (11, "a1")], "FIX.4.4", body_length=20)
    found = taken(line(wrong))
    assert read(found.clues[0].data["wire"]["raw"]) == wrong
    assert "mended" not in found.clues[0].data
    assert "kept as it stands" in found.unread[0].why


@pytest.mark.parametrize("part", ["oops", "=5", "x=1"])
def test_not_plain(part: str) -> None:
    """A message with a piece that is no field is kept as it stands: nobody can tell what it was."""
    found = taken(line(ORDER, "|").replace("55=M", part))
    assert part in found.clues[0].data["wire"]["raw"]
    assert "kept as it stands" in found.unread[0].why


def test_ends_at_prose() -> None:
    """The first line that is no FIX ends the log."""
    found = taken(line(ORDER, "|"), "and then nothing happened", line(REPORT, "|"))
    assert (found.until, len(found.clues)) == (1, 1)


def test_no_fix() -> None:
    """A line without a message is none."""
    assert fixlog.take(Lines("x", ["we use FIX 4.4"]), 0, 1) is None


@given(st.binary(max_size=60))
def test_any_bytes(noise: bytes) -> None:
    """Whatever stands behind a message's beginning, it is read or told of."""
    text = "8=FIX.4.4|9=5|" + noise.decode("latin-1").replace("\n", " ")
    found = fixlog.take(Lines("x", [text]), 0, 1)
    assert found is None or found.clues or found.unread
