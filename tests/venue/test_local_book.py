"""A book that a client builds from the market channel is the exchange's own, after every message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from .bench import Bench, Customer, said
from .localbook import LocalBook, levels_of, told_best


@dataclass(slots=True)
class Watched:
    """A market, two customers in it, and a subscriber with books of both tokens."""

    bench: Bench
    market: dict[str, str]
    buyer: Customer
    seller: Customer
    socket: ClientConnection
    books: dict[str, LocalBook]

    def take(self) -> list[dict[str, Any]]:
        """Take in what has come, each message checked: never crossed, and its best prices are the book's."""
        seen = said(self.socket)
        for event in seen:
            for book in self.books.values():
                book.take(event)
                assert not book.crossed, event
            if event["event_type"] == "price_change":
                assert all(told_best(event, token) == book.best for token, book in self.books.items())
        return seen

    def check(self) -> None:
        """Each book has the levels and the hash of GET /book."""
        for token, book in self.books.items():
            url = f"{self.bench.ready['rest']}/book"
            rest = self.bench.http.get(url, params={"token_id": token}).json()
            assert (book.sides, book.hash) == (levels_of(rest), rest["hash"])


@pytest.fixture
def watched(bench: Bench) -> Iterator[Watched]:
    """A subscriber to both tokens of a market of its own."""
    market = bench.market()
    customers = [bench.customer(market, collateral="100", yes="100", no="100") for _ in range(2)]
    tokens = [market["yes"], market["no"]]
    with bench.socket("market") as socket:
        socket.send(json.dumps({"type": "market", "assets_ids": tokens}))
        watched = Watched(bench, market, *customers, socket, {token: LocalBook(token) for token in tokens})
        assert [event["event_type"] for event in watched.take()] == ["book", "book"]
        yield watched


def test_a_local_book_is_the_exchanges(watched: Watched) -> None:
    """Placed, filled in part and whole, over several levels, of every type, cancelled: always the same."""
    yes, no = watched.market["yes"], watched.market["no"]
    buyer, seller = watched.buyer, watched.seller
    steps = [
        (seller, yes, "SELL", 0.6, 10, "GTC"),
        (seller, yes, "SELL", 0.6, 5, "GTC"),
        (seller, yes, "SELL", 0.62, 8, "GTC"),
        (seller, no, "SELL", 0.55, 8, "GTC"),
        (buyer, yes, "BUY", 0.5, 7, "GTC"),
        (buyer, yes, "BUY", 0.6, 6, "GTC"),
        (buyer, yes, "BUY", 0.62, 12, "FOK"),
        (buyer, no, "BUY", 0.55, 5, "FAK"),
        (buyer, yes, "BUY", 0.62, 20, "GTC"),
        (seller, yes, "SELL", 0.5, 25, "GTC"),
        (buyer, yes, "BUY", 0.5, 30, "FAK"),
        (buyer, no, "BUY", 0.45, 6, "GTC"),
        (buyer, yes, "BUY", 0.56, 9, "GTC"),
        (seller, no, "SELL", 0.42, 12, "GTC"),
        (seller, yes, "SELL", 0.55, 10, "FAK"),
    ]
    for customer, token, side, price, size, kind in steps:
        customer.order(token, side, price, size, kind)
        watched.take()
        watched.check()
    for customer in (buyer, seller):
        customer.client.cancel_all()
        watched.take()
        watched.check()
    assert all(book.sides == {"BUY": {}, "SELL": {}} for book in watched.books.values())


def test_a_match_tells_every_level_that_it_takes_from(watched: Watched) -> None:
    """One price_change has the new total of each of them, between the trades and the book."""
    yes = watched.market["yes"]
    for price, size in ((0.6, 5), (0.6, 5), (0.61, 5), (0.62, 8), (0.63, 5)):
        watched.seller.order(yes, "SELL", price, size)
    watched.take()
    watched.buyer.order(yes, "BUY", 0.62, 18)
    seen = watched.take()
    kinds = [event["event_type"] for event in seen]
    assert kinds == ["last_trade_price"] * 4 + ["price_change", "book", "book"]
    changes = seen[4]["price_changes"]
    assert [(row["side"], row["price"], row["size"]) for row in changes] == [
        *(("SELL", "0.6", "0"), ("BUY", "0.4", "0")),
        *(("SELL", "0.61", "0"), ("BUY", "0.39", "0")),
        *(("SELL", "0.62", "5"), ("BUY", "0.38", "5")),
    ]
    assert [row["hash"] for row in changes] == [seen[5]["hash"], seen[6]["hash"]] * 3
    watched.check()
