"""WebSocket logs: what terminal clients print, JSON lines, frames copied from a browser."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence.ticket import wslog
from harness.evidence.ticket.textlines import Lines, Taken
from harness.model import Kind

FIRST = '{"type":"user","markets":[]}'
TRADE = '{"event_type":"trade","status":"MATCHED"}'
AT_US = 1_772_460_301_123_000


def taken(*lines: str) -> Taken:
    """What is made of these lines."""
    found = wslog.take(Lines("ws.log", list(lines)), 0, 3)
    assert found is not None
    return found


def test_wscat() -> None:
    """wscat's session: connected, sent, received, disconnected with code and reason."""
    found = taken(
        "Connected (press CTRL+C to quit)",
        f"> {FIRST}",
        f"< {TRADE}",
        'Disconnected (code: 1008, reason: "invalid subscription payload")',
        "$ ",
    )
    assert [clue.kind for clue in found.clues] == [Kind.OPEN, Kind.SEND, Kind.PUSH, Kind.CLOSED]
    assert found.clues[3].data == {"code": 1008, "reason": "invalid subscription payload"}
    assert {clue.channel for clue in found.clues} == {"ws.user"}
    assert found.until == 4


@pytest.mark.parametrize(
    "line",
    [
        f"[2026-03-02T14:05:01.123Z] < {TRADE}",
        f"2026-03-02T14:05:01.123Z <- {TRADE}",
        f"2026-03-02 14:05:01.123Z << {TRADE}",
        json.dumps({"ts": 1772460301.123, "direction": "in", "data": TRADE}),
        json.dumps({"time": "2026-03-02T14:05:01.123Z", "dir": "recv", "message": json.loads(TRADE)}),
        json.dumps({"timestamp": 1772460301123, "type": "receive", "payload": TRADE}),
    ],
)
def test_received(line: str) -> None:
    """A received frame in several spellings: its text, its time, its channel."""
    clue = taken(line).clues[0]
    assert clue.kind is Kind.PUSH
    assert json.loads(clue.data["wire"]["text"]) == json.loads(TRADE)
    assert clue.stamp is not None
    assert clue.stamp.us == AT_US
    assert clue.channel == "ws.user"


def test_copied_from_a_browser() -> None:
    """Rows of a browser's list of messages: an arrow, the data, its length, the time of day."""
    found = taken("\u2b06PING\t4\t14:05:00.001", f"\u2b07{TRADE}\t40\t14:05:01.123")
    assert [clue.kind for clue in found.clues] == [Kind.SEND, Kind.PUSH]
    assert found.clues[1].data["wire"]["text"] == TRADE


def test_bare_events() -> None:
    """Bare events of the exchange, one a line, are what was received, in their order."""
    found = taken('{"event_type":"book","market":"0x1"}', '{"event_type":"price_change"}')
    assert [(clue.kind, clue.channel, clue.stamp) for clue in found.clues] == [
        (Kind.PUSH, "ws.market", None)
    ] * 2


def test_two_connections() -> None:
    """A second opening begins another connection."""
    lines = Lines("ws.log", ["Connected", f"> {FIRST}", "Connected", f"> {FIRST}"])
    first = wslog.take(lines, 0, 1)
    assert first is not None
    assert first.until == 2


@pytest.mark.parametrize("line", ["> I quote you", "<html>", "{}", '{"type":"message"}', "-> see below", ""])
def test_no_frame(line: str) -> None:
    """A quoted mail, a tag, a JSON object without a direction is no frame."""
    assert wslog.take(Lines("mail.txt", [line]), 0, 1) is None


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Whatever stands behind an arrow, reading it raises nothing."""
    for arrow in ("< ", "> ", "{", "\u2b07"):
        wslog.take(Lines("x", (arrow + text).split("\n")), 0, 1)
