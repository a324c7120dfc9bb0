"""What an account reads beside its orders, trades and balances."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.wire.clob import Side

from .bench import Bench, Customer
from .desk import call, make, post

EMPTY = {"limit": 100, "count": 0, "next_cursor": "LTE=", "data": []}
CODE = "0x" + "5a" * 32


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/ban-status/closed-only", {"closed_only": False}),
        ("/data/pre-migration-orders", EMPTY),
        ("/data/pre-migration-orders?next_cursor=MA%3D%3D", EMPTY),
        ("/rewards/user?date=2026-01-01", EMPTY),
        ("/rewards/user/markets?date=2026-01-01", EMPTY),
        ("/rewards/user/total?date=2026-01-01", []),
        ("/rewards/user/percentages", {}),
    ],
)
def test_what_is_empty_here_is_in_its_shape(bench: Bench, buyer: Customer, path: str, body: Any) -> None:
    """What never happens on the venue answers as if nothing had happened yet, to who signs only."""
    assert call(bench, buyer, "GET", path) == (200, body)
    assert bench.http.get(bench.ready["rest"] + path).status_code == 401


def test_rewards_of_markets_are_public_and_empty(bench: Bench, market: dict[str, str]) -> None:
    """The rewards of markets are an empty last page, without a signature."""
    for path in ("current", market["condition"]):
        answer = bench.http.get(f"{bench.ready['rest']}/rewards/markets/{path}")
        assert (answer.status_code, answer.json()) == (200, EMPTY)


def test_no_order_scores(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """An order that rests earns nothing, alone and in a list; the ids of a list come back as they were."""
    order_id = buyer.order(market["yes"], "BUY", 0.1, 10)["orderID"]
    assert call(bench, buyer, "GET", f"/order-scoring?order_id={order_id}") == (200, {"scoring": False})
    body = json.dumps([order_id, "0x1"])
    assert call(bench, buyer, "POST", "/orders-scoring", body) == (200, {order_id: False, "0x1": False})
    assert call(bench, buyer, "POST", "/orders-scoring", "[]") == (200, {})


def test_scoring_that_cannot_be_asked(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """An id that is none, another account's order and a list of something else are refused."""
    other = bench.customer(market, collateral="10")
    foreign = other.order(market["yes"], "BUY", 0.1, 10)["orderID"]
    assert call(bench, buyer, "GET", "/order-scoring") == (400, {"error": "Invalid orderID"})
    assert call(bench, buyer, "GET", f"/order-scoring?order_id={foreign}") == (
        404,
        {"error": "Order not found"},
    )
    for body in ("{}", "[1]", "x"):
        assert call(bench, buyer, "POST", "/orders-scoring", body) == (400, {"error": "Invalid payload"})


def test_trades_with_a_builders_code(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """A trade whose taker's order has a builder's code is listed under it, for everyone."""
    url = bench.ready["rest"] + "/builder/trades"
    seller = bench.customer(market, yes="20")
    seller.order(market["yes"], "SELL", 0.5, 20)
    coded = replace(make(buyer, market["yes"], Side.BUY, "0.5", "6"), builder=CODE)
    status, reply = post(bench, buyer, coded)
    assert status == 200, reply
    buyer.order(market["yes"], "BUY", 0.5, 5)
    trade = buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")

    found = bench.http.get(url, params={"builder_code": CODE, "market": market["condition"]}).json()

    (row,) = found["data"]
    assert (found["limit"], found["count"], found["next_cursor"]) == (300, 1, "LTE=")
    assert {
        key: row[key] for key in ("id", "takerOrderHash", "builderCode", "size", "sizeUsdc", "price")
    } == {
        "id": trade["id"],
        "takerOrderHash": reply["orderID"],
        "builderCode": CODE,
        "size": "6",
        "sizeUsdc": "3",
        "price": "0.5",
    }
    assert (row["transactionHash"], row["status"]) == (trade["transaction_hash"], trade["status"])
    for query in (
        {"id": "x"},
        {"asset_id": market["no"]},
        {"before": "1"},
        {"builder_code": "0x" + "5b" * 32},
    ):
        wanted = {"builder_code": CODE, "market": market["condition"], **query}
        assert bench.http.get(url, params=wanted).json()["data"] == []


@pytest.mark.parametrize(
    "query", ["", "?builder_code=0x5a", "?builder_code=0x" + "00" * 32, f"?builder_code={CODE}&after=x"]
)
def test_builders_trades_that_cannot_be_asked(bench: Bench, query: str) -> None:
    """A builder's code is 32 bytes that are not zero."""
    answer = bench.http.get(bench.ready["rest"] + "/builder/trades" + query)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid builder trade params"})


def test_builders_fees(bench: Bench) -> None:
    """A builder takes nothing here."""
    answer = bench.http.get(f"{bench.ready['rest']}/fees/builder-fees/{CODE}")
    fees = {"builder_maker_fee_rate_bps": 0, "builder_taker_fee_rate_bps": 0}
    assert (answer.status_code, answer.json()) == (200, fees)
