"""A trade that stays matched: what is missing is the bug."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .customer import ALICE, CONDITION, TOKEN, entry, har, leaks, placed, socket
from .drafted import New

AUTH = {"apiKey": ALICE.api_key, "secret": ALICE.secret, "passphrase": ALICE.passphrase}
HELLO = {"auth": AUTH, "markets": [CONDITION], "type": "user"}
ORDER = placed(1, status="matched", tradeIDs=["t-1"])


def trade(status: str) -> dict[str, Any]:
    """What the user channel says of our trade."""
    event = {"event_type": "trade", "taker_order_id": ORDER["orderID"], "market": CONDITION, "id": "t-1"}
    return {**event, "asset_id": TOKEN, "status": status, "size": "10", "owner": ALICE.api_key}


def session(folder: Path, looks_ms: int, *heard: tuple[str, int, Any], refused: bool = False) -> None:
    """An order that is matched, what the user channel said, and a last look at the orders."""
    order = entry(1000, "POST", "/order", 200, ORDER, ALICE.order(0.5, 10), ALICE)
    told = {"error": "invalid signature"} if refused else {"data": [], "next_cursor": "LTE="}
    look = entry(looks_ms, "GET", "/data/orders", 400 if refused else 200, told, by=ALICE)
    har(folder, [socket("user", [("send", 10, HELLO), *heard]), order, look])


def test_a_trade_that_stays_matched(ticket: Path, new: New) -> None:
    """A trade is MATCHED and the evidence goes on without another word: that wait is red."""
    session(ticket, 13_000, ("receive", 1200, trade("MATCHED")))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "    within: 10s" in drafted.case
    assert "shows: {$nothing}\n  witness: trade-matched\n" in drafted.case
    assert not leaks(drafted.written + drafted.said, ALICE)


def test_evidence_that_ends_at_the_match(ticket: Path, new: New) -> None:
    """Where the evidence ends before a settlement could have come, it is asked what went wrong."""
    session(ticket, 3000, ("receive", 1200, trade("MATCHED")))
    drafted = new()
    assert drafted.code == 2
    assert "I033" in drafted.said


def test_a_trade_that_was_settled(ticket: Path, new: New) -> None:
    """A trade that was mined is nothing missing."""
    session(ticket, 13_000, ("receive", 1200, trade("MATCHED")), ("receive", 3000, trade("MINED")))
    assert new().code == 2


def test_something_else_that_went_wrong(ticket: Path, new: New) -> None:
    """Where a request was refused, that is the symptom, and no wait stands in the draft."""
    session(ticket, 13_000, ("receive", 1200, trade("MATCHED")), refused=True)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "error: invalid signature" in drafted.case
    assert "settled" not in drafted.case


def test_the_wait_can_be_named(ticket: Path, new: New) -> None:
    """Who names the wait as the symptom gets it, though something else went wrong."""
    session(ticket, 13_000, ("receive", 1200, trade("MATCHED")), refused=True)
    drafted = new("--symptom", "settled")
    assert drafted.code == 0, drafted.said
    assert "shows: {$nothing}" in drafted.case
