"""What no step shows and a stream does: told twice, a crossed book, a time that goes back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .customer import ALICE, CONDITION, TOKEN, entry, har, leaks, placed, socket
from .drafted import New

AUTH = {"apiKey": ALICE.api_key, "secret": ALICE.secret, "passphrase": ALICE.passphrase}
HELLO = {"auth": AUTH, "markets": [CONDITION], "type": "user"}
ORDER = placed(1, status="live")
LISTEN = {"type": "market", "assets_ids": [TOKEN]}
OF_TOKEN = {"market": CONDITION, "asset_id": TOKEN}


def told(kind: str, matched: str = "0") -> dict[str, Any]:
    """What the user channel says of our order."""
    told = {"event_type": "order", "id": ORDER["orderID"], "type": kind, "size_matched": matched}
    return {**told, "market": CONDITION, "asset_id": TOKEN, "owner": ALICE.api_key, "status": "LIVE"}


def book(at_ms: int, bid: str, ask: str) -> dict[str, Any]:
    """A whole book of one bid and one ask."""
    sides = {"bids": [{"price": bid, "size": "10"}], "asks": [{"price": ask, "size": "10"}]}
    return {"event_type": "book", **OF_TOKEN, "timestamp": str(1772460301000 + at_ms), **sides}


def traded(stamped_ms: int) -> dict[str, Any]:
    """What the market channel says of a trade."""
    stamp = str(1772460301000 + stamped_ms)
    event = {"event_type": "last_trade_price", **OF_TOKEN, "price": "0.52", "size": "5", "side": "BUY"}
    return {**event, "timestamp": stamp}


def order() -> dict[str, Any]:
    """The request that placed it."""
    return entry(1000, "POST", "/order", 200, ORDER, ALICE.order(0.5, 10), ALICE)


def test_a_state_that_is_told_twice(ticket: Path, new: New) -> None:
    """Every answer is well, and one connection tells the placement twice: a check is red on the evidence."""
    heard = [("receive", 1200, told("PLACEMENT")), ("receive", 1201, told("PLACEMENT"))]
    har(ticket, [socket("user", [("send", 10, HELLO), *heard]), order()])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "proven: red for the stated reason at 'each-state-once'" in drafted.said
    assert re.search(
        r"checks: .*\n  - id: each-state-once\n    exactly_once: \{ws: user, as: alice,", drafted.case
    )
    assert drafted.case.endswith("  check: each-state-once\n  shows: {$extra: 1}\n")
    assert not leaks(drafted.written + drafted.said, ALICE)


def test_states_that_are_told_once(ticket: Path, new: New) -> None:
    """Two states of one order are nothing told twice: it is asked what went wrong."""
    heard = [("receive", 1200, told("PLACEMENT")), ("receive", 1201, told("UPDATE", "4"))]
    har(ticket, [socket("user", [("send", 10, HELLO), *heard]), order()])
    asked = new()
    assert (asked.code, "I033" in asked.said, "nothing comes twice" in asked.said) == (2, True, True)


def test_states_that_do_not_tell_enough(ticket: Path, new: New) -> None:
    """A log that leaves out how much was matched shows nothing told twice: it is asked."""
    short = {key: value for key, value in told("PLACEMENT").items() if key != "size_matched"}
    har(ticket, [socket("user", [("send", 10, HELLO), ("receive", 1200, short)]), order()])
    assert new().code == 2


def test_two_connections_hear_all_twice(ticket: Path, new: New) -> None:
    """Who has two connections hears everything twice: nobody's bug."""
    hears = [("send", 10, HELLO), ("receive", 1200, told("PLACEMENT"))]
    har(ticket, [socket("user", hears), socket("user", hears), order()])
    assert new().code == 2


@pytest.mark.parametrize(
    ("frames", "check", "shows"),
    [
        (
            [(1000, book(1000, "0.50", "0.54")), (2000, book(2000, "0.54", "0.53"))],
            "book",
            "{crossed: {$present}}",
        ),
        (
            [
                (1000, book(1000, "0.50", "0.54")),
                (3000, book(3000, "0.50", "0.54")),
                (4000, book(2000, "0.5", "0.6")),
            ],
            "in-time-order",
            "{$present}",
        ),
        (
            [(1000, book(1000, "0.50", "0.54")), (2000, traded(1900)), (30_000, traded(2900))],
            "told-in-time",
            "{age_s: {$present}}",
        ),
    ],
    ids=["crossed", "back", "late"],
)
def test_a_market_channel(ticket: Path, new: New, frames: list[Any], check: str, shows: str) -> None:
    """A crossed book, a time that goes back, a trade told late: each is a check, red within its time."""
    har(ticket, [socket("market", [("send", 10, LISTEN), *(("receive", at, what) for at, what in frames)])])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert f"proven: red for the stated reason at '{check}'" in drafted.said
    assert (
        f"symptom:                           # guessed: the first thing that went wrong\n  check: {check}\n"
        in (drafted.case)
    )
    assert drafted.case.endswith(f"  shows: {shows}\n")
    assert re.search(rf"- id: {check}\n.*\n    within: [0-9]+ms  # guessed", drafted.case), drafted.case


def test_a_market_channel_that_is_well(ticket: Path, new: New) -> None:
    """A book that is right and a trade told at once fail no check."""
    frames = [("receive", 1000, book(1000, "0.50", "0.54")), ("receive", 2000, traded(1990))]
    har(ticket, [socket("market", [("send", 10, LISTEN), *frames])])
    assert new().code == 2
