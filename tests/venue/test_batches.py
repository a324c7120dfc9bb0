"""Several orders at once, cancels by market, and market orders at a protected price."""

from __future__ import annotations

import json
from typing import Any

import pytest
from py_clob_client_v2.clob_types import OrderArgs, OrderMarketCancelParams, OrderType, PostOrdersV2Args
from py_clob_client_v2.exceptions import PolyApiException

from harness.wire.clob import Side

from .bench import Bench, Customer
from .desk import call, make, post, refused, signed_body


def posted(customer: Customer, orders: list[tuple[str, str, float, float]]) -> list[dict[str, Any]]:
    """Each (token, side, price, size) as one GTC order of a batch, by the official client."""
    rows = [
        PostOrdersV2Args(
            customer.client.create_order(OrderArgs(token_id=token, side=side, price=price, size=size)),
            OrderType.GTC,
        )
        for token, side, price, size in orders
    ]
    return customer.client.post_orders(rows)


def test_a_batch_answers_order_by_order(bench: Bench, market: dict[str, str]) -> None:
    """Orders of a batch are placed in its order; one that is refused says why in its place."""
    seller = bench.customer(market, yes="10")
    seller.order(market["yes"], "SELL", 0.5, 5)
    buyer = bench.customer(market, collateral="10")
    yes = market["yes"]

    answers = posted(buyer, [(yes, "BUY", 0.2, 5), (yes, "SELL", 0.9, 5), (yes, "BUY", 0.5, 5)])

    resting, refusal, matched = answers
    assert (resting["status"], resting["success"], resting["errorMsg"]) == ("live", True, "")
    assert refusal == {
        "errorMsg": "not enough balance / allowance: the balance is not enough -> "
        "balance: 0, order amount: 5000000",
        "orderID": "",
        "takingAmount": "",
        "makingAmount": "",
        "status": "",
        "success": True,
    }
    assert (matched["status"], matched["makingAmount"], matched["takingAmount"]) == ("matched", "2.5", "5")
    assert [row["id"] for row in buyer.client.get_open_orders()] == [resting["orderID"]]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (lambda body: [], "Invalid order payload"),
        (lambda body: body, "Invalid order payload"),
        (lambda body: [body, {"order": {}}], "Invalid order payload"),
        (lambda body: [body] * 16, "Too many orders in payload: 16, max allowed: 15"),
    ],
    ids=["empty", "no list", "one is none", "sixteen"],
)
def test_a_batch_that_is_none_is_refused_as_a_whole(
    bench: Bench, market: dict[str, str], buyer: Customer, rows: Any, text: str
) -> None:
    """What is no list of one to fifteen orders places nothing."""
    body = signed_body(buyer, make(buyer, market["yes"], Side.BUY, "0.1", "5"))
    assert call(bench, buyer, "POST", "/orders", json.dumps(rows(body))) == refused(text)
    assert buyer.client.get_open_orders() == []


def test_a_batch_holds_fifteen_and_the_second_of_a_kind_is_a_duplicate(
    bench: Bench, market: dict[str, str], buyer: Customer
) -> None:
    """Fifteen orders are placed one after another."""
    body = signed_body(buyer, make(buyer, market["yes"], Side.BUY, "0.1", "5"))
    status, answers = call(bench, buyer, "POST", "/orders", json.dumps([body] * 15))
    assert (status, len(answers)) == (200, 15)
    duplicate = f"order {answers[0]['orderID']} is invalid. Duplicated."
    assert [row["errorMsg"] for row in answers] == ["", *[duplicate] * 14]


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (("market",), ["other"]),
        (("asset_id",), ["no", "other"]),
        (("market", "asset_id"), ["no", "other"]),
    ],
    ids=["market", "token", "both"],
)
def test_orders_are_cancelled_by_market_and_token(
    bench: Bench, names: tuple[str, ...], left: list[str]
) -> None:
    """DELETE /cancel-market-orders takes the caller's orders of a market, of a token, or of both."""
    market, other = bench.market(), bench.market()
    buyer, neighbour = (bench.customer(market, collateral="10") for _ in range(2))
    theirs = neighbour.order(market["yes"], "BUY", 0.1, 5)["orderID"]
    tokens = {"yes": market["yes"], "no": market["no"], "other": other["yes"]}
    ids = {name: buyer.order(token, "BUY", 0.1, 5)["orderID"] for name, token in tokens.items()}
    wanted = {"market": market["condition"], "asset_id": market["yes"]}

    answer = buyer.client.cancel_market_orders(
        OrderMarketCancelParams(**{name: wanted[name] for name in names})
    )

    assert answer == {"canceled": [ids[name] for name in ids if name not in left], "not_canceled": {}}
    assert [row["id"] for row in buyer.client.get_open_orders()] == [ids[name] for name in left]
    assert [row["id"] for row in neighbour.client.get_open_orders()] == [theirs]


@pytest.mark.parametrize("body", ["{}", "[]", '{"market":""}', '{"asset_id":5}'])
def test_a_cancel_by_market_names_one(bench: Bench, buyer: Customer, body: str) -> None:
    """Without a market or a token nothing is cancelled."""
    assert call(bench, buyer, "DELETE", "/cancel-market-orders", body) == refused("Invalid order payload")


@pytest.mark.parametrize("kind", ["FOK", "FAK"])
@pytest.mark.parametrize(
    ("shares", "spent"),
    [(14_280_000, "0.9996"), (14_285_700, "0.999999")],
    ids=["cut to 2 decimals", "cut to 4 decimals"],
)
def test_a_market_buy_protected_at_the_ask_fills_at_the_ask(
    bench: Bench, market: dict[str, str], kind: str, shares: int, spent: str
) -> None:
    """A price that shares cut down put a hair above the tick is the tick: one dollar at 0.07 fills there."""
    bench.customer(market, yes="20").order(market["yes"], "SELL", 0.07, 20)
    buyer = bench.customer(market, collateral="10")
    change = {"maker_amount": 1_000_000, "taker_amount": shares}
    order = make(buyer, market["yes"], Side.BUY, "0.07", "10", **change)
    status, reply = post(bench, buyer, order, kind)
    assert (status, reply["status"], reply["makingAmount"]) == (200, "matched", spent)
    buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")


def test_a_market_buy_rounded_up_meets_nothing_at_the_ask(
    bench: Bench, market: dict[str, str], buyer: Customer
) -> None:
    """A price that shares rounded up put a hair below the ask does not reach it (PUB-012)."""
    bench.customer(market, yes="20").order(market["yes"], "SELL", 0.07, 20)
    change = {"maker_amount": 1_000_000, "taker_amount": 14_290_000}
    order = make(buyer, market["yes"], Side.BUY, "0.07", "10", **change)
    status, reply = post(bench, buyer, order, "FAK")
    assert status == 400
    assert reply["error"].startswith("no orders found to match with FAK order.")


def test_a_refused_order_of_the_official_client_raises(bench: Bench, buyer: Customer) -> None:
    """POST /order on its own answers a refusal with 400, where a batch says it inside."""
    market = bench.market()
    with pytest.raises(PolyApiException, match="not enough balance"):
        buyer.order(market["yes"], "SELL", 0.5, 5)
