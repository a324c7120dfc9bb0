"""The official client, unmodified, trades on the venue."""

from __future__ import annotations

import pytest
from py_clob_client_v2.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    MarketOrderArgs,
    OpenOrderParams,
    OrderPayload,
    OrderType,
)
from py_clob_client_v2.exceptions import PolyApiException

from harness.wire.ctf import decode_log

from .bench import Bench, Customer, eventually


def confirmed(customer: Customer, trade_id: str) -> dict[str, object]:
    def look() -> dict[str, object] | None:
        trade = customer.trade(trade_id)
        return trade if trade["status"] == "TRADE_STATUS_CONFIRMED" else None

    return eventually(look)


def test_a_crossing_order_is_matched_settled_and_confirmed(bench: Bench) -> None:
    """Two crossing orders match at the maker's price, settle on chain and move exactly their amounts."""
    market = bench.market()
    seller = bench.customer(market, yes="20")
    buyer = bench.customer(market, collateral="10")
    resting = seller.order(market["yes"], "SELL", 0.48, 10)
    assert (resting["status"], resting["success"], resting["makingAmount"]) == ("live", True, "")

    reply = buyer.order(market["yes"], "BUY", 0.5, 5)

    assert reply["status"] == "matched"
    assert (reply["makingAmount"], reply["takingAmount"]) == ("2.4", "5")
    (trade_id,) = reply["tradeIDs"]
    trade = confirmed(buyer, trade_id)
    assert reply["transactionsHashes"] == [trade["transaction_hash"]]
    assert (trade["trader_side"], trade["price"], trade["size"]) == ("TAKER", "0.48", "5")
    assert trade["maker_orders"][0]["order_id"] == resting["orderID"]
    assert seller.trade(trade_id)["trader_side"] == "MAKER"
    assert bench.funds(buyer, market) == {
        "address": buyer.address,
        "collateral": "7.6",
        "yes": "5",
        "no": "0",
    }
    assert bench.funds(seller, market)["collateral"] == "2.4"
    assert bench.funds(seller, market)["yes"] == "15"

    receipt = bench.rpc("eth_getTransactionReceipt", trade["transaction_hash"])
    events = [decode_log(log["topics"], log["data"]) for log in receipt["logs"]]
    filled = [event.args for event in events if event is not None and event.name == "OrderFilled"]
    assert [args["orderHash"] for args in filled] == [resting["orderID"], reply["orderID"]]
    assert [args["taker"] for args in filled] == [buyer.address, bench.ready["contracts"]["exchange"]]
    assert [(args["makerAmountFilled"], args["takerAmountFilled"]) for args in filled] == [
        (5_000_000, 2_400_000),
        (2_400_000, 5_000_000),
    ]
    assert events[-1] is not None
    assert events[-1].name == "OrdersMatched"


def test_a_taker_sell_meets_several_bids_best_first(bench: Bench) -> None:
    """A SELL fills the best bid first, then the next, in one trade and one transaction."""
    market = bench.market("0.001")
    bidders = [bench.customer(market, collateral="10") for _ in range(2)]
    bidders[0].order(market["no"], "BUY", 0.301, 6)
    bidders[1].order(market["no"], "BUY", 0.303, 6)
    seller = bench.customer(market, no="10")

    reply = seller.order(market["no"], "SELL", 0.3, 10)

    trade = confirmed(seller, reply["tradeIDs"][0])
    assert [(row["price"], row["matched_amount"]) for row in trade["maker_orders"]] == [
        ("0.303", "6"),
        ("0.301", "4"),
    ]
    assert (reply["makingAmount"], reply["takingAmount"]) == ("10", "3.022")
    assert bench.funds(seller, market)["collateral"] == "3.022"


def test_reads_and_cancels(bench: Bench) -> None:
    """Open orders are listed until they are cancelled; cancelling twice names the reason."""
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    ids = [buyer.order(market["yes"], "BUY", price, 10)["orderID"] for price in (0.1, 0.2, 0.3)]
    assert [row["id"] for row in buyer.client.get_open_orders()] == ids
    only = buyer.client.get_open_orders(OpenOrderParams(id=ids[1]))
    assert [(row["price"], row["status"], row["size_matched"]) for row in only] == [("0.2", "LIVE", "0")]
    payload = OrderPayload(orderID=ids[0])
    assert buyer.client.cancel_order(payload) == {"canceled": [ids[0]], "not_canceled": {}}
    gone = {ids[0]: "order can't be found - already canceled or matched"}
    assert buyer.client.cancel_order(payload) == {"canceled": [], "not_canceled": gone}
    assert buyer.client.cancel_orders([ids[1]])["canceled"] == [ids[1]]
    assert buyer.client.cancel_all()["canceled"] == [ids[2]]
    assert buyer.client.get_open_orders() == []
    assert buyer.client.get_order(ids[0])["status"] == "CANCELED"


def test_another_customer_cannot_see_or_cancel_an_order(bench: Bench) -> None:
    """An order belongs to its wallet."""
    market = bench.market()
    buyer, other = bench.customer(market, collateral="20"), bench.customer(market)
    order_id = buyer.order(market["yes"], "BUY", 0.1, 10)["orderID"]
    assert other.client.cancel_order(OrderPayload(orderID=order_id))["canceled"] == []
    with pytest.raises(PolyApiException, match="Order not found"):
        other.client.get_order(order_id)


def test_public_reads(bench: Bench) -> None:
    """Service, market and book reads answer what the client expects."""
    market = bench.market("0.0025")
    buyer = bench.customer(market, collateral="20", yes="20")
    buyer.order(market["yes"], "BUY", 0.4975, 8)
    buyer.order(market["yes"], "BUY", 0.4, 8)
    buyer.order(market["yes"], "SELL", 0.5025, 8)
    client = buyer.client
    assert client.get_ok() == "OK"
    assert client.get_version() == 2
    assert isinstance(client.get_server_time(), int)
    assert client.get_tick_size(market["yes"]) == "0.0025"
    assert client.get_neg_risk(market["no"]) is False
    assert client.get_fee_rate_bps(market["no"]) == 0
    assert client.get_midpoint(market["yes"]) == {"mid": "0.5"}
    assert client.get_price(market["yes"], "BUY") == {"price": "0.4975"}
    assert client.get_price(market["yes"], "SELL") == {"price": "0.5025"}
    book = client.get_order_book(market["yes"])
    assert [row["price"] for row in book["bids"]] == ["0.4", "0.4975"]
    assert client.get_market(market["condition"])["question_id"] == market["question_id"]
    assert client.get_clob_market_info(market["condition"])["t"][1] == {"t": market["no"], "o": "No"}
    assert client.get_api_keys() == {"apiKeys": [client.creds.api_key]}


def test_balance_and_allowance(bench: Bench) -> None:
    """Balances are base units of the caller's wallet, allowances name the exchange as the spender."""
    market = bench.market()
    buyer = bench.customer(market, collateral="12.5", yes="3")
    money = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL, signature_type=0)
    answer = buyer.client.get_balance_allowance(money)
    assert answer["balance"] == "12500000"
    assert answer["allowances"][bench.ready["contracts"]["exchange"]] == str(2**256 - 1)
    shares = BalanceAllowanceParams(AssetType.CONDITIONAL, token_id=market["yes"], signature_type=0)
    assert buyer.client.get_balance_allowance(shares)["balance"] == "3000000"
    assert buyer.client.update_balance_allowance(money) == ""


def test_market_orders(bench: Bench) -> None:
    """A FAK spends what it finds; a FOK that finds too little is killed with the documented words."""
    market = bench.market()
    seller = bench.customer(market, yes="10")
    buyer = bench.customer(market, collateral="100")
    seller.order(market["yes"], "SELL", 0.56, 10)

    def market_buy(amount: float, kind: str) -> dict[str, object]:
        arguments = MarketOrderArgs(
            token_id=market["yes"], amount=amount, side="BUY", price=0.56, order_type=kind
        )
        return buyer.client.post_order(buyer.client.create_market_order(arguments), kind)

    with pytest.raises(PolyApiException, match=r"FOK orders are fully filled or killed\."):
        market_buy(50, OrderType.FOK)
    partial = market_buy(50, OrderType.FAK)
    assert (partial["status"], partial["makingAmount"], partial["takingAmount"]) == ("matched", "5.6", "10")
    assert buyer.client.get_open_orders() == []
    with pytest.raises(PolyApiException, match="no orders found to match with FAK order"):
        market_buy(50, OrderType.FAK)
