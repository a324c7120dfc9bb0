"""The real-time data stream: what is asked for, what comes, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from .bench import DEADLINE_S, Bench, Customer, Ship, both, read_until, said


@contextmanager
def stream(bench: Bench) -> Iterator[ClientConnection]:
    with connect(bench.ready["rtds"], open_timeout=DEADLINE_S) as socket:
        yield socket


def ask(kind: str = "orders_matched", action: str = "subscribe", **more: Any) -> dict[str, Any]:
    return {"action": action, "subscriptions": [{"topic": "activity", "type": kind, **more}]}


def trade(bench: Bench, market: dict[str, str], buyer: Customer) -> dict[str, Any]:
    """Five shares change hands; the taker's answer."""
    bench.customer(market, yes="5").order(market["yes"], "SELL", 0.25, 5)
    return buyer.order(market["yes"], "BUY", 0.25, 5)


def test_a_match_has_its_envelope_and_fields(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """orders_matched comes at once, trades with the transaction; sizes and prices are numbers."""
    with stream(bench) as socket:
        assert said(socket, ask("*", filters=json.dumps({"market_slug": market["slug"]}))) == []
        reply = trade(bench, market, buyer)
        events = read_until(socket, lambda event: event["type"] == "trades")
    assert [(event["topic"], event["type"]) for event in events] == [
        ("activity", "orders_matched"),
        ("activity", "trades"),
    ]
    for event, transaction in zip(events, ["", *reply["transactionsHashes"]], strict=True):
        payload = event["payload"]
        assert set(event) == {"topic", "type", "timestamp", "payload"}
        assert event["timestamp"] // 1000 - payload["timestamp"] in range(10)
        assert payload == {
            "asset": market["yes"],
            "bio": "",
            "conditionId": market["condition"],
            "eventSlug": market["slug"],
            "icon": "",
            "name": "",
            "outcome": "Yes",
            "outcomeIndex": 0,
            "price": 0.25,
            "profileImage": "",
            "proxyWallet": buyer.address,
            "pseudonym": "",
            "side": "BUY",
            "size": Decimal(5),
            "slug": market["slug"],
            "timestamp": payload["timestamp"],
            "title": market["question"],
            "transactionHash": transaction,
        }


def test_subscriptions_come_and_go(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """What several subscriptions let through comes once; an unsubscription goes by what its filter says."""
    slug = market["slug"]
    with stream(bench) as socket:
        said(socket)  # PING may come first
        wanted = [
            f'{{"market_slug":"{slug}"}}',
            f'{{ "market_slug": "{slug}" }}',
            f'{{"event_slug":"{slug}"}}',
        ]
        for filters in wanted:
            assert said(socket, ask(filters=filters)) == []
        trade(bench, market, buyer)
        assert len(said(socket)) == 1
        assert said(socket, ask(action="unsubscribe", filters=wanted[2])) == []
        trade(bench, market, buyer)
        assert len(said(socket)) == 1
        assert said(socket, ask(action="unsubscribe", filters=wanted[0])) == []
        trade(bench, market, buyer)
        assert said(socket) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "follow", "subscriptions": [{"topic": "activity", "type": "*"}]},
        {"action": "subscribe"},
        {"action": "subscribe", "subscriptions": []},
        {"action": "subscribe", "subscriptions": {}},
        {"action": "subscribe", "subscriptions": ["activity"]},
        {"action": "subscribe", "subscriptions": [{"topic": "crypto_prices", "type": "update"}]},
        ask("orders"),
        ask(filters="market_slug"),
        ask(filters="[1]"),
        ask(filters='{"market_slug":1}'),
        ask(filters='{"slug":"x"}'),
        ask(filters={"market_slug": "x"}),
        ask(filters="[" * 100_000),
        {"action": "subscribe", "subscriptions": [*ask()["subscriptions"], *ask("orders")["subscriptions"]]},
    ],
)
def test_what_it_cannot_do_is_an_error_frame(bench: Bench, market: dict[str, str], wrong: Any) -> None:
    """Unknown topics, types and filters are answered, with no topic, and nothing of the message counts."""
    with stream(bench) as socket:
        (error,) = said(socket, wrong)
        assert set(error) == {"message", "connectionId", "requestId"}
        assert error["message"] == "Invalid request body"
        trade(bench, market, bench.customer(collateral="5"))
        assert said(socket) == []


def test_a_message_without_an_action_is_passed_over(bench: Bench) -> None:
    """Users report silence, and silence it is."""
    with stream(bench) as socket:
        assert said(socket, {"subscriptions": ask()["subscriptions"]}) == []


@both
def test_esc_1052(ship: Ship, healthy: bool) -> None:
    """Filters that say the same get the same; the broken build wants its own spelling."""
    bench = ship("ESC-1052", healthy)
    market = bench.market()
    slug, buyer = market["slug"], bench.customer(market, collateral="5")
    spellings = [f'{{"market_slug":"{slug}"}}', f'{{"market_slug": "{slug}"}}', "", '{"market_slug":"x"}']
    with stream(bench) as one, stream(bench) as two, stream(bench) as three, stream(bench) as four:
        sockets = (one, two, three, four)
        for socket, filters in zip(sockets, spellings, strict=True):
            assert said(socket, ask(filters=filters)) == []
        trade(bench, market, buyer)
        assert [len(said(socket)) for socket in sockets] == [1, 1 if healthy else 0, 1, 0]
