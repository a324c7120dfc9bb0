"""A book that a client builds from the market channel is the exchange's own, after every message."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from harness.wire.clob import Side

from .bench import Bench, Customer, said
from .desk import make, post
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
            assert book.hash == self.buyer.client.get_order_book_hash(rest)


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


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_local_book_survives_anything(bench: Bench, watched: Watched, seed: int) -> None:
    """After each of many random orders and cancels, both books are those of GET /book, hash and all."""
    chance, live = random.Random(seed), list[tuple[Customer, str]]()
    trades = 0
    for customer in (watched.buyer, watched.seller):
        money = {"collateral": "900", "yes": "900", "no": "900", "market": watched.market["condition"]}
        bench.control("/fund", {"address": customer.address, **money})
    for _ in range(80):
        if live and chance.random() < 0.25:
            customer, order_id = live.pop(chance.randrange(len(live)))
            customer.client.cancel_orders([order_id])
        else:
            customer = chance.choice([watched.buyer, watched.seller])
            token, side = watched.market[chance.choice(["yes", "no"])], chance.choice(list(Side))
            price, size = f"0.{chance.randint(47, 53)}", str(chance.randint(5, 25))
            kind = chance.choice([*["GTC"] * 6, "FOK", "FAK"])
            status, answer = post(bench, customer, make(customer, token, side, price, size), kind)
            assert status == 200 or "FOK" in answer["error"] or "FAK" in answer["error"], answer
            if status == 200 and kind == "GTC":
                live.append((customer, answer["orderID"]))
        trades += [row["event_type"] for row in watched.take()].count("last_trade_price")
        watched.check()
    assert trades >= 10, f"{trades}: too little happened for this to show anything"


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
