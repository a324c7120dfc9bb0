"""Each defect of subscriptions: what a broken build does on the wire, and what a healthy one does."""

from __future__ import annotations

from .bench import Ship, both, said
from .localbook import LocalBook, levels_of


@both
def test_esc_1050(ship: Ship, healthy: bool) -> None:
    """A first message with four tokens has four books; the broken build answers PING and no more."""
    bench = ship("ESC-1050", healthy)
    markets = [bench.market(), bench.market()]
    buyer = bench.customer(markets[0], collateral="20")
    tokens = [market[side] for market in markets for side in ("yes", "no")]
    with bench.socket("market") as many, bench.socket("market") as few:
        books = said(many, {"type": "market", "assets_ids": tokens})
        assert [book["asset_id"] for book in books] == (tokens if healthy else [])
        assert len(said(few, {"type": "market", "assets_ids": tokens[:3]})) == 3
        buyer.order(tokens[0], "BUY", 0.5, 5)
        assert len(said(many)) == (1 if healthy else 0)
        assert len(said(few)) == 1
        (book,) = said(many, {"operation": "subscribe", "assets_ids": tokens[:1]})
        assert book["bids"] == [{"price": "0.5", "size": "5"}]


@both
def test_esc_1050_leaves_the_user_channel(ship: Ship, healthy: bool) -> None:
    """Four markets of the user channel are followed in either build."""
    bench = ship("ESC-1050", healthy)
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    with bench.socket("user") as socket:
        names = ["0x1", "0x2", "0x3", market["condition"]]
        assert said(socket, {"type": "user", "auth": buyer.auth(), "markets": names}) == []
        buyer.order(market["yes"], "BUY", 0.5, 5)
        assert len(said(socket)) == 1


@both
def test_esc_1057(ship: Ship, healthy: bool) -> None:
    """A refused message changes nothing; the broken build forgets what was followed."""
    bench = ship("ESC-1057", healthy)
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    first = {"type": "market", "assets_ids": [market["yes"]]}
    with bench.socket("market") as socket:
        assert len(said(socket, first)) == 1
        assert said(socket, first) == ["INVALID OPERATION"]
        buyer.order(market["yes"], "BUY", 0.5, 5)
        assert len(said(socket)) == (1 if healthy else 0)
        assert len(said(socket, {"operation": "subscribe", "assets_ids": [market["yes"]]})) == 1
        buyer.order(market["yes"], "BUY", 0.5, 5)
        assert len(said(socket)) == 1


@both
def test_esc_1058(ship: Ship, healthy: bool) -> None:
    """A new connection has the book in force; the broken build shows the one from before the gap, once."""
    bench = ship("ESC-1058", healthy)
    market = bench.market()
    buyer = bench.customer(market, collateral="20")
    yes, book = market["yes"], LocalBook(market["yes"])
    first = {"type": "market", "assets_ids": [yes]}
    with bench.socket("market") as socket:
        (before,) = said(socket, first)
    buyer.order(yes, "BUY", 0.4, 5)
    with bench.socket("market") as socket:
        (after,) = said(socket, first)
        book.take(after)
        assert (after == before) is not healthy
        buyer.order(yes, "BUY", 0.41, 5)
        for event in said(socket):
            book.take(event)
        rest = bench.http.get(f"{bench.ready['rest']}/book", params={"token_id": yes}).json()
        assert (book.sides == levels_of(rest)) is healthy
        (again,) = said(socket, {"operation": "subscribe", "assets_ids": [yes]})
        assert again["hash"] == rest["hash"]
