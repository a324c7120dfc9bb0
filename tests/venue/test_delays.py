"""The taker delay: what would match waits, cannot be cancelled, and then matches, rests or is unmatched."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from py_clob_client_v2.clob_types import OrderPayload

from harness.venue.delays import TakerDelay, Waiting
from harness.venue.markets import Market
from harness.venue.records import BookOrder
from harness.wire.clob import Order, Side

from .bench import Bench, Customer, eventually, read_until, said
from .desk import call, make, post, signed_body
from .fixclient import FixClient

DELAYED = "order match delayed due to market conditions"
MS_NS = 1_000_000


@pytest.fixture
def slow(bench: Bench) -> dict[str, str]:
    """A market in which what would match waits for seven tenths of a second."""
    market: dict[str, str] = bench.control("/markets", {"taker_delay_ms": 700})
    return market


@pytest.fixture
def maker(bench: Bench, slow: dict[str, str]) -> Customer:
    """A customer who offers ten shares at 0.5."""
    customer = bench.customer(slow, yes="50")
    assert customer.order(slow["yes"], "SELL", 0.5, 10)["status"] == "live"
    return customer


@pytest.fixture
def taker(bench: Bench, slow: dict[str, str]) -> Customer:
    """A customer with ten dollars."""
    return bench.customer(slow, collateral="10")


def own(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (row["type"], row["status"], row["size_matched"]) for row in events if row["event_type"] == "order"
    ]


def test_an_order_waits_and_is_matched(
    bench: Bench, slow: dict[str, str], maker: Customer, taker: Customer
) -> None:
    """It is answered `delayed`, is in no book and no trade, cannot be cancelled, and then has its trade."""
    with bench.user_channel(taker) as events:
        began = time.monotonic()
        signed = make(taker, slow["yes"], Side.BUY, "0.5", "10")
        status, reply = post(bench, taker, signed, "FOK")
        order_id = reply["orderID"]
        assert (status, reply) == (
            200,
            {
                "success": True,
                "errorMsg": "",
                "orderID": order_id,
                "status": "delayed",
                "makingAmount": "",
                "takingAmount": "",
            },
        )
        assert taker.client.cancel_order(OrderPayload(orderID=order_id)) == {
            "canceled": [],
            "not_canceled": {order_id: DELAYED},
        }
        assert taker.client.cancel_all() == {"canceled": [], "not_canceled": {}}
        assert taker.client.get_order(order_id)["status"] == "DELAYED"
        assert taker.client.get_open_orders() == []
        assert bench.http.get(f"{bench.ready['rest']}/book?token_id={slow['yes']}").json()["asks"] == [
            {"price": "0.5", "size": "10"}
        ]
        assert time.monotonic() - began < 0.7, "looked too late"
        seen = read_until(events, lambda row: row["event_type"] == "trade")
        if seen[-2]["type"] != "UPDATE":  # the two have no order between them
            seen += read_until(events, lambda row: row["type"] == "UPDATE")
        assert time.monotonic() - began >= 0.7
        assert own(seen) == [("PLACEMENT", "DELAYED", "0"), ("UPDATE", "MATCHED", "10")]
        assert [row["status"] for row in seen if row["event_type"] == "trade"] == ["MATCHED"]
    trades = taker.client.get_order(order_id)["associate_trades"]
    assert taker.until_status(trades[0], "CONFIRMED")["size"] == "10"


@pytest.mark.parametrize("kind", ["FOK", "FAK"])
def test_an_order_that_meets_nothing_any_more_is_unmatched(
    bench: Bench, slow: dict[str, str], maker: Customer, taker: Customer, kind: str
) -> None:
    """Where the maker is gone when the wait is over, it ends as UNMATCHED and frees what it held."""
    with bench.user_channel(taker) as events:
        order = make(taker, slow["yes"], Side.BUY, "0.5", "10")
        reply = post(bench, taker, order, kind)[1]
        assert reply["status"] == "delayed"
        maker.client.cancel_all()
        poor = post(bench, taker, make(taker, slow["yes"], Side.BUY, "0.3", "20"))
        assert "balance: 10000000, sum of active orders: 5000000, order amount" in poor[1]["error"]
        seen = read_until(events, lambda row: row.get("type") == "CANCELLATION")
        assert own(seen) == [("PLACEMENT", "DELAYED", "0"), ("CANCELLATION", "UNMATCHED", "0")]
    assert taker.client.get_order(reply["orderID"])["status"] == "UNMATCHED"
    assert post(bench, taker, make(taker, slow["yes"], Side.BUY, "0.3", "20"))[1]["status"] == "live"


def test_an_order_that_may_rest_rests(
    bench: Bench, slow: dict[str, str], maker: Customer, taker: Customer
) -> None:
    """A GTC order that meets nothing after its wait stands on the book, and can be cancelled."""
    with bench.user_channel(taker) as events:
        body = [
            signed_body(taker, make(taker, slow["yes"], Side.BUY, price, "5")) for price in ("0.5", "0.1")
        ]
        replies = call(bench, taker, "POST", "/orders", json.dumps(body))[1]
        assert [row["status"] for row in replies] == ["delayed", "live"]
        maker.client.cancel_all()
        seen = read_until(events, lambda row: row.get("type") == "UPDATE")
        assert own(seen)[-1] == ("UPDATE", "LIVE", "0")
    ids = {row["orderID"] for row in replies}
    assert set(taker.client.cancel_all()["canceled"]) == ids


def test_what_takes_nothing_does_not_wait(bench: Bench, slow: dict[str, str], taker: Customer) -> None:
    """An order that rests is live at once, one that is killed is killed at once."""
    assert taker.order(slow["yes"], "BUY", 0.5, 5)["status"] == "live"
    status, reply = post(bench, taker, make(taker, slow["no"], Side.BUY, "0.4", "5"), "FAK")
    assert (status, reply["error"][:30]) == (400, "no orders found to match with ")


def test_a_sports_market_waits_for_seconds(bench: Bench) -> None:
    """`seconds_delay` is the same wait in seconds, and a resolution ends it."""
    market = bench.control("/markets", {"seconds_delay": 60})
    maker, taker = bench.customer(market, yes="10"), bench.customer(market, collateral="10")
    maker.order(market["yes"], "SELL", 0.5, 10)
    reply = taker.order(market["yes"], "BUY", 0.5, 10)
    assert reply["status"] == "delayed"
    with bench.user_channel(taker) as events:
        bench.control("/verbs/resolve", {"market": market["condition"], "outcome": "yes"})
        assert own(said(events)) == [("CANCELLATION", "CANCELED_MARKET_RESOLVED", "0")]


def test_the_delay_over_fix(bench: Bench, slow: dict[str, str], maker: Customer, taker: Customer) -> None:
    """It is new, cannot be cancelled while it waits, and is filled, or expires, when the wait is over."""
    yes = f"{slow['symbol']}-YES"
    with FixClient.order_entry(bench, taker) as entry:
        entry.order("c1", yes, 1, "0.5", "6")
        order_id = entry.expect("8", (150, "0"), (39, "0"), (11, "c1"))[37]
        assert taker.client.get_order(order_id)["status"] == "DELAYED"
        entry.cancel("c2", "c1", yes)
        entry.expect("9", (37, order_id), (41, "c1"), (102, "2"), (58, DELAYED))
        entry.expect("8", (150, "F"), (39, "2"), (14, "6"))
        entry.order("c3", yes, 1, "0.5", "4", (59, 3))
        entry.expect("8", (150, "0"), (11, "c3"))
        maker.client.cancel_all()
        entry.expect("8", (150, "C"), (39, "C"), (11, "c3"), (14, "0"))


def _order(name: str) -> BookOrder:
    order = Order(1, "0x" + "11" * 20, "0x" + "11" * 20, 5, 1, 1, Side.BUY, 0, 1)
    market = Market("0x12", "0x13", 5, 6, Decimal("0.01"), 5, "0x14", "M", delay_ms=50, seconds_delay=3)
    return BookOrder(name, order, "0x", "", market, Decimal("0.5"), "GTC", 1)


def test_who_waits_how_long() -> None:
    """The longer of the two delays counts; orders come back in the order of their moments, once."""
    waiting = Waiting()
    assert TakerDelay().wait_ns(_order("a").market) == 3000 * MS_NS
    for name, due_ns in (("late", 9), ("soon", 3), ("next", 5)):
        waiting.add(_order(name), due_ns)
    assert list(waiting.due(2)) == []
    assert [row.id for row in waiting.due(5)] == ["soon", "next"]
    assert [row.id for row in waiting.due(9)] == ["late"]
    assert list(waiting.due(9)) == []


def test_nothing_is_matched_while_the_matcher_restarts(
    troubled: Bench,
) -> None:
    """An order whose wait ends in a halt is matched after it."""
    market = troubled.control("/markets", {"taker_delay_ms": 100})
    maker, taker = troubled.customer(market, yes="10"), troubled.customer(market, collateral="10")
    maker.order(market["yes"], "SELL", 0.5, 10)
    order_id = taker.order(market["yes"], "BUY", 0.5, 10)["orderID"]
    troubled.control("/verbs/restart", {"of": "matcher", "for_ms": 600})
    began = time.monotonic()
    eventually(lambda: taker.client.get_order(order_id)["status"] == "MATCHED")
    assert time.monotonic() - began > 0.4
