"""The market channel: what is said of a token and of its market, field by field."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection

from harness.wire.clob import book_hash

from .bench import DEADLINE_S, Bench, said

MS = re.compile(r"1[0-9]{12}")


def followed(socket: ClientConnection, *tokens: str, **extra: Any) -> list[Any]:
    """Subscribe with the first message, and what is answered."""
    return said(socket, {"type": "market", "assets_ids": list(tokens), **extra})


def kinds(events: list[Any]) -> list[str]:
    return [event["event_type"] for event in events]


def stamped(event: dict[str, Any], **fields: Any) -> None:
    """An event has exactly these fields, and a time in milliseconds as text."""
    assert MS.fullmatch(event["timestamp"])
    assert event == {**fields, "timestamp": event["timestamp"]}


def test_every_event_of_a_trade_has_its_fields(bench: Bench) -> None:
    """A book, its changes, trades and tops come in this order, with exactly the documented fields."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="20"), bench.customer(market, collateral="20")
    yes, condition = market["yes"], market["condition"]
    with bench.socket("market") as socket:
        (book,) = followed(socket, yes, custom_feature_enabled=True, initial_dump=True, level=2)
        empty = {
            "event_type": "book",
            "market": condition,
            "asset_id": yes,
            "bids": [],
            "asks": [],
            "min_order_size": "5",
            "tick_size": "0.01",
            "neg_risk": False,
            "last_trade_price": "",
        }
        stamped(book, **empty, hash=book_hash(book))
        seller.order(yes, "SELL", 0.6, 10)
        change, best = said(socket)
        level = {
            "asset_id": yes,
            "price": "0.6",
            "size": "10",
            "side": "SELL",
            "hash": change["price_changes"][0]["hash"],
            "best_bid": "0",
            "best_ask": "0.6",
        }
        stamped(change, event_type="price_change", market=condition, price_changes=[level])
        top = {"event_type": "best_bid_ask", "market": condition, "asset_id": yes}
        stamped(best, **top, best_bid="0", best_ask="0.6", spread="0.6")

        buyer.order(yes, "BUY", 0.6, 10)
        trade, change, best, book = said(socket)
        told = {"event_type": "last_trade_price", "market": condition, "asset_id": yes}
        stamped(trade, **told, price="0.6", size="10", side="BUY", fee_rate_bps="0")
        level |= {"size": "0", "hash": book["hash"], "best_ask": "1"}
        stamped(change, event_type="price_change", market=condition, price_changes=[level])
        stamped(best, **top, best_bid="0", best_ask="1", spread="1")
        stamped(book, **{**empty, "last_trade_price": "0.6"}, hash=book_hash(book))


def test_a_level_behind_the_best_changes_no_best(bench: Bench) -> None:
    """best_bid_ask comes when the top changes, and only to who asked for custom features."""
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    with bench.socket("market") as custom, bench.socket("market") as plain:
        followed(custom, market["yes"], custom_feature_enabled=True)
        followed(plain, market["yes"])
        for price in (0.5, 0.4, 0.5):
            buyer.order(market["yes"], "BUY", price, 5)
        assert kinds(said(custom)) == ["price_change", "best_bid_ask", "price_change", "price_change"]
        assert kinds(said(plain)) == ["price_change"] * 3
        update = {"operation": "subscribe", "assets_ids": [], "custom_feature_enabled": True}
        assert said(plain, update) == []
        buyer.order(market["yes"], "BUY", 0.55, 5)
        assert kinds(said(plain)) == kinds(said(custom)) == ["price_change", "best_bid_ask"]
        update = {"operation": "unsubscribe", "assets_ids": [], "custom_feature_enabled": False}
        assert said(plain, update) == []
        buyer.order(market["yes"], "BUY", 0.56, 5)
        assert kinds(said(plain)) == ["price_change"]


def test_a_new_market_is_told_to_everyone_with_custom_features(bench: Bench) -> None:
    """An empty subscription with custom features hears of every market that is listed; without, of none."""
    with bench.socket("market") as custom, bench.socket("market") as plain:
        assert followed(custom, custom_feature_enabled=True) == followed(plain) == []
        market = bench.market("0.001", fee_rate="0.05", question="Rain on Monday?", slug="rain-monday")
        event = next(row for row in said(custom) if row["market"] == market["condition"])
        assert said(plain) == []
    number, name, slug = market["symbol"].partition("-")[2], "Rain on Monday?", "rain-monday"
    stamped(
        event,
        event_type="new_market",
        id=number,
        question=name,
        market=market["condition"],
        slug=slug,
        description=name,
        assets_ids=[market["yes"], market["no"]],
        outcomes=["Yes", "No"],
        event_message={"id": number, "ticker": slug, "slug": slug, "title": name, "description": name},
        tags=[],
        condition_id=market["condition"],
        active=True,
        clob_token_ids=[market["yes"], market["no"]],
        sports_market_type="",
        line="",
        game_start_time="",
        order_price_min_tick_size="0.001",
        group_item_title="",
        taker_base_fee="500",
        fees_enabled=True,
    )


def test_a_resolution_is_told_once_to_who_follows_the_market(bench: Bench) -> None:
    """market_resolved names the winner; followers of one token, of both, and of nothing hear it once."""
    market, other = bench.market(), bench.market()
    buyer = bench.customer(market, collateral="20")
    with (
        bench.socket("market") as both,
        bench.socket("market") as nothing,
        bench.socket("market") as elsewhere,
        bench.socket("market") as plain,
    ):
        followed(both, market["yes"], market["no"], custom_feature_enabled=True)
        followed(nothing, custom_feature_enabled=True)
        followed(elsewhere, other["yes"], custom_feature_enabled=True)
        followed(plain, market["no"])
        buyer.order(market["no"], "BUY", 0.5, 5)
        for socket in (both, plain):
            said(socket)
        bench.control("/verbs/resolve", {"market": market["condition"], "outcome": "no"})
        events = said(both)
        assert kinds(events) == ["price_change", "best_bid_ask", "best_bid_ask", "market_resolved"]
        name = market["symbol"]
        slug = name.lower()
        number = name.partition("-")[2]
        stamped(
            events[-1],
            event_type="market_resolved",
            id=number,
            market=market["condition"],
            assets_ids=[market["yes"], market["no"]],
            event_message={"id": number, "ticker": slug, "slug": slug, "title": name, "description": name},
            tags=[],
            winning_asset_id=market["no"],
            winning_outcome="No",
        )
        assert events[-1] in said(nothing)
        assert "market_resolved" not in kinds(said(elsewhere))
        assert kinds(said(plain)) == ["price_change"]


@pytest.mark.parametrize(
    ("trades_at", "changes"),
    [("0.97", True), ("0.03", True), ("0.96", False), ("0.04", False)],
)
def test_a_price_near_its_end_makes_the_tick_finer(bench: Bench, trades_at: str, changes: bool) -> None:
    """A trade above 0.96 or below 0.04 changes the market's tick to 0.001, once, for both tokens."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="100"), bench.customer(market, collateral="100")
    yes = market["yes"]
    with bench.socket("market") as socket:
        followed(socket, yes, market["no"])
        for _ in range(2):
            seller.order(yes, "SELL", float(trades_at), 40)
            buyer.order(yes, "BUY", float(trades_at), 40)
        events = [event for event in said(socket) if event["event_type"] == "tick_size_change"]
    fields = {"event_type": "tick_size_change", "market": market["condition"]}
    assert [event["asset_id"] for event in events] == ([yes, market["no"]] if changes else [])
    for event in events:
        stamped(event, **fields, asset_id=event["asset_id"], old_tick_size="0.01", new_tick_size="0.001")
    told = bench.http.get(f"{bench.ready['rest']}/tick-size", params={"token_id": yes}).text
    assert json.loads(told, parse_float=str) == {"minimum_tick_size": "0.001" if changes else "0.01"}


def test_quotes_near_the_end_make_the_tick_finer(bench: Bench) -> None:
    """A midpoint above 0.96 counts where the spread is narrow; a wide one shows the last trade's price."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="50"), bench.customer(market, collateral="50")
    yes = market["yes"]
    with bench.socket("market") as socket:
        followed(socket, yes)
        seller.order(yes, "SELL", 0.99, 5)
        assert kinds(said(socket)) == ["price_change"]
        buyer.order(yes, "BUY", 0.80, 5)
        assert kinds(said(socket)) == ["price_change"]
        buyer.order(yes, "BUY", 0.94, 5)
        assert kinds(said(socket)) == ["price_change", "tick_size_change"]


@pytest.mark.parametrize("level", [1, 2, 3])
def test_every_level_is_taken(bench: Bench, level: int) -> None:
    """1, 2 and 3 are levels; what is sent is the same."""
    market = bench.market()
    with bench.socket("market") as socket:
        assert kinds(followed(socket, market["yes"], level=level)) == ["book"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": 0},
        {"level": 4},
        {"level": "2"},
        {"level": True},
        {"level": [2]},
        {"initial_dump": 1},
        {"initial_dump": "false"},
        {"custom_feature_enabled": 0},
        {"assets_ids": "1"},
        {"assets_ids": None},
        {"assets_ids": [1]},
        {"assets_ids": {}},
        {"type": "MARKET"},
        {"type": "user"},
    ],
)
def test_a_first_message_that_is_none_closes(bench: Bench, wrong: dict[str, Any]) -> None:
    """A field of another kind makes the first message no subscription: 1008."""
    with bench.socket("market") as socket:
        socket.send(json.dumps({"type": "market", "assets_ids": [], **wrong}))
        with pytest.raises(ConnectionClosedError) as closed:
            socket.recv(DEADLINE_S)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "invalid subscription payload")


def test_more_than_500_tokens_get_no_books(bench: Bench) -> None:
    """500 tokens have their books sent; 501 have not, and are told every change all the same."""
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    many = [str(number) for number in range(498)]
    with bench.socket("market") as few, bench.socket("market") as most:
        books = followed(few, market["yes"], market["no"], *many)
        assert [book["asset_id"] for book in books] == [market["yes"], market["no"]]
        assert followed(most, market["yes"], market["no"], *many, "498") == []
        more = {"operation": "subscribe", "assets_ids": ["498"]}
        assert said(few, more) == []
        assert said(few, {"operation": "subscribe", "assets_ids": [market["yes"]]}) == []
        buyer.order(market["yes"], "BUY", 0.5, 5)
        assert kinds(said(few)) == kinds(said(most)) == ["price_change"]


def test_what_names_no_token_is_followed_in_vain(bench: Bench) -> None:
    """A text that is no listed token has no book, and disturbs no other."""
    market = bench.market()
    with bench.socket("market") as socket:
        odd = ["", "-1", "0x12", "9" * 79, "½", market["yes"], market["yes"]]
        assert [book["asset_id"] for book in followed(socket, *odd)] == [market["yes"]]
