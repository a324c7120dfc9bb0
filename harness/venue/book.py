"""One token's order book: by price, then by time; a match takes the makers' prices."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from decimal import Decimal

from harness.venue.records import BookOrder, Fill
from harness.wire.clob import Side


class Book:
    """The resting orders of one token."""

    def __init__(self, now_ms: int) -> None:
        self._sides: dict[Side, list[BookOrder]] = {Side.BUY: [], Side.SELL: []}
        self.changed_ms = now_ms
        self.last_price: Decimal | None = None

    def rest(self, order: BookOrder, now_ms: int) -> None:
        """Put an order behind those of its price."""
        rows = self._sides[order.side]
        better = _better(order.side)
        at = next((i for i, row in enumerate(rows) if better(order.price, row.price)), len(rows))
        rows.insert(at, order)
        self.changed_ms = now_ms

    def remove(self, order: BookOrder, now_ms: int) -> None:
        """Take an order off; nothing happens where it does not rest here."""
        if order in self._sides[order.side]:
            self._sides[order.side].remove(order)
            self.changed_ms = now_ms

    def levels(self, side: Side) -> list[tuple[Decimal, int]]:
        """Price and total shares of each level, the best first."""
        totals: dict[Decimal, int] = {}
        for row in self._sides[side]:
            totals[row.price] = totals.get(row.price, 0) + row.shares_left
        return list(totals.items())

    def best(self, side: Side) -> Decimal | None:
        """The best price of one side."""
        rows = self._sides[side]
        return rows[0].price if rows else None

    def shares_at(self, side: Side, price: Decimal) -> int:
        """How many shares rest at one price."""
        return sum(row.shares_left for row in self._sides[side] if row.price == price)

    def crosses(self, taker: BookOrder) -> bool:
        """Whether an order would match at once."""
        return next(self._crossing(taker.side, taker.price), None) is not None

    def matches(self, taker: BookOrder, limit: Decimal) -> tuple[Fill, ...]:
        """What an order would fill up to `limit`, best price first and oldest first; nothing is changed."""
        left, fills = taker.shares_left, []
        for maker in self._crossing(taker.side, limit):
            if left <= 0:
                break
            fill = fill_of(maker, min(left, maker.shares_left))
            if fill is not None:
                fills.append(fill)
                left -= fill.shares
        return tuple(fills)

    def _crossing(self, side: Side, limit: Decimal) -> Iterator[BookOrder]:
        beyond = _better(side)  # a BUY does not go above its price, a SELL not below
        for maker in self._sides[Side.SELL if side is Side.BUY else Side.BUY]:
            if beyond(maker.price, limit):
                return
            yield maker


def _better(side: Side) -> Callable[[Decimal, Decimal], bool]:
    return operator.gt if side is Side.BUY else operator.lt


def fill_of(maker: BookOrder, shares: int) -> Fill | None:
    """The fill of `shares` at a maker's price, rounded as the contract rounds; None where nothing is left."""
    order = maker.order
    if maker.side is Side.SELL:
        return Fill(maker, shares, shares * order.taker_amount // order.maker_amount)
    collateral = shares * order.maker_amount // order.taker_amount
    moved = collateral * order.taker_amount // order.maker_amount
    return Fill(maker, moved, collateral) if moved else None
