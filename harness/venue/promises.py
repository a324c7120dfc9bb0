"""What addresses have promised by open orders and in matches: kept as orders and trades change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from harness.venue.records import BookOrder, Trade
from harness.wire.clob import Side


class Purse(NamedTuple):
    """Where an order's promise is paid from: an address' pUSD, or its shares of one token."""

    maker: str
    token: int | None


def purse_of(order: BookOrder) -> Purse:
    """A BUY is paid from pUSD, a SELL from shares of its token."""
    return Purse(order.order.maker, None if order.side is Side.BUY else order.order.token_id)


class OpenSums:
    """What each purse must keep for open orders, in base units; told of each change of an order."""

    def __init__(self) -> None:
        self._sums: dict[Purse, int] = {}
        self._counted: dict[str, int] = {}

    def count(self, order: BookOrder, *, is_open: bool) -> None:
        """Count an order as it stands now; one that is not open promises nothing."""
        promised = order.reserved if is_open else 0
        change = promised - self._counted.pop(order.id, 0)
        if promised:
            self._counted[order.id] = promised
        if change:
            purse = purse_of(order)
            left = self._sums.get(purse, 0) + change
            if left:
                self._sums[purse] = left
            else:
                del self._sums[purse]

    def of(self, order: BookOrder) -> int:
        """What the purse of an order has promised by others; it is not open itself."""
        return self._sums.get(purse_of(order), 0)


class Unsettled:
    """The matches whose promises still stand, by address."""

    def __init__(self) -> None:
        self._all: dict[str, Trade] = {}
        self._of: dict[str, dict[str, Trade]] = {}

    def add(self, trade: Trade) -> None:
        """Its promises stand (again)."""
        self._all[trade.id] = trade
        for maker in _makers(trade):
            self._of.setdefault(maker, {})[trade.id] = trade

    def remove(self, trade: Trade) -> None:
        """It was settled, or never will be."""
        self._all.pop(trade.id, None)
        for maker in _makers(trade):
            trades = self._of.get(maker, {})
            trades.pop(trade.id, None)
            if not trades:
                self._of.pop(maker, None)

    def all(self) -> list[Trade]:
        """Every one."""
        return list(self._all.values())

    def of(self, maker: str) -> list[Trade]:
        """Those in which an address gives something."""
        return list(self._of.get(maker, {}).values())


def _makers(trade: Trade) -> Iterable[str]:
    return {order.order.maker for order in (trade.taker, *(fill.maker for fill in trade.fills))}
