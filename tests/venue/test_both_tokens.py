"""YES and NO are one book: orders of both tokens meet, are told on every channel, and settle on chain."""

from __future__ import annotations

from typing import Any

import pytest

from harness.venue.abi import call_data
from harness.wire import ctf
from harness.wire.clob import CONTRACTS_137

from .bench import Bench, Customer, eventually, said
from .fixclient import FixClient

EXCHANGE = CONTRACTS_137.exchange
MILLION = 1_000_000


def confirmed(customer: Customer, trade_id: str) -> dict[str, Any]:
    """A trade of theirs, once it is CONFIRMED."""
    found = eventually(lambda: _ended(customer.trade(trade_id)))
    assert found["status"] == "TRADE_STATUS_CONFIRMED"
    return found


def _ended(trade: dict[str, Any]) -> dict[str, Any] | None:
    return trade if trade["status"] in ("TRADE_STATUS_CONFIRMED", "TRADE_STATUS_FAILED") else None


def settled(bench: Bench, trade: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The exchange's own events of a trade's settlement."""
    receipt = bench.rpc("eth_getTransactionReceipt", trade["transaction_hash"])
    found = []
    for log in receipt["logs"]:
        event = ctf.decode_log(log["topics"], log["data"])
        if event is not None and ctf.checksum_address(log["address"]) == EXCHANGE:
            found.append((event.name, event.args))
    return found


def holdings(bench: Bench, customer: Customer, market: dict[str, Any]) -> tuple[int, int, int]:
    """pUSD, YES and NO of a customer, in base units."""
    answers = [call(bench, CONTRACTS_137.collateral, "balanceOf(address)", customer.address)]
    for token in (market["yes"], market["no"]):
        answers.append(call(bench, CONTRACTS_137.ctf, "balanceOf(address,uint256)", customer.address, token))
    return answers[0], answers[1], answers[2]


def call(bench: Bench, to: str, signature: str, owner: str, token: str | None = None) -> int:
    arguments = (owner,) if token is None else (owner, int(token))
    return int(bench.rpc("eth_call", {"to": to, "data": call_data(signature, arguments)}, "latest"), 16)


def book(bench: Bench, token: str) -> dict[str, Any]:
    found = bench.http.get(f"{bench.ready['rest']}/book", params={"token_id": token}).json()
    return {side: [(row["price"], row["size"]) for row in found[side]] for side in ("bids", "asks")}


def test_an_order_stands_in_both_books(bench: Bench) -> None:
    """A BUY of YES at 0.6 is an ask of NO at 0.4, as books, prices and midpoint say."""
    market = bench.market()
    maker = bench.customer(market, collateral="20", no="20")
    maker.order(market["yes"], "BUY", 0.6, 10)
    maker.order(market["yes"], "BUY", 0.55, 5)
    maker.order(market["no"], "SELL", 0.41, 7)
    assert book(bench, market["yes"]) == {"bids": [("0.55", "5"), ("0.59", "7"), ("0.6", "10")], "asks": []}
    assert book(bench, market["no"]) == {"bids": [], "asks": [("0.45", "5"), ("0.41", "7"), ("0.4", "10")]}
    rest = bench.ready["rest"]
    price = bench.http.get(f"{rest}/price", params={"token_id": market["no"], "side": "SELL"}).json()
    assert price == {"price": "0.4"}
    assert bench.http.get(f"{rest}/midpoint", params={"token_id": market["no"]}).json() == {"mid": "0.2"}


def test_two_buys_mint(bench: Bench) -> None:
    """BUYs of both tokens that pay a dollar together mint: each pays the maker's price or its complement."""
    market = bench.market()
    maker, taker = bench.customer(market, collateral="10"), bench.customer(market, collateral="10")
    maker_id = maker.order(market["no"], "BUY", 0.4, 10)["orderID"]
    placed = taker.order(market["yes"], "BUY", 0.65, 10)
    assert (placed["status"], placed["makingAmount"], placed["takingAmount"]) == ("matched", "6", "10")
    trade = confirmed(maker, placed["tradeIDs"][0])
    top = (trade["asset_id"], trade["side"], trade["price"], trade["outcome"], trade["trader_side"])
    assert top == (market["yes"], "BUY", "0.6", "Yes", "MAKER")
    (leg,) = trade["maker_orders"]
    told = (
        leg["order_id"],
        leg["asset_id"],
        leg["side"],
        leg["price"],
        leg["outcome"],
        leg["matched_amount"],
    )
    assert told == (maker_id, market["no"], "BUY", "0.4", "No", "10")
    assert holdings(bench, maker, market) == (6 * MILLION, 0, 10 * MILLION)
    assert holdings(bench, taker, market) == (4 * MILLION, 10 * MILLION, 0)
    events = settled(bench, trade)
    assert [name for name, _ in events] == ["OrderFilled", "OrderFilled", "OrdersMatched"]
    makers, takers, whole = (args for _, args in events)
    assert (makers["maker"], makers["taker"]) == (maker.address, taker.address)
    assert (makers["tokenId"], makers["side"]) == (int(market["no"]), 0)
    assert (makers["makerAmountFilled"], makers["takerAmountFilled"]) == (4 * MILLION, 10 * MILLION)
    assert (takers["maker"], takers["taker"]) == (taker.address, EXCHANGE)
    assert (takers["makerAmountFilled"], takers["takerAmountFilled"]) == (6 * MILLION, 10 * MILLION)
    assert (whole["tokenId"], whole["makerAmountFilled"]) == (int(market["yes"]), 6 * MILLION)


def test_two_sells_merge(bench: Bench) -> None:
    """SELLs of both tokens that ask a dollar together merge; the maker's price shares out the proceeds."""
    market = bench.market()
    maker, taker = bench.customer(market, no="10"), bench.customer(market, yes="10")
    maker.order(market["no"], "SELL", 0.3, 10)
    placed = taker.order(market["yes"], "SELL", 0.5, 6)
    assert (placed["makingAmount"], placed["takingAmount"]) == ("6", "4.2")
    trade = confirmed(taker, placed["tradeIDs"][0])
    assert (trade["price"], trade["maker_orders"][0]["price"]) == ("0.7", "0.3")
    assert holdings(bench, maker, market) == (1_800_000, 0, 4 * MILLION)
    assert holdings(bench, taker, market) == (4_200_000, 4 * MILLION, 0)
    (_, makers), (_, takers), _ = settled(bench, trade)
    assert (makers["makerAmountFilled"], makers["takerAmountFilled"]) == (6 * MILLION, 1_800_000)
    assert (takers["makerAmountFilled"], takers["takerAmountFilled"]) == (6 * MILLION, 4_200_000)


def test_one_taker_meets_both_kinds_by_price_and_time(bench: Bench) -> None:
    """SELLs of YES and BUYs of NO stand in one queue; one transaction settles direct fills and mints."""
    market = bench.market()
    makers = [bench.customer(market, collateral="20", yes="20") for _ in range(2)]
    taker = bench.customer(market, collateral="20")
    makers[0].order(market["yes"], "SELL", 0.6, 5)
    makers[1].order(market["no"], "BUY", 0.4, 5)
    makers[0].order(market["yes"], "SELL", 0.6, 5)
    makers[1].order(market["no"], "BUY", 0.41, 5)
    placed = taker.order(market["yes"], "BUY", 0.6, 18)
    trade = confirmed(taker, placed["tradeIDs"][0])
    legs = [
        (leg["outcome"], leg["side"], leg["price"], leg["matched_amount"]) for leg in trade["maker_orders"]
    ]
    assert legs == [
        *(("No", "BUY", "0.41", "5"), ("Yes", "SELL", "0.6", "5"), ("No", "BUY", "0.4", "5")),
        ("Yes", "SELL", "0.6", "3"),
    ]
    assert placed["makingAmount"] == "10.75"
    assert holdings(bench, taker, market) == (9_250_000, 18 * MILLION, 0)
    assert holdings(bench, makers[0], market) == (24_800_000, 12 * MILLION, 0)
    assert holdings(bench, makers[1], market) == (15_950_000, 20 * MILLION, 10 * MILLION)
    assert call(bench, CONTRACTS_137.collateral, "balanceOf(address)", EXCHANGE) == 0


def test_a_mint_is_told_to_both_tokens(bench: Bench) -> None:
    """Both tokens have their last price, from their own side; who follows both is told of the levels once."""
    market = bench.market()
    maker, taker = bench.customer(market, collateral="10"), bench.customer(market, collateral="10")
    with bench.socket("market") as socket:
        said(socket, {"type": "market", "assets_ids": [market["yes"], market["no"]]})
        maker.order(market["no"], "BUY", 0.4, 10)
        taker.order(market["yes"], "BUY", 0.6, 6)
        level, *seen = said(socket)
    assert level["event_type"] == "price_change"
    kinds = ["last_trade_price"] * 2 + ["price_change"] + ["book"] * 2
    assert [event["event_type"] for event in seen] == kinds
    prices = [(row["asset_id"], row["price"], row["side"]) for row in seen[:2]]
    assert prices == [(market["yes"], "0.6", "BUY"), (market["no"], "0.4", "SELL")]
    assert [row["last_trade_price"] for row in seen[3:]] == ["0.6", "0.4"]
    levels = [(row["asset_id"], row["side"], row["price"], row["size"]) for row in seen[2]["price_changes"]]
    assert levels == [(market["yes"], "SELL", "0.6", "4"), (market["no"], "BUY", "0.4", "4")]


@pytest.mark.parametrize(
    ("token", "side", "price", "crosses"),
    [
        ("no", "BUY", 0.4, True),
        ("no", "BUY", 0.39, False),
        ("yes", "SELL", 0.6, True),
        ("yes", "SELL", 0.61, False),
        ("no", "SELL", 0.4, False),
        ("yes", "BUY", 0.6, False),
    ],
)
def test_post_only_looks_at_both_tokens(
    bench: Bench, token: str, side: str, price: float, crosses: bool
) -> None:
    """A post-only order is refused where it would mint or merge, and rests where it would not."""
    market = bench.market()
    maker = bench.customer(market, collateral="20")
    other = bench.customer(market, collateral="20", yes="20", no="20")
    maker.order(market["yes"], "BUY", 0.6, 10)
    if crosses:
        with pytest.raises(Exception, match="order crosses book"):
            other.order(market[token], side, price, 10, post_only=True)
    else:
        assert other.order(market[token], side, price, 10, post_only=True)["status"] == "live"


def test_a_mint_is_reported_over_fix_at_each_partys_price(bench: Bench) -> None:
    """Drop copy tells the maker its own symbol, side and price, and the taker the rest of a dollar."""
    market = bench.market()
    maker, taker = bench.customer(market, collateral="10"), bench.customer(market, collateral="10")
    maker.order(market["no"], "BUY", 0.4, 10)
    with FixClient.drop_copy(bench, maker) as makers, FixClient.drop_copy(bench, taker) as takers:
        taker.order(market["yes"], "BUY", 0.65, 5)
        symbol = market["symbol"]
        makers.expect("8", (150, "F"), (55, f"{symbol}-NO"), (54, "1"), (31, "0.4"), (32, "5"), (1057, "N"))
        takers.expect("8", (150, "0"), (55, f"{symbol}-YES"))
        takers.expect("8", (150, "F"), (55, f"{symbol}-YES"), (54, "1"), (31, "0.6"), (32, "5"), (6, "0.6"))


def test_the_gate_counts_what_each_gives_to_a_mint(bench: Bench) -> None:
    """Until a mint has settled, its parties' shares of the dollar are in the sum of matched orders."""
    market = bench.market()
    maker, taker = bench.customer(market, collateral="10"), bench.customer(market, collateral="10")
    bench.control("/verbs/freeze", {"for_ms": 60_000})
    try:
        maker.order(market["no"], "BUY", 0.4, 10)
        taker.order(market["yes"], "BUY", 0.65, 10)
        for customer, spent in ((maker, 4_000_000), (taker, 6_000_000)):
            text = f"balance: 10000000, sum of matched orders: {spent}, order amount .inc. fees.: 9000000"
            with pytest.raises(Exception, match=text):
                customer.order(market["yes"], "BUY", 0.9, 10)
    finally:
        bench.http.delete(bench.ready["control"] + "/verbs")
