"""Each defect of the streams: what a broken build does on the wire, and what a healthy one does."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from harness.venue.marketfeed import News, Step
from harness.wire.clob import Side, book_hash

from .bench import DEADLINE_S, Bench, Customer, Ship, both, said
from .desk import make, post
from .fixclient import FixClient
from .localbook import LocalBook, levels_of, told_best


def events(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next messages, one in each frame."""
    return [json.loads(socket.recv(DEADLINE_S)) for _ in range(count)]


def topics(rows: list[dict[str, Any]], key: str) -> list[tuple[str, str]]:
    """What each message is, and what it is about."""
    return [(row["event_type"], row.get(key) or row["price_changes"][0][key]) for row in rows]


@both
def test_esc_1053_on_the_market_channel(ship: Ship, healthy: bool) -> None:
    """A token that is added has its book sent and its changes; the broken build is silent about it."""
    bench = ship("ESC-1053", healthy)
    first, added = bench.market(), bench.market()
    buyer = bench.customer(first, collateral="20")
    with bench.socket("market") as socket:
        assert len(said(socket, {"type": "market", "assets_ids": [first["yes"]]})) == 1
        books = said(socket, {"operation": "subscribe", "assets_ids": [added["yes"]]})
        assert topics(books, "asset_id") == ([("book", added["yes"])] if healthy else [])
        for market in (added, first):
            buyer.order(market["yes"], "BUY", 0.5, 5)
        followed = (added, first) if healthy else (first,)
        assert topics(said(socket), "asset_id") == [("price_change", market["yes"]) for market in followed]
    with bench.socket("market") as socket:
        (book,) = said(socket, {"type": "market", "assets_ids": [added["yes"]]})
        assert book["bids"] == [{"price": "0.5", "size": "5"}]
        buyer.order(added["yes"], "BUY", 0.5, 5)
        assert topics(said(socket), "asset_id") == [("price_change", added["yes"])]


@both
def test_esc_1053_on_the_user_channel(ship: Ship, healthy: bool) -> None:
    """A market that is added has its events sent; the broken build is silent about it."""
    bench = ship("ESC-1053", healthy)
    first, added = bench.market(), bench.market()
    buyer = bench.customer(first, collateral="20")
    with bench.socket("user") as socket:
        subscription = {"type": "user", "auth": buyer.auth(), "markets": [first["condition"]]}
        assert said(socket, subscription) == []
        assert said(socket, {"operation": "subscribe", "markets": [added["condition"]]}) == []
        for market in (added, first):
            buyer.order(market["yes"], "BUY", 0.5, 5)
        followed = (added, first) if healthy else (first,)
        assert topics(said(socket), "market") == [("order", market["condition"]) for market in followed]
        assert said(socket, {"operation": "unsubscribe", "markets": [first["condition"]]}) == []
        buyer.order(first["yes"], "BUY", 0.4, 5)
        assert said(socket) == []


@both
def test_esc_1064(ship: Ship, healthy: bool) -> None:
    """The same market twice is the same events once; the broken build sends each of them twice."""
    bench = ship("ESC-1064", healthy)
    market, other = bench.market(), bench.market()
    buyer = bench.customer(market, collateral="20")
    with bench.socket("user") as twice, bench.socket("user") as once:
        subscription = {"type": "user", "auth": buyer.auth(), "markets": [market["condition"]]}
        for socket in (twice, once):
            assert said(socket, subscription) == []
        assert said(once, {"operation": "subscribe", "markets": [other["condition"]]}) == []
        assert said(twice, {"operation": "subscribe", "markets": [market["condition"]]}) == []
        order_id = buyer.order(market["yes"], "BUY", 0.5, 5)["orderID"]
        buyer.client.cancel_orders([order_id])
        copies = 1 if healthy else 2
        told = [row["type"] for row in said(twice)]
        assert told == ["PLACEMENT"] * copies + ["CANCELLATION"] * copies
        assert [row["type"] for row in said(once)] == ["PLACEMENT", "CANCELLATION"]
        assert said(twice, {"operation": "unsubscribe", "markets": [market["condition"]]}) == []
        buyer.order(market["yes"], "BUY", 0.5, 5)
        assert said(twice) == []


@both
def test_esc_1064_leaves_the_market_channel(ship: Ship, healthy: bool) -> None:
    """A token that is subscribed again has its book sent again and its changes once, in either build."""
    bench = ship("ESC-1064", healthy)
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    with bench.socket("market") as socket:
        for how in ({"type": "market"}, {"operation": "subscribe"}):
            assert len(said(socket, {**how, "assets_ids": [market["yes"]]})) == 1
        buyer.order(market["yes"], "BUY", 0.5, 5)
        assert topics(said(socket), "asset_id") == [("price_change", market["yes"])]


def crossing(bench: Bench, socket: ClientConnection) -> tuple[dict[str, str], LocalBook]:
    """A bid that takes the whole ask at its price and rests there, under a subscriber's eyes."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="50"), bench.customer(market, collateral="50")
    buyer.order(market["yes"], "BUY", 0.5, 5)
    for price, size in ((0.53, 10), (0.54, 5)):
        seller.order(market["yes"], "SELL", price, size)
    book = LocalBook(market["yes"])
    (snapshot,) = said(socket, {"type": "market", "assets_ids": [market["yes"]]})
    book.take(snapshot)
    buyer.order(market["yes"], "BUY", 0.53, 16)
    return market, book


@both
def test_esc_1070(ship: Ship, healthy: bool) -> None:
    """The level that was taken goes before the bid at its price comes; the broken build turns that around."""
    bench = ship("ESC-1070", healthy)
    with bench.socket("market") as socket:
        market, book = crossing(bench, socket)
        seen, crossed = events(socket, 4), []
        for event in seen:
            book.take(event)
            crossed.append(book.crossed)
    kinds = [event["event_type"] for event in seen]
    changes = [event for event in seen if event["event_type"] == "price_change"]
    levels = [
        tuple(change[key] for key in ("side", "price", "size"))
        for event in changes
        for change in event["price_changes"]
        if change["asset_id"] == market["yes"]
    ]
    gone, new = ("SELL", "0.53", "0"), ("BUY", "0.53", "6")
    if healthy:
        assert kinds == ["last_trade_price", "price_change", "book", "price_change"]
        assert (levels, crossed) == ([gone, new], [False] * 4)
        assert told_best(changes[0], market["yes"]) == (Decimal("0.5"), Decimal("0.54"))
    else:
        assert kinds == ["last_trade_price", "price_change", "price_change", "book"]
        assert (levels, crossed) == ([new, gone], [False, True, False, False])
        assert told_best(changes[0], market["yes"]) == (Decimal("0.53"), Decimal("0.54"))
    rest = bench.http.get(f"{bench.ready['rest']}/book", params={"token_id": market["yes"]}).json()
    assert (book.sides, book.hash) == (levels_of(rest), rest["hash"])
    assert told_best(changes[1], market["yes"]) == book.best == (Decimal("0.53"), Decimal("0.54"))


@both
def test_esc_1070_leaves_an_order_that_does_not_rest(ship: Ship, healthy: bool) -> None:
    """What is taken by an order of which nothing is left is told at once, in either build."""
    bench = ship("ESC-1070", healthy)
    market = bench.market()
    seller, buyer = bench.customer(market, yes="50"), bench.customer(market, collateral="50")
    seller.order(market["yes"], "SELL", 0.5, 10)
    with bench.socket("market") as socket:
        said(socket, {"type": "market", "assets_ids": [market["yes"]]})
        buyer.order(market["yes"], "BUY", 0.5, 10)
        kinds = [event["event_type"] for event in said(socket)]
    assert kinds == ["last_trade_price", "price_change", "book"]


@both
def test_esc_1054(ship: Ship, healthy: bool) -> None:
    """A trade is told before its book; the broken build tells it three seconds later, with its old time."""
    bench = ship("ESC-1054", healthy)
    with bench.socket("market") as socket:
        market, _ = crossing(bench, socket)
        seen = events(socket, 4)
        at = 0 if healthy else 3
        assert [event["event_type"] for event in seen].index("last_trade_price") == at
        trade = seen[at]
        assert {event["timestamp"] for event in seen if "price_changes" in event} == {trade["timestamp"]}
        bench.customer(market, collateral="5").order(market["yes"], "BUY", 0.4, 5)
        (after,) = events(socket, 1)
    assert (after["event_type"], trade["price"], trade["size"]) == ("price_change", "0.53", "10")
    if not healthy:
        assert int(after["timestamp"]) - int(trade["timestamp"]) > 2000


def read(bench: Bench, path: str) -> dict[str, Any]:
    """A public resource."""
    return json.loads(bench.http.get(bench.ready["rest"] + path).text, parse_float=Decimal)


@both
def test_esc_1008(ship: Ship, healthy: bool) -> None:
    """A changed tick is told at once; the broken build tells the old one while orders go by the new one."""
    bench = ship("ESC-1008", healthy)
    market = bench.market("0.01")
    token, buyer = market["yes"], bench.customer(market, collateral="20")
    resting = buyer.order(token, "BUY", 0.25, 5)["orderID"]
    with bench.socket("market") as socket:
        said(socket, {"type": "market", "assets_ids": [token]})
        ticks = ["0.01", "0.001", "0.1"]
        for old, new, price, fits in ((*ticks[:2], "0.123", True), (*ticks[1:], "0.25", False)):
            bench.control("/verbs/tick", {"market": market["condition"], "tick": new})
            (change,) = said(socket)
            told = ("event_type", "asset_id", "old_tick_size", "new_tick_size")
            assert tuple(change[key] for key in told) == ("tick_size_change", token, old, new)
            status, answer = post(bench, buyer, make(buyer, token, Side.BUY, price, "5"))
            if fits:
                assert (status, answer["status"]) == (200, "live")
            else:
                assert (status, answer["error"][-19:]) == (400, "tick size rule: 0.1")
            shown = Decimal(new if healthy else "0.01")
            for path in (f"/tick-size?token_id={token}", f"/tick-size/{token}"):
                assert read(bench, path) == {"minimum_tick_size": shown}
            book = read(bench, f"/book?token_id={token}")
            assert (book["tick_size"], book["hash"]) == (str(shown), book_hash(book))
            assert read(bench, f"/clob-markets/{market['condition']}")["mts"] == Decimal(new)
            snapshot = said(socket, {"operation": "subscribe", "assets_ids": [token]})[-1]
            assert {"event_type": "book", **book} == snapshot
    assert buyer.client.get_order(resting)["status"] == "LIVE"


def cancelled_as(client: FixClient, order_id: str) -> tuple[str, str]:
    return client.expect("8", (150, "4"), (39, "4"), (37, order_id)).take(11, 41)


@pytest.fixture
def account(shipping: Bench) -> tuple[Customer, str]:
    """Who buys in a market of its own, and the symbol."""
    market = shipping.market()
    return shipping.customer(market, collateral="20"), f"{market['symbol']}-YES"


@both
def test_esc_1099(ship: Ship, healthy: bool, account: tuple[Customer, str]) -> None:
    """A cancel is confirmed with 11 of the request and 41 of the order; broken: 11 of the order."""
    bench, (buyer, yes) = ship("ESC-1099", healthy), account
    with FixClient.order_entry(bench, buyer) as entry, FixClient.drop_copy(bench, buyer) as copy:
        entry.order("c1", yes, 1, "0.5", "10")
        order_id = entry.expect("8", (150, "0"), (11, "c1"))[37]
        copy.expect("8", (150, "0"), (11, "c1"))
        entry.cancel("c2", "c1", yes)
        named = ("c2", "c1") if healthy else ("c1", "")
        assert cancelled_as(entry, order_id) == cancelled_as(copy, order_id) == named
        assert buyer.client.get_order(order_id)["status"] == "CANCELED"
        entry.cancel("c3", "c1", yes)
        entry.expect("9", (11, "c3"), (41, "c1"), (58, "Unknown order"))


@both
def test_esc_1099_leaves_a_cancel_over_rest(ship: Ship, healthy: bool, account: tuple[Customer, str]) -> None:
    """A cancel that nobody asked for over FIX is reported under the order's own id, in either build."""
    bench, (buyer, yes) = ship("ESC-1099", healthy), account
    with FixClient.order_entry(bench, buyer) as entry:
        entry.order("c1", yes, 1, "0.5", "10")
        order_id = entry.expect("8", (150, "0"), (11, "c1"))[37]
        buyer.client.cancel_orders([order_id])
        assert cancelled_as(entry, order_id) == ("c1", "")


def test_nothing_is_said_before_it_happened() -> None:
    """A step of the feed lies at its match or behind it."""
    with pytest.raises(ValueError, match="after_ms is -1"):
        Step(News.BOOK, -1)
