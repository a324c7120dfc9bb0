"""References in a draft: ids that came in an answer, a report or an event, and tokens of subscriptions."""

from __future__ import annotations

import json
from pathlib import Path

from .customer import ALICE, BALANCE, CONDITION, OTHER_TOKEN, TOKEN, entry, har, placed
from .drafted import New
from .test_fixlog import line, message

OUT, CAME = ("ACME", "EXCH"), ("EXCH", "ACME")
ORDER_ID = str(placed(1)["orderID"])
TRADE_ID = "a95b1f58-c8b8-4b31-8fd4-a1a4b4b0a6d1"


def fix_session(path: Path, *rows: bytes) -> None:
    """A FIX log of order entry, a message each second."""
    told = (f"20260302-14:05:{at:02d}.000 : {line(row, '|')}" for at, row in enumerate(rows, start=1))
    path.write_text("\n".join(told) + "\n")


def test_an_id_is_saved_once(ticket: Path, new: New) -> None:
    """An id of an answer that requests name in a path and a query is saved once and referred to."""
    bought = placed(1, status="matched", tradeIDs=[TRADE_ID])
    refused = entry(4000, "POST", "/order", 400, {"error": BALANCE}, ALICE.order(0.5, 9), ALICE)
    har(
        ticket,
        [
            entry(0, "POST", "/order", 200, bought, ALICE.order(0.5, 5), ALICE),
            entry(1000, "GET", f"/data/trades?id={TRADE_ID}", 200, {"data": [{"id": TRADE_ID}]}, by=ALICE),
            entry(2000, "GET", f"/trades/{TRADE_ID}/legs", 200, {"legs": 1}, by=ALICE),
            refused,
        ],
    )
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert drafted.case.count("$.body.tradeIDs[0]") == 1
    assert "rest: GET /trades/${trade_ids}/legs" in drafted.case
    assert 'params: {id: "${trade_ids}"}' in drafted.case
    assert TRADE_ID not in drafted.case


def test_an_id_of_a_report(ticket: Path, new: New) -> None:
    """The exchange's id that a FIX report tells is saved there, and a request and a cancel refer to it."""
    report = (
        *((11, "a1"), (37, ORDER_ID), (17, "E1"), (150, "0"), (39, "0"), (54, "1")),
        *((55, "M-YES"), (14, "0"), (151, "5")),
    )
    har(ticket, [entry(2500, "GET", f"/data/order/{ORDER_ID}", 200, {"status": "LIVE"}, by=ALICE)])
    fix_session(
        ticket / "fix.log",
        message("D", *OUT, (11, "a1"), (38, "5"), (40, "2"), (44, "0.5"), (54, "1"), (55, "M-YES")),
        message("8", *CAME, *report),
        message("F", *OUT, (11, "a2"), (37, ORDER_ID), (41, "a1"), (55, "M-YES"), (54, "1")),
        message("9", *CAME, (11, "a2"), (37, "NONE"), (39, "8"), (41, "a1"), (434, "1"), (58, "Unknown")),
    )
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert 'save: {order_id: "$.ExecutionReport.OrderID"}' in drafted.case
    assert "rest: GET /data/order/${order_id}" in drafted.case
    assert 'OrderID: "${order_id}"' in drafted.case


def test_an_id_of_nobody(ticket: Path, new: New) -> None:
    """An id that nothing of the evidence made stays as it is, and the draft says that it is not known."""
    gone = {"error": "order not found"}
    har(ticket, [entry(0, "GET", f"/data/order/{ORDER_ID}", 404, gone, by=ALICE)])
    assert "# guessed: nothing in the evidence says where its id came from" in new().case


def test_one_market_of_fix_and_rest(ticket: Path, new: New) -> None:
    """A FIX symbol and a condition are one market where a FIX message names an order of the other."""
    order = {"id": ORDER_ID, "asset_id": TOKEN, "market": CONDITION, "outcome": "Yes", "status": "LIVE"}
    har(ticket, [entry(0, "GET", f"/data/order/{ORDER_ID}", 200, order, by=ALICE)])
    fix_session(
        ticket / "fix.log",
        message("F", *OUT, (11, "a2"), (37, ORDER_ID), (41, ORDER_ID), (55, "M-YES"), (54, "1")),
        message("9", *CAME, (11, "a2"), (37, "NONE"), (39, "8"), (41, "a1"), (434, "1"), (58, "Unknown")),
    )
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert 'Symbol: "${market.symbol}-YES"' in drafted.case
    assert "market2" not in drafted.case


def test_two_tokens_of_a_subscription(ticket: Path, new: New) -> None:
    """A second token of a subscription is taken for the market's other outcome, and that is a guess."""
    book = json.dumps({"event_type": "book", "asset_id": TOKEN, "market": CONDITION, "bids": [], "asks": []})
    tokens = json.dumps({"type": "market", "assets_ids": [TOKEN, OTHER_TOKEN]})
    (ticket / "ws.log").write_text(f"Connected\n> {tokens}\n< {book}\n> {tokens}\n< INVALID OPERATION\n")
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert 'assets_ids: ["${market.yes}", "${market.no}"]' in drafted.case
    assert "nothing says the outcome of its token; it is taken for 'no'" in drafted.case
    assert "market2" not in drafted.case


def test_a_part_that_no_path_can_name(ticket: Path, new: New) -> None:
    """An id that stands under a name with a hyphen is saved from nowhere, and stays as it is."""
    told = {"x-trace-id": TRADE_ID}
    refused = entry(2000, "POST", "/order", 400, {"error": BALANCE}, ALICE.order(0.5, 9), ALICE)
    asked = entry(1000, "GET", f"/data/trades?id={TRADE_ID}", 200, {"data": []}, by=ALICE)
    har(ticket, [entry(0, "GET", "/data/orders", 200, told, by=ALICE), asked, refused])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "$.body.x-trace-id" not in drafted.case
