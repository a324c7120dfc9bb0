"""The market and user WebSockets, over real sockets with the websockets library."""

from __future__ import annotations

import json
from typing import Any

import pytest
from py_clob_client_v2.clob_types import OrderPayload
from py_clob_client_v2.exceptions import PolyApiException
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection

from .bench import DEADLINE_S, Bench, read_until


def subscribe_market(socket: ClientConnection, *tokens: str, **extra: Any) -> None:
    socket.send(json.dumps({"type": "market", "assets_ids": list(tokens), **extra}))


def next_event(socket: ClientConnection) -> dict[str, Any]:
    return json.loads(socket.recv(DEADLINE_S))


def test_subscriptions_are_updated_by_operation(bench: Bench) -> None:
    """`operation` adds and removes tokens; the first form again is an INVALID OPERATION."""
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    with bench.socket("market") as socket:
        subscribe_market(socket)
        subscribe_market(socket, market["yes"])
        assert socket.recv(DEADLINE_S) == "INVALID OPERATION"
        socket.send("PING")
        assert socket.recv(DEADLINE_S) == "PONG"
        socket.send(json.dumps({"operation": "subscribe", "assets_ids": [market["yes"], market["no"]]}))
        assert len(json.loads(socket.recv(DEADLINE_S))) == 2
        socket.send(json.dumps({"operation": "unsubscribe", "assets_ids": [market["yes"]]}))
        socket.send("PING")
        assert socket.recv(DEADLINE_S) == "PONG"
        buyer.order(market["yes"], "BUY", 0.2, 5)
        buyer.order(market["no"], "BUY", 0.3, 5)
        for side, price in (("SELL", "0.8"), ("BUY", "0.3")):  # a level of one token is one of the other, too
            (level,) = next_event(socket)["price_changes"]
            assert (level["asset_id"], level["side"], level["price"]) == (market["no"], side, price)


def test_a_token_that_is_subscribed_again_has_its_book_sent_again(bench: Bench) -> None:
    """Each subscription is answered with the books, whatever was followed before; each name counts once."""
    market = bench.market()
    with bench.socket("market") as socket:
        subscribe_market(socket, market["yes"], market["yes"], initial_dump=False)
        for operation in ("subscribe", "unsubscribe", "subscribe"):
            tokens = [market["yes"], market["yes"]]
            socket.send(json.dumps({"operation": operation, "assets_ids": tokens}))
        for _ in range(2):
            (book,) = json.loads(socket.recv(DEADLINE_S))
            assert (book["event_type"], book["asset_id"]) == ("book", market["yes"])
        socket.send("PING")
        assert socket.recv(DEADLINE_S) == "PONG"


@pytest.mark.parametrize(
    "update",
    [
        "no JSON",
        "[]",
        "{}",
        '{"assets_ids":["1"]}',
        '{"operation":"subscribe"}',
        '{"operation":"add","assets_ids":["1"]}',
        '{"operation":"subscribe","assets_ids":"1"}',
        '{"operation":"subscribe","assets_ids":[1]}',
        '{"operation":"subscribe","markets":["0x1"]}',
        '{"type":"market","assets_ids":["1"]}',
    ],
)
def test_an_update_that_is_none_is_an_invalid_operation(bench: Bench, update: str) -> None:
    """A key that is missing or of another kind is answered at once, and what was followed goes on."""
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    with bench.socket("market") as socket:
        subscribe_market(socket, market["yes"], initial_dump=False)
        socket.send(update)
        assert socket.recv(DEADLINE_S) == "INVALID OPERATION"
        buyer.order(market["yes"], "BUY", 0.2, 5)
        assert next_event(socket)["price_changes"][0]["asset_id"] == market["yes"]


@pytest.mark.parametrize(
    ("channel", "first"),
    [
        ("market", "PING"),
        ("market", "{}"),
        ("market", '{"type":"market"}'),
        ("user", "PING"),
        ("user", '{"type":"user"}'),
        ("user", '{"type":"user","auth":{"apiKey":"a","secret":"b","passphrase":"c"}}'),
    ],
)
def test_anything_before_a_valid_subscription_closes(bench: Bench, channel: str, first: str) -> None:
    """The first message must be a valid subscription; a PING is none."""
    with bench.socket(channel) as socket:
        socket.send(first)
        with pytest.raises(ConnectionClosedError) as closed:
            socket.recv(DEADLINE_S)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "invalid subscription payload")


def test_the_user_channel_follows_a_trade_to_its_end(bench: Bench) -> None:
    """Both parties see their order and the trade: MATCHED without a hash, MINED and CONFIRMED with it."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="20"), bench.customer(market, collateral="20")
    with bench.socket("user") as taker, bench.socket("user") as maker:
        taker.send(json.dumps({"type": "user", "auth": buyer.auth(), "markets": [market["condition"]]}))
        maker.send(json.dumps({"type": "user", "auth": seller.auth()}))
        for socket in (taker, maker):
            socket.send("PING")
            assert socket.recv(DEADLINE_S) == "PONG"

        resting = seller.order(market["yes"], "SELL", 0.25, 10)["orderID"]
        reply = buyer.order(market["yes"], "BUY", 0.25, 8)

        def last(event: dict[str, Any]) -> bool:
            return event.get("status") == "CONFIRMED"

        seen, other = read_until(taker, last), read_until(maker, last)
    orders = [event for event in seen if event["event_type"] == "order"]
    assert [(event["type"], event["status"], event["size_matched"]) for event in orders] == [
        ("PLACEMENT", "LIVE", "0"),
        ("UPDATE", "MATCHED", "8"),
    ]
    trades = [event for event in seen if event["event_type"] == "trade"]
    assert [event["status"] for event in trades] == ["MATCHED", "MINED", "CONFIRMED"]
    assert [bool(event["transaction_hash"]) for event in trades] == [False, True, True]
    assert {event["id"] for event in trades} == set(reply["tradeIDs"])
    assert {event["trader_side"] for event in trades} == {"TAKER"}
    makers = [event for event in other if event["event_type"] == "trade"]
    assert [event["status"] for event in makers] == ["MATCHED", "MINED", "CONFIRMED"]
    assert {event["trader_side"] for event in makers} == {"MAKER"}
    assert makers[0]["maker_orders"][0]["order_id"] == resting
    updates = [event for event in other if event["event_type"] == "order" and event["type"] == "UPDATE"]
    assert [(event["status"], event["size_matched"]) for event in updates] == [("LIVE", "8")]


def test_cancelled_and_killed_orders_are_told(bench: Bench) -> None:
    """A cancel is a CANCELLATION; a killed FOK is one too, with the reason in its status."""
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    with bench.socket("user") as socket:
        socket.send(json.dumps({"type": "user", "auth": buyer.auth()}))
        socket.send("PING")
        assert socket.recv(DEADLINE_S) == "PONG"
        order_id = buyer.order(market["yes"], "BUY", 0.25, 8)["orderID"]
        buyer.client.cancel_order(OrderPayload(orderID=order_id))
        with pytest.raises(PolyApiException):
            buyer.order(market["yes"], "BUY", 0.25, 8, "FOK")
        events = [next_event(socket) for _ in range(3)]
    assert [event["type"] for event in events] == ["PLACEMENT", "CANCELLATION", "CANCELLATION"]
    assert events[1]["status"] == "CANCELED"
    assert events[2]["status"] == (
        "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed."
    )
    assert (events[2]["size_matched"], events[2]["created_at"], events[2]["outcome"]) == ("", "", "")
