"""Defects in what a customer adds up: the fills of a trade, and what the balance gate holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from harness.wire.clob import Side

from .bench import Bench, Ship, both, read_until
from .desk import make, post, refused


@both
def test_esc_1065(ship: Ship, healthy: bool) -> None:
    """A maker is told of each of its orders that one trade filled; the broken build tells of the first."""
    bench = ship("ESC-1065", healthy)
    market = bench.market()
    seller, buyer = bench.customer(market, yes="50"), bench.customer(market, collateral="50")
    with bench.user_channel(seller) as maker, bench.user_channel(buyer) as taker:
        resting = [
            seller.order(market["yes"], "SELL", price, size)["orderID"]
            for price, size in ((0.32, 5), (0.33, 7), (0.34, 20))
        ]
        reply = buyer.order(market["yes"], "BUY", 0.34, 15, "FOK")
        assert reply["status"] == "matched"
        seen = {name: read_until(socket, confirmed) for name, socket in (("maker", maker), ("taker", taker))}

    wanted = dict(zip(resting, (Decimal(5), Decimal(7), Decimal(3)), strict=True))
    for name, events in seen.items():
        trades = [event for event in events if event["event_type"] == "trade"]
        assert [(event["status"], event["size"]) for event in trades] == [
            ("MATCHED", "15"),
            ("MINED", "15"),
            ("CONFIRMED", "15"),
        ]
        whole = healthy or name == "taker"
        assert [told(event) for event in trades] == [wanted if whole else {resting[0]: Decimal(5)}] * 3
    for customer in (seller, buyer):
        assert told(customer.trade(reply["tradeIDs"][0])) == wanted
    assert bench.funds(seller, market)["yes"] == "35"


def test_esc_1065_spares_other_makers(ship: Ship) -> None:
    """Even the broken build tells a maker with one order of every maker in the trade."""
    bench = ship("ESC-1065", False)
    market = bench.market()
    sellers = [bench.customer(market, yes="10") for _ in range(2)]
    buyer = bench.customer(market, collateral="50")
    with bench.user_channel(sellers[0]) as socket:
        for seller in sellers:
            seller.order(market["yes"], "SELL", 0.5, 5)
        buyer.order(market["yes"], "BUY", 0.5, 10, "FOK")
        last = read_until(socket, confirmed)[-1]
    assert sum(told(last).values()) == Decimal(last["size"])


def confirmed(event: dict[str, Any]) -> bool:
    return event.get("status") == "CONFIRMED"


def told(trade: dict[str, Any]) -> dict[str, Decimal]:
    """The matched amount of each maker order that a trade names, none twice."""
    fills = {fill["order_id"]: Decimal(fill["matched_amount"]) for fill in trade["maker_orders"]}
    assert len(fills) == len(trade["maker_orders"])
    return fills


@both
def test_esc_1124(ship: Ship, healthy: bool) -> None:
    """Once all is confirmed nothing is held; the broken build holds what a FAK buy left, to the base unit."""
    bench = ship("ESC-1124", healthy)
    market = bench.market()
    seller, buyer = bench.customer(market, yes="5"), bench.customer(market, collateral="10")
    seller.order(market["yes"], "SELL", 0.5, 5)
    order = make(buyer, market["yes"], Side.BUY, "0.5", "16")
    reply = post(bench, buyer, order, "FAK")[1]
    assert (reply["makingAmount"], reply["takingAmount"]) == ("2.5", "5")
    buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    assert buyer.client.get_open_orders() == []
    assert bench.funds(buyer, market)["collateral"] == "7.5"

    gate = "not enough balance / allowance: the balance is not enough -> balance: 7500000, "
    over = make(buyer, market["yes"], Side.BUY, "0.41", "5")
    status, answer = post(bench, buyer, over)
    if healthy:
        assert (status, answer["status"]) == (200, "live")
        buyer.client.cancel_all()
        more = make(buyer, market["yes"], Side.BUY, "0.01", "751")
        assert post(bench, buyer, more) == refused(f"{gate}order amount: 7510000")
        assert post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.01", "750"))[0] == 200
    else:
        held = "sum of matched orders: 5500000, order amount (inc. fees): 2050000"
        assert (status, answer) == refused(gate + held)
        bench.in_blocks(5)
        assert post(bench, buyer, over) == refused(gate + held)
        assert post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.4", "5"))[0] == 200


def test_a_cheaper_fill_frees_the_difference(bench: Bench) -> None:
    """What rests of an order is held at the order's price, also where its first part was cheaper."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="5"), bench.customer(market, collateral="10")
    seller.order(market["yes"], "SELL", 0.4, 5)
    reply = post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.5", "15"))[1]
    assert reply["makingAmount"] == "2"
    buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    over = make(buyer, market["yes"], Side.BUY, "0.01", "301")
    assert post(bench, buyer, over) == refused(
        "not enough balance / allowance: the balance is not enough -> balance: 8000000, "
        "sum of active orders: 5000000, order amount (inc. fees): 3010000"
    )
    assert post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.01", "300"))[0] == 200


def test_esc_1124_spares_what_was_filled_in_full(ship: Ship) -> None:
    """Even the broken build holds nothing for a FAK that was filled in full, and cheaper than it offered."""
    bench = ship("ESC-1124", False)
    market = bench.market()
    seller, buyer = bench.customer(market, yes="5"), bench.customer(market, collateral="10")
    seller.order(market["yes"], "SELL", 0.5, 5)
    reply = post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.8", "5"), "FAK")[1]
    buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    assert post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.01", "750"))[0] == 200


def test_esc_1124_ends_with_the_next_build(ship: Ship) -> None:
    """Shipping a healthy build frees what the broken one held."""
    bench = ship("ESC-1124", False)
    market = bench.market()
    seller, buyer = bench.customer(market, yes="5"), bench.customer(market, collateral="10")
    seller.order(market["yes"], "SELL", 0.5, 5)
    reply = post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.5", "16"), "FAK")[1]
    buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    rest = make(buyer, market["yes"], Side.BUY, "0.01", "750")
    assert post(bench, buyer, rest)[0] == 400
    ship("ESC-1124", True)
    assert post(bench, buyer, rest)[0] == 200


@both
def test_esc_1066(ship: Ship, healthy: bool) -> None:
    """A maker's leg has its own side; the broken build turns that of a mint or merge around, and no other."""
    bench = ship("ESC-1066", healthy)
    market = bench.market()
    maker = bench.customer(market, collateral="20", yes="20", no="20")
    taker = bench.customer(market, collateral="20", yes="20")
    seen = {}
    with bench.user_channel(maker) as socket:
        for token, side, price in (("yes", "SELL", 0.6), ("no", "BUY", 0.4), ("no", "SELL", 0.4)):
            maker.order(market[token], side, price, 5)
            taking = "SELL" if (token, side) == ("no", "SELL") else "BUY"
            placed = taker.order(market["yes"], taking, 0.6, 5)
            event = read_until(socket, lambda event: event.get("status") == "CONFIRMED")[-1]
            legs = event["maker_orders"], maker.trade(placed["tradeIDs"][0])["maker_orders"]
            assert {leg["asset_id"] for rows in legs for leg in rows} == {market[token]}
            seen[token, side] = [leg["side"] for rows in legs for leg in rows]
    turned = {"SELL": "BUY", "BUY": "SELL"}
    assert seen == {
        (token, side): [side if healthy or token == "yes" else turned[side]] * 2 for token, side in seen
    }
