"""The user channel: every type and status of its two events, field by field."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from py_clob_client_v2.clob_types import OrderPayload
from py_clob_client_v2.exceptions import PolyApiException

from harness.venue.chance import Chance
from harness.venue.engine import Engine, Now
from harness.venue.exchange import Exchange
from harness.venue.markets import Market
from harness.venue.parts import Parts
from harness.venue.records import BookOrder
from harness.venue.subscriptions import Subscriber
from harness.venue.userchannel import UserChannel
from harness.wire.clob import Order, Side

from .bench import Bench, Customer, read_until, said

SECONDS = re.compile(r"1[0-9]{9}")
MS = re.compile(r"1[0-9]{12}")


def orders(events: list[Any]) -> list[tuple[str, str, str]]:
    """Type, status and matched size of the order events."""
    rows = [event for event in events if event["event_type"] == "order"]
    return [(event["type"], event["status"], event["size_matched"]) for event in rows]


def test_a_placed_order_has_its_fields(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """PLACEMENT has exactly the documented fields, texts but for the list, with its times in their units."""
    with bench.user_channel(buyer) as socket:
        order_id = buyer.order(market["yes"], "BUY", 0.25, 8)["orderID"]
        (event,) = said(socket)
    assert SECONDS.fullmatch(event["created_at"])
    assert MS.fullmatch(event["timestamp"])
    owner = buyer.auth()["apiKey"]
    assert event == {
        "event_type": "order",
        "type": "PLACEMENT",
        "id": order_id,
        "owner": owner,
        "order_owner": owner,
        "market": market["condition"],
        "asset_id": market["yes"],
        "side": "BUY",
        "original_size": "8",
        "size_matched": "0",
        "price": "0.25",
        "outcome": "Yes",
        "order_type": "GTC",
        "status": "LIVE",
        "expiration": "0",
        "maker_address": buyer.address,
        "associate_trades": [],
        "created_at": event["created_at"],
        "timestamp": event["timestamp"],
    }


def test_a_trade_has_its_fields(bench: Bench, market: dict[str, str]) -> None:
    """Taker and maker are told the same trade, each as what it was in it; both orders name it."""
    seller, buyer = bench.customer(market, no="20"), bench.customer(market, collateral="20")
    with bench.user_channel(buyer) as taking, bench.user_channel(seller) as making:
        sold = seller.order(market["no"], "SELL", 0.25, 10)["orderID"]
        bought = buyer.order(market["no"], "BUY", 0.30, 8)

        def last(event: dict[str, Any]) -> bool:
            return event["status"] == "CONFIRMED"

        events = {"TAKER": read_until(taking, last), "MAKER": read_until(making, last)}
    (trade_id,) = bought["tradeIDs"]
    for role, mine in (("TAKER", buyer), ("MAKER", seller)):
        trades = [event for event in events[role] if event["event_type"] == "trade"]
        assert [event["status"] for event in trades] == ["MATCHED", "MINED", "CONFIRMED"]
        assert [event["transaction_hash"] != "" for event in trades] == [False, True, True]
        for event in trades:
            assert SECONDS.fullmatch(event["match_time"])
            assert SECONDS.fullmatch(event["last_update"])
            assert MS.fullmatch(event["timestamp"])
            owner = mine.auth()["apiKey"]
            (entry,) = event["maker_orders"]
            assert entry == {
                "order_id": sold,
                "owner": seller.auth()["apiKey"],
                "maker_address": seller.address,
                "matched_amount": "8",
                "price": "0.25",
                "fee_rate_bps": "0",
                "asset_id": market["no"],
                "outcome": "No",
                "outcome_index": 1,
                "side": "SELL",
            }
            changing = ("match_time", "last_update", "timestamp", "transaction_hash", "status")
            assert event == {
                "event_type": "trade",
                "type": "TRADE",
                "id": trade_id,
                "taker_order_id": bought["orderID"],
                "market": market["condition"],
                "asset_id": market["no"],
                "side": "BUY",
                "size": "8",
                "price": "0.25",
                "outcome": "No",
                "owner": owner,
                "trade_owner": owner,
                "maker_address": mine.address,
                "bucket_index": 0,
                "fee_rate_bps": "0",
                "trader_side": role,
                "maker_orders": [entry],
                **{key: event[key] for key in changing},
            }
        updates = [row for row in events[role] if (row["event_type"], row["type"]) == ("order", "UPDATE")]
        assert [row["associate_trades"] for row in updates] == [[trade_id]]
    assert orders(events["TAKER"]) == [("PLACEMENT", "LIVE", "0"), ("UPDATE", "MATCHED", "8")]
    assert orders(events["MAKER"]) == [("PLACEMENT", "LIVE", "0"), ("UPDATE", "LIVE", "8")]


class Told:
    """What a channel tells two parties of a match, with a seed or without one."""

    def __init__(self, seed: int | None) -> None:
        self.engine = Engine()
        parts = Parts()
        exchange = SimpleNamespace(engine=self.engine, chance=Chance(seed), parts=parts)
        channel = UserChannel(cast("Exchange", exchange))
        self.maker, self.taker = (Subscriber("0x" + digit * 40, everything=True) for digit in "12")
        for subscriber in (self.maker, self.taker):
            channel.subscribers.add(subscriber)
        self.market = Market("0x1", "0x2", 3, 4, Decimal("0.01"), 5, self.maker.address, "MARKET-1")
        self.engine.open_market(self.market, Now(0))

    def place(self, number: int, owner: str, side: Side) -> None:
        given, got = (10, 20) if side is Side.BUY else (20, 10)
        signed = Order(number, owner, owner, 3, given, got, side, 0, 0)
        order = BookOrder(f"0x{number:x}", signed, "0x", "key", self.market, Decimal("0.5"), "GTC", 0)
        self.engine.place(order, Now(0))

    def orders_of_events(self, matches: int) -> list[tuple[str, str]]:
        """Of each match, what the maker and what the taker hears first: UPDATE or TRADE."""
        for number in range(matches):
            self.place(2 * number, self.maker.address, Side.SELL)
            self.place(2 * number + 1, self.taker.address, Side.BUY)
        heard = []
        for subscriber in (self.maker, self.taker):
            events = [json.loads(subscriber.outbox.get_nowait()) for _ in range(subscriber.outbox.qsize())]
            rows = [event["type"] for event in events if event["type"] != "PLACEMENT"]
            pairs = list(zip(rows[::2], rows[1::2], strict=True))
            assert [set(pair) for pair in pairs] == [{"UPDATE", "TRADE"}] * matches
            heard.append([first for first, _ in pairs])
        return list(zip(*heard, strict=True))


def test_update_and_trade_come_in_either_order() -> None:
    """A match's UPDATE and trade event come to each party in an order of their own, the same with a seed."""
    seen = Told(None).orders_of_events(64)  # that one of the four is missing has a chance of 1 in 25 million
    assert set(seen) == {(maker, taker) for maker in ("UPDATE", "TRADE") for taker in ("UPDATE", "TRADE")}
    assert Told(5).orders_of_events(16) == Told(5).orders_of_events(16) != Told(6).orders_of_events(16)


def test_a_failed_settlement_is_told_to_its_end(bench: Bench, market: dict[str, str]) -> None:
    """MATCHED, RETRYING and MINED again; three reverts in a row end in FAILED. The id stays the same."""
    seller, buyer = bench.customer(market, yes="20"), bench.customer(market, collateral="20")
    ways = (
        (1, ["MATCHED", "RETRYING", "MINED", "CONFIRMED"]),
        (3, ["MATCHED", "RETRYING", "RETRYING", "FAILED"]),
    )
    for times, told in ways:
        bench.control("/verbs/revert", {"times": times})
        seller.order(market["yes"], "SELL", 0.5, 5)
        with bench.user_channel(buyer) as socket:
            (trade_id,) = buyer.order(market["yes"], "BUY", 0.5, 5)["tradeIDs"]
            events = read_until(socket, lambda event: event["status"] in ("CONFIRMED", "FAILED"))
        trades = [event for event in events if event["event_type"] == "trade"]
        assert [event["status"] for event in trades] == told
        assert {event["id"] for event in trades} == {trade_id}


def test_a_cancel_is_a_cancellation(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """What is left of a filled order is cancelled, and what was matched stays in the event."""
    seller = bench.customer(market, yes="20")
    with bench.user_channel(buyer) as socket:
        order_id = buyer.order(market["yes"], "BUY", 0.5, 8)["orderID"]
        (trade_id,) = seller.order(market["yes"], "SELL", 0.5, 5)["tradeIDs"]
        buyer.client.cancel_order(OrderPayload(orderID=order_id))
        events = read_until(socket, lambda event: event["type"] == "CANCELLATION")
    told = [("PLACEMENT", "LIVE", "0"), ("UPDATE", "LIVE", "5"), ("CANCELLATION", "CANCELED", "5")]
    assert orders(events) == told
    assert events[-1]["associate_trades"] == [trade_id]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("FOK", "order couldn't be fully filled. FOK orders are fully filled or killed."),
        (
            "FAK",
            "no orders found to match with FAK order. "
            "FAK orders are partially filled or killed if no match is found.",
        ),
    ],
)
def test_a_killed_order_was_never_placed(
    bench: Bench, market: dict[str, str], buyer: Customer, kind: str, reason: str
) -> None:
    """One CANCELLATION and no PLACEMENT, the reason behind an underscore, and empty texts as captured."""
    with bench.user_channel(buyer) as socket:
        with pytest.raises(PolyApiException):
            buyer.order(market["yes"], "BUY", 0.25, 8, kind)
        (event,) = said(socket)
    assert (event["type"], event["status"]) == ("CANCELLATION", f"CANCELED_{reason}")
    assert (event["size_matched"], event["created_at"], event["outcome"]) == ("", "", "")
    assert (event["order_type"], event["original_size"], event["associate_trades"]) == (kind, "8", [])


def test_an_order_that_runs_out_is_told() -> None:
    """A GTD order ends as CANCELED_EXPIRED_ORDER, a minute before the time that it states."""
    engine, owner, told = Engine(), "0x" + "1" * 40, Subscriber("0x" + "1" * 40, everything=True)
    channel = UserChannel(cast("Exchange", SimpleNamespace(engine=engine)))
    channel.subscribers.add(told)
    market = Market("0x1", "0x2", 3, 4, Decimal("0.01"), 5, owner, "MARKET-1")
    engine.open_market(market, Now(0))
    signed = Order(1, owner, owner, 3, 2_000_000, 8_000_000, Side.BUY, 0, 0, expiration_s=1000)
    engine.place(
        BookOrder("0xa", signed, "0x", "key", market, Decimal("0.25"), "GTD", created_s=900),
        Now(900 * 10**9),
    )
    engine.expire(Now(940 * 10**9 - 1))
    assert told.outbox.qsize() == 1
    engine.expire(Now(940 * 10**9))
    events = [json.loads(told.outbox.get_nowait()) for _ in range(2)]
    assert orders(events) == [("PLACEMENT", "LIVE", "0"), ("CANCELLATION", "CANCELED_EXPIRED_ORDER", "0")]
    assert [(event["expiration"], event["timestamp"]) for event in events] == [
        ("1000", "900000"),
        ("1000", "940000"),
    ]


def test_a_resolution_cancels_what_rests(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """Every live order of the market ends as CANCELED_MARKET_RESOLVED."""
    with bench.user_channel(buyer) as socket:
        for token in ("yes", "no"):
            buyer.order(market[token], "BUY", 0.25, 8)
        bench.control("/verbs/resolve", {"market": market["condition"], "outcome": "yes"})
        events = said(socket)
    ended = ("CANCELLATION", "CANCELED_MARKET_RESOLVED", "0")
    assert orders(events) == [("PLACEMENT", "LIVE", "0")] * 2 + [ended] * 2


@pytest.mark.parametrize(
    "status",
    [
        "INVALID",
        "CANCELED_NOT_ENOUGH_BALANCE",
        "CANCELED_MARKET_NOT_FOUND",
        "CANCELED_ORDER_TIMED_OUT",
        "CANCELED_MARKET_RESOLVED",
    ],
)
def test_the_exchange_voids_an_order(
    bench: Bench, market: dict[str, str], buyer: Customer, status: str
) -> None:
    """A cancel that nobody asked for is a CANCELLATION with its reason as status, also over REST."""
    with bench.user_channel(buyer) as socket:
        order_id = buyer.order(market["yes"], "BUY", 0.25, 8)["orderID"]
        bench.control("/verbs/void", {"order": order_id, "status": status})
        assert orders(said(socket)) == [("PLACEMENT", "LIVE", "0"), ("CANCELLATION", status, "0")]
    assert buyer.client.get_order(order_id)["status"] == status
    again = bench.http.post(bench.ready["control"] + "/verbs/void", json={"order": order_id})
    assert (again.status_code, "place one first" in again.text) == (400, True)
