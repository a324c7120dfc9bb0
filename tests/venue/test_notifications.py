"""What an account is notified of, how long it is kept, and how it is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from harness.venue.engine import Engine, Now
from harness.venue.notifications import KEPT_S, Notifications
from harness.venue.records import TradeStatus
from harness.wire.clob import Side

from .bench import Bench, Customer, eventually
from .desk import call
from .test_settlement import START, WALLET, market, order

CANCELLATION, FILL, RESOLVED, FAILED = 1, 2, 4, 8


def notified(bench: Bench, customer: Customer, query: str = "?signature_type=0") -> list[dict[str, Any]]:
    status, rows = call(bench, customer, "GET", "/notifications" + query)
    assert status == 200
    return rows


def of_type(bench: Bench, customer: Customer, kind: int) -> list[dict[str, Any]]:
    return eventually(lambda: [row for row in notified(bench, customer) if row["type"] == kind])


def test_a_cancelled_order_is_notified(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """A cancel leaves one notification of type 1 with the order's key, sizes and market."""
    order_id = buyer.order(market["yes"], "BUY", 0.1, 10)["orderID"]
    assert notified(bench, buyer) == []
    buyer.client.cancel_all()

    (row,) = notified(bench, buyer)

    assert (row["type"], row["owner"]) == (CANCELLATION, buyer.client.creds.api_key)
    assert row["payload"] == {
        "market": market["condition"],
        "question": market["symbol"],
        "market_slug": market["symbol"].lower(),
        "eventSlug": market["symbol"].lower(),
        "asset_id": market["yes"],
        "order_id": order_id,
        "side": "BUY",
        "type": "GTC",
        "price": "0.1",
        "original_size": "10",
        "matched_size": "0",
        "remaining_size": "10",
        "outcome": "Yes",
        "outcome_index": 0,
        "transaction_hash": "",
        "trade_id": "",
    }
    order = buyer.client.get_order(order_id)
    assert 0 <= row["timestamp"] - order["created_at"] < 60


def test_a_fill_is_notified_to_both_sides(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """Taker and maker get one notification of type 2 each, with the trade and its transaction."""
    seller = bench.customer(market, no="20")
    resting = seller.order(market["no"], "SELL", 0.5, 10)["orderID"]
    reply = buyer.order(market["no"], "BUY", 0.5, 5)
    trade = buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    for customer, order_id, remaining in ((buyer, reply["orderID"], "0"), (seller, resting, "5")):
        (row,) = of_type(bench, customer, FILL)
        said = row["payload"]
        assert (said["order_id"], said["matched_size"], said["remaining_size"]) == (order_id, "5", remaining)
        assert (said["trade_id"], said["transaction_hash"]) == (trade["id"], trade["transaction_hash"])
        assert (said["outcome"], said["outcome_index"]) == ("No", 1)


def test_a_failed_fill_is_notified(troubled: Bench) -> None:
    """A match whose settlement fails for good is told as type 8, and not as a fill."""
    market = troubled.market()
    seller, buyer = troubled.customer(market, yes="20"), troubled.customer(market, collateral="20")
    seller.order(market["yes"], "SELL", 0.5, 10)
    troubled.control("/verbs/revert", {"times": 3})
    reply = buyer.order(market["yes"], "BUY", 0.5, 10)
    for customer in (buyer, seller):
        (row,) = of_type(troubled, customer, FAILED)
        assert row["payload"]["trade_id"] == reply["tradeIDs"][0]
        assert [each["type"] for each in notified(troubled, customer)] == [FAILED]


def test_a_resolved_market_is_notified(troubled: Bench) -> None:
    """Whoever had an order in a market is told its outcome, once; others are not."""
    market = troubled.market()
    buyer, other = troubled.customer(market, collateral="20"), troubled.customer(market, collateral="20")
    for price in (0.1, 0.2):
        buyer.order(market["yes"], "BUY", price, 10)
    troubled.control("/verbs/resolve", {"market": market["condition"], "outcome": "no"})
    rows = notified(troubled, buyer)
    assert [row["type"] for row in rows] == [CANCELLATION, CANCELLATION, RESOLVED]
    assert (rows[2]["payload"]["market"], rows[2]["payload"]["outcome"]) == (market["condition"], "No")
    assert notified(troubled, other) == []


def test_notifications_are_dropped_by_id(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """DELETE takes away those that are named; another account's and unknown ids stay as they are."""
    for price in (0.1, 0.2, 0.3):
        buyer.order(market["yes"], "BUY", price, 10)
    buyer.client.cancel_all()
    first, second, third = (row["id"] for row in notified(bench, buyer))
    other = bench.customer(market)
    assert call(bench, other, "DELETE", f"/notifications?ids={first}") == (200, "OK")
    assert call(bench, buyer, "DELETE", "/notifications") == (200, "OK")
    assert len(notified(bench, buyer)) == 3
    assert call(bench, buyer, "DELETE", f"/notifications?ids={first},{third},999999") == (200, "OK")
    assert [row["id"] for row in notified(bench, buyer)] == [second]
    wrong = call(bench, buyer, "DELETE", "/notifications?ids=x")
    assert wrong == (400, {"error": "Invalid payload"})


def test_notifications_of_a_wallet(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """`signature_type` picks the wallet whose orders are told; without it all of the account's are."""
    buyer.order(market["yes"], "BUY", 0.1, 10)
    buyer.client.cancel_all()
    assert notified(bench, buyer, "?signature_type=2") == []
    assert notified(bench, buyer, "") == notified(bench, buyer)
    wrong = call(bench, buyer, "GET", "/notifications?signature_type=4")
    assert wrong == (400, {"error": "Invalid signature_type"})


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_notifications_are_signed(bench: Bench, buyer: Customer, method: str) -> None:
    """Who does not sign is told nothing and drops nothing."""
    answer = call(bench, buyer, method, "/notifications", passphrase="wrong")
    assert answer == (401, {"error": "Unauthorized/Invalid api key"})


def test_notifications_are_kept_48_hours() -> None:
    """A notification is there for 48 hours and gone after them."""
    engine, listed = Engine(), market()
    engine.open_market(listed, START)
    notifications = Notifications(engine)
    resting = order(listed, Side.BUY, "0.1", "10")
    engine.place(resting, START)
    engine.cancel(resting, START)
    for seconds, count in ((0, 1), (KEPT_S - 1, 1), (KEPT_S, 0)):
        now = Now(START.ns + seconds * 1_000_000_000)
        assert len(notifications.kept(WALLET, [WALLET], now)) == count


def test_a_trade_that_is_mined_again_is_told_once() -> None:
    """A fill whose block was taken away and mined again is one notification."""
    engine, listed = Engine(), market()
    engine.open_market(listed, START)
    notifications = Notifications(engine)
    engine.place(order(listed, Side.SELL, "0.5", "10"), START)
    trade = engine.place(order(listed, Side.BUY, "0.5", "10"), START)
    assert trade is not None
    for status in (TradeStatus.MINED, TradeStatus.RETRYING, TradeStatus.MINED, TradeStatus.CONFIRMED):
        trade.status = status
        engine.trade_changed(trade, START)
    kept = notifications.kept(WALLET, [WALLET], START)
    assert [row.view()["type"] for row in kept] == [FILL, FILL]  # of the taker's order and of the maker's
