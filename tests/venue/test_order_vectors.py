"""Amounts that the official client makes, as the venue takes or refuses them: rounding and precision."""

from __future__ import annotations

from typing import Any

import pytest
from py_clob_client_v2.clob_types import MarketOrderArgs, OrderArgs, OrderType, PartialCreateOrderOptions
from py_clob_client_v2.exceptions import PolyApiException

from .bench import Bench, Customer

MARKET_BUY = (
    "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, "
    "taker amount a max of 4 decimals"
)
KINDS = {"market": OrderType.FAK, "limit": OrderType.GTC}


@pytest.fixture(scope="module")
def trader(bench: Bench) -> Customer:
    """A customer with money for every order of this file."""
    return bench.customer(collateral="1000")


def limit(trader: Customer, token: str, side: str, size: float, price: float) -> Any:
    return trader.client.create_order(OrderArgs(token_id=token, price=price, size=size, side=side))


def at_market(trader: Customer, token: str, tick: str, side: str, amount: float, price: float) -> Any:
    args = MarketOrderArgs(token_id=token, amount=amount, side=side, price=price, order_type=OrderType.FAK)
    return trader.client.create_market_order(args, PartialCreateOrderOptions(tick_size=tick, neg_risk=False))


def answer(trader: Customer, signed: Any, kind: OrderType) -> tuple[int, Any]:
    """Status and body of what the venue says of a signed order."""
    try:
        return 200, trader.client.post_order(signed, kind)
    except PolyApiException as error:
        return error.status_code, error.error_msg


@pytest.mark.parametrize(
    ("tick", "side", "size", "price", "amounts"),
    [
        ("0.01", "BUY", 21.04, 0.57, (11992800, 21040000)),
        ("0.001", "BUY", 10.33, 0.123, (1270590, 10330000)),
        ("0.0025", "BUY", 10.33, 0.4975, (5139175, 10330000)),
        ("0.005", "SELL", 7.77, 0.335, (7770000, 2602950)),
        ("0.01", "BUY", 100.999, 0.555, (56554400, 100990000)),
    ],
)
def test_limit_orders_of_every_tick_are_taken_as_the_client_rounds_them(
    bench: Bench, tick: str, side: str, size: float, price: float, amounts: tuple[int, int]
) -> None:
    """The client's amounts are the published vectors, and the venue takes each as a price on the grid."""
    market = bench.market(tick)
    trader = bench.customer(market, collateral="100", yes="100")
    signed = limit(trader, market["yes"], side, size, price)
    assert (int(signed.makerAmount), int(signed.takerAmount)) == amounts
    status, reply = answer(trader, signed, OrderType.GTC)
    assert (status, reply["status"]) == (200, "live")
    rests = trader.client.get_order(reply["orderID"])
    told = {0.555: "0.56"}.get(price, str(price))
    assert rests["price"] == told


@pytest.mark.parametrize(
    ("tick", "side", "amount", "price", "amounts", "taken"),
    [
        ("0.01", "BUY", 100, 0.56, (100000000, 178571400), True),
        ("0.01", "SELL", 33.337, 0.44, (33330000, 14665200), True),
        ("0.01", "BUY", 9.98, 0.985, (9980000, 10183600), True),
        ("0.001", "BUY", 9.98, 0.985, (9980000, 10131970), False),
        ("0.0025", "BUY", 10, 0.4975, (10000000, 20100502), False),
        ("0.0001", "BUY", 10, 0.4975, (10000000, 20100502), False),
        ("0.005", "BUY", 10, 0.335, (10000000, 29850740), False),
        ("0.001", "BUY", 10, 0.5, (10000000, 20000000), True),
    ],
)
def test_market_buys_on_fine_ticks_are_refused_for_their_decimals(
    bench: Bench,
    trader: Customer,
    tick: str,
    side: str,
    amount: float,
    price: float,
    amounts: tuple[int, int],
    taken: bool,
) -> None:
    """The client keeps five and six decimals of shares on fine ticks, of which the exchange takes four."""
    market = bench.market(tick)
    bench.control("/fund", {"address": trader.address, "market": market["condition"], "yes": "100"})
    signed = at_market(trader, market["yes"], tick, side, amount, price)
    assert (int(signed.makerAmount), int(signed.takerAmount)) == amounts
    status, told = answer(trader, signed, OrderType.FAK)
    assert status == 400
    assert told["error"].startswith("no orders found to match" if taken else MARKET_BUY)


@pytest.mark.parametrize("price", [0.29, 0.57, 0.58])
def test_a_market_buy_of_the_client_aims_a_tick_too_low(bench: Bench, price: float) -> None:
    """At three prices of the grid the client's floats lose a tick, and the ask at the price is not met."""
    market = bench.market()
    seller = bench.customer(market, yes="50")
    seller.order(market["yes"], "SELL", price, 50)
    buyer = bench.customer(market, collateral="20")
    lost = at_market(buyer, market["yes"], "0.01", "BUY", 5, price)
    assert answer(buyer, lost, OrderType.FAK)[1]["error"].startswith("no orders found to match with FAK")
    kept = at_market(buyer, market["yes"], "0.01", "BUY", 5, price + 0.01)
    assert answer(buyer, kept, OrderType.FAK)[1]["status"] == "matched"


@pytest.mark.parametrize(("size", "cut"), [(8.03, 8020000), (12.03, 12030000), (8.2, 8190000)])
def test_the_client_loses_a_cent_of_shares(
    bench: Bench, market: dict[str, str], trader: Customer, size: float, cut: int
) -> None:
    """Sizes whose float is below their cents are cut by one; the venue takes what was signed."""
    signed = limit(trader, market["yes"], "BUY", size, 0.5)
    assert int(signed.takerAmount) == cut
    assert answer(trader, signed, OrderType.GTC)[1]["status"] == "live"
