"""The market and user WebSockets, over real sockets with the websockets library."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection

from .bench import DEADLINE_S, Bench


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
