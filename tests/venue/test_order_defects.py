"""Each defect of order entry and of the book: what a broken build does, and what a healthy one does."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from harness.venue.engine import GONE
from harness.wire import clob
from harness.wire.clob import Side

from .bench import Bench, Customer, Ship, both, read_until
from .desk import call, make, post, refused
from .fixclient import FixClient

FOK_KILLED = "order couldn't be fully filled. FOK orders are fully filled or killed."
FAK_KILLED = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
)


def parties(bench: Bench) -> tuple[dict[str, str], Customer, Customer]:
    market = bench.market()
    return market, bench.customer(market, yes="1000"), bench.customer(market, collateral="1000")


@both
def test_esc_1001(ship: Ship, healthy: bool) -> None:
    """A matched FOK that is sent again is a duplicate; the broken build buys, and settles, a second time."""
    bench = ship("ESC-1001", healthy)
    market, seller, buyer = parties(bench)
    seller.order(market["yes"], "SELL", 0.4, 20)
    order = make(buyer, market["yes"], Side.BUY, "0.99", "4")
    first = post(bench, buyer, order, "FOK")[1]
    assert first["status"] == "matched"

    status, second = post(bench, buyer, order, "FOK")

    if healthy:
        assert (status, second) == refused(f"order {first['orderID']} is invalid. Duplicated.")
    else:
        assert (status, second["status"], second["orderID"]) == (200, "matched", first["orderID"])
    trades = {*first["tradeIDs"], *second.get("tradeIDs", ())}
    assert len(trades) == (1 if healthy else 2)
    assert {trade["id"] for trade in buyer.client.get_trades()} == trades
    for trade_id in trades:
        buyer.until_status(trade_id, "CONFIRMED")
    funds = bench.funds(buyer, market)
    assert (funds["collateral"], funds["yes"]) == (("998.4", "4") if healthy else ("996.8", "8"))


def test_esc_1001_where_the_contract_stops_it(ship: Ship) -> None:
    """Where the first execution used the order up, the second is matched and reverts on chain."""
    bench = ship("ESC-1001", False)
    market, seller, buyer = parties(bench)
    seller.order(market["yes"], "SELL", 0.5, 20)
    order = make(buyer, market["yes"], Side.BUY, "0.5", "4")
    trades = [post(bench, buyer, order, "FOK")[1]["tradeIDs"][0] for _ in range(2)]
    buyer.until_status(trades[0], "CONFIRMED")
    failed = buyer.until_status(trades[1], "FAILED")
    assert failed["err_msg"] == "the settlement transaction reverted: OrderAlreadyFilled"
    assert bench.funds(buyer, market)["yes"] == "4"


def test_esc_1001_spares_what_rests(ship: Ship) -> None:
    """Even the broken build refuses a copy of an order that rests, also where it was filled in part."""
    bench = ship("ESC-1001", False)
    market, seller, buyer = parties(bench)
    order = make(buyer, market["yes"], Side.BUY, "0.5", "10")
    order_id = post(bench, buyer, order)[1]["orderID"]
    duplicate = refused(f"order {order_id} is invalid. Duplicated.")
    assert post(bench, buyer, order) == duplicate
    seller.order(market["yes"], "SELL", 0.5, 6)
    assert post(bench, buyer, order) == duplicate


@both
@pytest.mark.parametrize("kind", ["FOK", "FAK"])
@pytest.mark.parametrize(
    ("price", "amount", "shares", "misses"),
    [
        ("0.07", 1, 14_280_000, True),
        ("0.07", 1, 14_285_700, True),
        ("0.29", 10, 34_480_000, True),
        ("0.57", 100, 175_438_500, True),
        ("0.33", 1, 3_030_300, True),
        ("0.98", 1, 1_020_000, True),
        ("0.07", 7, 100_000_000, False),
        ("0.08", 1, 12_500_000, False),
        ("0.58", 29, 50_000_000, False),
        ("0.5", 10, 20_000_000, False),
    ],
)
def test_esc_1012(
    ship: Ship, healthy: bool, kind: str, price: str, amount: int, shares: int, misses: bool
) -> None:
    """A market buy that is protected at the ask fills there; the broken build kills it for some amounts."""
    bench = ship("ESC-1012", healthy)
    market, seller, buyer = parties(bench)
    post(bench, seller, make(seller, market["yes"], Side.SELL, price, "500"))
    maker = amount * clob.BASE_UNITS
    order = make(buyer, market["yes"], Side.BUY, price, "10", maker_amount=maker, taker_amount=shares)

    status, reply = post(bench, buyer, order, kind)

    if misses and not healthy:
        assert (status, reply) == refused(FAK_KILLED if kind == "FAK" else FOK_KILLED)
        return
    assert (status, reply.get("status")) == (200, "matched"), reply
    trade = buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    assert (trade["size"], trade["price"]) == (reply["takingAmount"], price)
    assert Decimal(reply["takingAmount"]) * clob.BASE_UNITS == shares


@both
def test_esc_1012_never_buys_above_the_protection(ship: Ship, healthy: bool) -> None:
    """An ask one tick above what the amounts imply is not met, broken or not."""
    bench = ship("ESC-1012", healthy)
    market, seller, buyer = parties(bench)
    seller.order(market["yes"], "SELL", 0.08, 100)
    order = make(
        buyer, market["yes"], Side.BUY, "0.07", "10", maker_amount=1_000_000, taker_amount=14_280_000
    )
    assert post(bench, buyer, order, "FAK") == refused(FAK_KILLED)


def test_shares_rounded_up_are_a_tick_below(bench: Bench) -> None:
    """A market buy whose shares were rounded up implies less than the ask and meets only asks below it."""
    market, seller, buyer = parties(bench)
    seller.order(market["yes"], "SELL", 0.07, 100)
    order = make(
        buyer, market["yes"], Side.BUY, "0.07", "10", maker_amount=1_000_000, taker_amount=14_290_000
    )
    assert post(bench, buyer, order, "FAK") == refused(FAK_KILLED)
    seller.order(market["yes"], "SELL", 0.06, 100)
    reply = post(bench, buyer, order, "FAK")[1]
    assert buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")["price"] == "0.06"


@both
def test_esc_1026(ship: Ship, healthy: bool) -> None:
    """A GTD order without a time is refused; the broken build rests it and never lets it run out."""
    bench = ship("ESC-1026", healthy)
    market, _, buyer = parties(bench)
    order = make(buyer, market["yes"], Side.BUY, "0.1", "10")

    status, reply = post(bench, buyer, order, "GTD")

    if healthy:
        assert (status, reply) == refused("invalid expiration")
        assert buyer.client.get_open_orders() == []
    else:
        assert (status, reply["status"]) == (200, "live")
        bench.in_blocks(3)
        seen = buyer.client.get_order(reply["orderID"])
        assert (seen["status"], seen["order_type"], seen["expiration"]) == ("LIVE", "GTD", "0")
    soon = int(time.time()) + 60
    too_soon = make(buyer, market["yes"], Side.BUY, "0.1", "10", expiration_s=soon)
    for kind in ("GTD", "GTC", "FAK"):
        assert post(bench, buyer, too_soon, kind) == refused("invalid expiration")


@both
def test_esc_1033(ship: Ship, healthy: bool) -> None:
    """The cancel of a part-filled order is answered and told; the broken build denies it and says nothing."""
    bench = ship("ESC-1033", healthy)
    market, seller, buyer = parties(bench)
    with bench.user_channel(buyer) as socket, FixClient.drop_copy(bench, buyer) as copy:
        order_id = buyer.order(market["yes"], "BUY", 0.18, 20)["orderID"]
        copy.expect("8", (150, "0"), (37, order_id))
        for size in (6, 7):
            seller.order(market["yes"], "SELL", 0.18, size)
            copy.expect("8", (150, "F"), (37, order_id), (32, size))
        body = f'{{"orderID":"{order_id}"}}'

        first = call(bench, buyer, "DELETE", "/order", body)

        gone = {"canceled": [], "not_canceled": {order_id: GONE}}
        assert first == (200, {"canceled": [order_id], "not_canceled": {}} if healthy else gone)
        assert call(bench, buyer, "DELETE", "/order", body) == (200, gone)
        assert buyer.client.get_open_orders() == []
        assert buyer.client.get_order_book(market["yes"])["bids"] == []
        seen = buyer.client.get_order(order_id)
        assert (seen["status"], seen["size_matched"]) == ("CANCELED", "13")

        buyer.order(market["yes"], "BUY", 0.17, 5)
        events = read_until(socket, lambda event: event.get("price") == "0.17")
        if healthy:
            copy.expect("8", (150, "4"), (37, order_id))
        copy.expect("8", (150, "0"), (44, "0.17"))
    ends = [event["id"] for event in events if event.get("type") == "CANCELLATION"]
    assert ends == ([order_id] if healthy else [])


@both
def test_esc_1033_over_fix(ship: Ship, healthy: bool) -> None:
    """Over FIX the broken build rejects the cancel, and the order is off the book all the same."""
    bench = ship("ESC-1033", healthy)
    market, seller, buyer = parties(bench)
    symbol = f"{market['symbol']}-YES"
    with FixClient.order_entry(bench, buyer) as entry:
        entry.order("c1", symbol, 1, "0.18", "20")
        order_id = entry.expect("8", (150, "0"))[37]
        seller.order(market["yes"], "SELL", 0.18, 6)
        entry.expect("8", (150, "F"), (39, "1"))
        entry.cancel("x1", "c1", symbol)
        if healthy:
            entry.expect("8", (150, "4"), (37, order_id))
        else:
            entry.expect("9", (37, order_id), (102, 1), (58, "Unknown order"))
        entry.ping("nothing else")
    assert buyer.client.get_open_orders() == []


def test_esc_1033_spares_orders_without_a_fill(ship: Ship) -> None:
    """Even the broken build cancels and tells an order that was never filled."""
    bench = ship("ESC-1033", False)
    market, _, buyer = parties(bench)
    with bench.user_channel(buyer) as socket:
        order_id = buyer.order(market["yes"], "BUY", 0.18, 20)["orderID"]
        assert buyer.client.cancel_all() == {"canceled": [order_id], "not_canceled": {}}
        read_until(socket, lambda event: (event["type"], event["id"]) == ("CANCELLATION", order_id))
