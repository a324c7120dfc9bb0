"""One market's order book: by price, then by time, both tokens in one; a match takes the makers' prices.

An order of one token stands in the other token's book, too: a BUY of YES at p is a SELL of NO at 1 - p. Two
BUYs of both tokens that pay 1 or more together are a mint, two SELLs that ask 1 or less a merge.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from harness.venue.records import BookOrder, Fill
from harness.wire.clob import Side


@dataclass(slots=True)
class _Shared:
    """What both tokens' books share: who bids for the first token and who asks, and when it changed."""

    changed_ms: int
    bids: list[BookOrder] = field(default_factory=list)
    asks: list[BookOrder] = field(default_factory=list)


class Book:
    """The resting orders of a market as they look to one token."""

    def __init__(self, token: int, shared: _Shared, first: bool) -> None:
        self.token = token
        self.last_price: Decimal | None = None
        self._shared = shared
        rows = (shared.bids, shared.asks) if first else (shared.asks, shared.bids)
        self._sides: dict[Side, list[BookOrder]] = dict(zip((Side.BUY, Side.SELL), rows, strict=True))

    @property
    def changed_ms(self) -> int:
        """When it changed last: both tokens' books change together."""
        return self._shared.changed_ms

    def side_of(self, order: BookOrder) -> Side:
        """Which side of this book an order of the market stands on."""
        return order.side if order.order.token_id == self.token else other(order.side)

    def price_of(self, order: BookOrder) -> Decimal:
        """An order's price in this book."""
        return order.price if order.order.token_id == self.token else 1 - order.price

    def touch(self, now_ms: int) -> None:
        """Something in it is another from now on."""
        self._shared.changed_ms = now_ms

    def rest(self, order: BookOrder, now_ms: int) -> None:
        """Put an order behind those of its price."""
        side, price = self.side_of(order), self.price_of(order)
        rows, better = self._sides[side], _better(side)
        at = next((i for i, row in enumerate(rows) if better(price, self.price_of(row))), len(rows))
        rows.insert(at, order)
        self.touch(now_ms)

    def remove(self, order: BookOrder, now_ms: int) -> None:
        """Take an order off; nothing happens where it does not rest here."""
        rows = self._sides[self.side_of(order)]
        if order in rows:
            rows.remove(order)
            self.touch(now_ms)

    def levels(self, side: Side) -> list[tuple[Decimal, int]]:
        """Price and total shares of each level, the best first."""
        totals: dict[Decimal, int] = {}
        for row in self._sides[side]:
            price = self.price_of(row)
            totals[price] = totals.get(price, 0) + row.shares_left
        return list(totals.items())

    def best(self, side: Side) -> Decimal | None:
        """The best price of one side."""
        rows = self._sides[side]
        return self.price_of(rows[0]) if rows else None

    def shares_at(self, side: Side, price: Decimal) -> int:
        """How many shares rest at one price."""
        return sum(row.shares_left for row in self._sides[side] if self.price_of(row) == price)

    def crosses(self, taker: BookOrder) -> bool:
        """Whether an order of this token would match at once."""
        return next(self._crossing(taker.side, taker.price), None) is not None

    def matches(self, taker: BookOrder, limit: Decimal) -> tuple[Fill, ...]:
        """What an order of this token would fill up to `limit`, best price first and oldest first.

        Nothing is changed.
        """
        left, fills = taker.shares_left, []
        for maker in self._crossing(taker.side, limit):
            if left <= 0:
                break
            fill = fill_of(maker, min(left, maker.shares_left), crossed=maker.side is taker.side)
            if fill is not None:
                fills.append(fill)
                left -= fill.shares
        return tuple(fills)

    def _crossing(self, side: Side, limit: Decimal) -> Iterator[BookOrder]:
        beyond = _better(side)  # a BUY does not go above its price, a SELL not below
        for maker in self._sides[other(side)]:
            if beyond(self.price_of(maker), limit):
                return
            yield maker


def books_of(yes: int, no: int, now_ms: int) -> tuple[Book, Book]:
    """The two tokens' empty books of a market, over the same orders."""
    shared = _Shared(now_ms)
    return Book(yes, shared, first=True), Book(no, shared, first=False)


def other(side: Side) -> Side:
    """The other way."""
    return Side.SELL if side is Side.BUY else Side.BUY


def _better(side: Side) -> Callable[[Decimal, Decimal], bool]:
    return operator.gt if side is Side.BUY else operator.lt


def fill_of(maker: BookOrder, shares: int, *, crossed: bool = False) -> Fill | None:
    """The fill of `shares` at a maker's price, rounded as the contract rounds; None where nothing is left.

    `crossed` says that the taker goes the same way, of the other token: a mint or a merge.
    """
    order = maker.order
    if maker.side is Side.SELL:
        return Fill(maker, shares, shares * order.taker_amount // order.maker_amount, crossed)
    collateral = shares * order.maker_amount // order.taker_amount
    moved = collateral * order.taker_amount // order.maker_amount
    return Fill(maker, moved, collateral, crossed) if moved else None
