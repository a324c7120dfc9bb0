"""Fees: the taker pays them, a buyer on top and a seller out of the proceeds, on every channel alike."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from py_clob_client_v2.clob_types import MarketOrderArgs, OrderType

from harness.venue.abi import call_data
from harness.venue.engine import Now
from harness.venue.fees import fee_of
from harness.venue.markets import Markets
from harness.venue.records import BookOrder, Fill, Trade
from harness.venue.terms import Fee, Terms
from harness.wire.amounts import limit_amounts
from harness.wire.clob import CONTRACTS_137, Order, Side

from .bench import Bench, Customer, eventually, said
from .desk import make, post
from .test_both_tokens import MILLION, confirmed, holdings, settled

WALLET = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
NOW = Now(1_760_000_000_000_000_000)
RATE = {"fee_rate": "0.05"}


def fee(rate: str, price: str, shares: str, exponent: int = 1) -> int:
    """The fee of one direct fill, in base units."""
    market = Markets(WALLET, CONTRACTS_137).draw(
        Terms(tick=Decimal("0.001"), fee=Fee(Decimal(rate), exponent))
    )
    rows = []
    for side in (Side.BUY, Side.SELL):
        maker, taker = limit_amounts(side, Decimal(price), Decimal(shares))
        wire = Order(0, WALLET, WALLET, market.yes, maker, taker, side, 0, 1)
        rows.append(BookOrder(str(side), wire, "0x", "key", market, Decimal(price), "GTC", NOW.s))
    fill = Fill(rows[1], rows[1].shares, rows[1].order.taker_amount)
    return fee_of(Trade("1", rows[0], (fill,), NOW.ns, NOW.s))


@pytest.mark.parametrize(
    ("rate", "price", "shares", "exponent", "units"),
    [
        ("0.05", "0.5", "100", 1, 1_250_000),
        ("0.07", "0.1", "10", 1, 63_000),
        ("0.04", "0.5", "10", 2, 25_000),
        ("0.05", "0.333", "1.01", 1, 11_220),  # 0.0112166…, to five decimals
        ("0.05", "0.001", "0.15", 1, 10),  # 0.0000075: the least there is
        ("0.05", "0.001", "0.05", 1, 5),  # and a tenth of what the fill is worth at most
    ],
)
def test_the_curve(rate: str, price: str, shares: str, exponent: int, units: int) -> None:
    """shares · rate · (p(1 - p))^exponent, to five decimals."""
    assert fee(rate, price, shares, exponent) == units


def test_a_buyer_pays_on_top(bench: Bench) -> None:
    """A BUY spends its amount and the fee; OrderFilled and FeeCharged tell it, the maker's fill has none."""
    market = bench.market(**RATE)
    maker, taker = bench.customer(market, yes="10"), bench.customer(market, collateral="10")
    maker.order(market["yes"], "SELL", 0.5, 10)
    with bench.socket("market") as socket:
        said(socket, {"type": "market", "assets_ids": [market["yes"]]})
        placed = taker.order(market["yes"], "BUY", 0.5, 10)
        assert said(socket)[0]["fee_rate_bps"] == "500"
    assert (placed["makingAmount"], placed["takingAmount"]) == ("5", "10")
    trade = confirmed(taker, placed["tradeIDs"][0])
    assert (trade["fee_rate_bps"], trade["maker_orders"][0]["fee_rate_bps"]) == ("500", "0")
    assert holdings(bench, taker, market) == (4_875_000, 10 * MILLION, 0)
    assert holdings(bench, maker, market) == (5 * MILLION, 0, 0)
    assert charged(bench, trade) == ([0, 125_000], [125_000])


def test_a_seller_gets_the_rest(bench: Bench) -> None:
    """A SELL gets its proceeds less the fee, over several fills, and needs no allowance for pUSD."""
    market = bench.market(**RATE)
    makers = [bench.customer(market, collateral="10") for _ in range(2)]
    taker = bench.customer(market, yes="10")
    for maker, price in zip(makers, (0.5, 0.4), strict=True):
        maker.order(market["yes"], "BUY", price, 5)
    approve(bench, taker, 0)
    placed = taker.order(market["yes"], "SELL", 0.4, 10)
    assert placed["takingAmount"] == "4.5"
    trade = confirmed(taker, placed["tradeIDs"][0])
    assert holdings(bench, taker, market) == (4_500_000 - 62_500 - 60_000, 0, 0)
    assert [holdings(bench, maker, market)[0] for maker in makers] == [7_500_000, 8 * MILLION]
    assert charged(bench, trade) == ([0, 0, 122_500], [122_500])


def test_mints_and_merges_cost_a_fee_too(bench: Bench) -> None:
    """The fee of a mint goes on top, that of a merge out of the taker's part."""
    market = bench.market(**RATE)
    maker, taker = bench.customer(market, collateral="10"), bench.customer(market, collateral="10")
    maker.order(market["no"], "BUY", 0.4, 10)
    confirmed(taker, taker.order(market["yes"], "BUY", 0.6, 10)["tradeIDs"][0])
    assert holdings(bench, taker, market) == (3_880_000, 10 * MILLION, 0)
    maker.order(market["no"], "SELL", 0.4, 10)
    trade = confirmed(taker, taker.order(market["yes"], "SELL", 0.6, 10)["tradeIDs"][0])
    assert holdings(bench, taker, market) == (3_880_000 + 6 * MILLION - 120_000, 0, 0)
    assert charged(bench, trade) == ([0, 120_000], [120_000])


def test_the_gate_counts_the_fee(bench: Bench) -> None:
    """An order that would match needs its fee beside its amount; one that rests does not."""
    market = bench.market(**RATE)
    maker, taker = bench.customer(market, yes="20"), bench.customer(market, collateral="5")
    resting = taker.order(market["yes"], "BUY", 0.5, 10)
    assert resting["status"] == "live"
    taker.client.cancel_all()
    maker.order(market["yes"], "SELL", 0.5, 10)
    text = r"balance: 5000000, order amount \(inc. fees\): 5125000"
    with pytest.raises(Exception, match=text):
        taker.order(market["yes"], "BUY", 0.5, 10)
    bench.control("/fund", {"address": taker.address, "collateral": "0.125"})
    bench.control("/verbs/freeze", {"for_ms": 60_000})
    try:
        assert taker.order(market["yes"], "BUY", 0.5, 10)["status"] == "matched"
        with pytest.raises(Exception, match="sum of matched orders: 5125000, order amount"):
            taker.order(market["yes"], "BUY", 0.4, 5)
    finally:
        bench.http.delete(bench.ready["control"] + "/verbs")


def test_the_official_client_leaves_room_for_the_fee(bench: Bench) -> None:
    """A market BUY of all that one has, told the balance, is made smaller by the client and goes through."""
    market = bench.market(**RATE)
    maker, taker = bench.customer(market, yes="50"), bench.customer(market, collateral="10")
    maker.order(market["yes"], "SELL", 0.5, 50)
    order = MarketOrderArgs(
        token_id=market["yes"],
        amount=10,
        side="BUY",
        price=0.5,
        user_usdc_balance=10,
        order_type=OrderType.FOK,
    )
    placed = taker.client.post_order(taker.client.create_market_order(order), OrderType.FOK)
    assert (placed["status"], placed["makingAmount"]) == ("matched", "9.75")
    confirmed(taker, placed["tradeIDs"][0])
    assert holdings(bench, taker, market)[0] == 10_000_000 - 9_750_000 - 243_750


BUILDER = "0x" + "b1" * 32


def test_a_builder_takes_its_part_of_a_taker(bench: Bench) -> None:
    """A taker pays its order's builder beside the market's fee; a maker with a code pays nothing."""
    fees = f"{bench.ready['rest']}/fees/builder-fees/{BUILDER}"
    bench.control("/builders", {"code": BUILDER, "taker_bps": 100})
    assert bench.http.get(fees).json() == {"builder_maker_fee_rate_bps": 0, "builder_taker_fee_rate_bps": 100}
    market = bench.market(**RATE)
    maker, taker = bench.customer(market, yes="20"), bench.customer(market, collateral="10")
    coded = replace(make(maker, market["yes"], Side.SELL, "0.5", "20"), builder=BUILDER)
    assert post(bench, maker, coded)[0] == 200
    dear, fine = (
        replace(make(taker, market["yes"], Side.BUY, "0.5", size), builder=BUILDER) for size in ("20", "10")
    )
    assert "order amount (inc. fees): 10350000" in str(post(bench, taker, dear))
    reply = post(bench, taker, fine)[1]
    trade = confirmed(taker, reply["tradeIDs"][0])
    assert charged(bench, trade) == ([0, 175_000], [175_000])
    assert holdings(bench, taker, market)[0] == 5 * MILLION - 175_000
    assert holdings(bench, maker, market)[0] == 5 * MILLION
    query = {"builder_code": BUILDER, "market": market["condition"]}
    (row,) = bench.http.get(bench.ready["rest"] + "/builder/trades", params=query).json()["data"]
    assert (row["fee"], row["builderFee"]) == ("0.175", "0.05")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"code": "0x12", "taker_bps": 1}, "code must be 0x and 64 hex digits"),
        ({"code": BUILDER, "taker_bps": 1001}, "taker_bps must be a whole number between 0 and 1000"),
        ({"code": BUILDER, "taker_bps": True}, "taker_bps must be a whole number between 0 and 1000"),
    ],
)
def test_a_builders_rate_that_is_none_is_refused(bench: Bench, body: dict[str, Any], text: str) -> None:
    """A code or a rate that nobody has is refused with what to send."""
    refused = bench.http.post(bench.ready["control"] + "/builders", json=body)
    assert (refused.status_code, refused.json()["error"]) == (400, text)


def charged(bench: Bench, trade: dict[str, Any]) -> tuple[list[int], list[int]]:
    """The fees in OrderFilled, in order, and what was charged."""
    events = settled(bench, trade)
    told = [args["fee"] for name, args in events if name == "OrderFilled"]
    return told, [args["amount"] for name, args in events if name == "FeeCharged"]


def approve(bench: Bench, customer: Customer, amount: int) -> None:
    """Let the exchange take so much of a customer's pUSD."""
    data = call_data("approve(address,uint256)", (CONTRACTS_137.exchange, amount))
    bench.rpc("anvil_impersonateAccount", customer.address)
    request = {"from": customer.address, "to": CONTRACTS_137.collateral, "data": data}
    sent = bench.rpc("eth_sendTransaction", request)
    receipt = eventually(lambda: bench.rpc("eth_getTransactionReceipt", sent))
    assert receipt["status"] == "0x1"
