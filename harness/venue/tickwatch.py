"""When a market gets a finer tick by itself: once its price nears 0 or 1 (CLOB docs: tick_size_change)."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Final

from harness.venue.book import Book
from harness.venue.engine import Listener, Now
from harness.venue.exchange import Exchange
from harness.venue.markets import Market
from harness.venue.records import Trade
from harness.wire.clob import Side

HIGH: Final = Decimal("0.96")
LOW: Final = Decimal("0.04")
FINER: Final = "0.001"
_WIDE: Final = Decimal("0.10")


def shown_price(book: Book) -> Decimal | None:
    """A book's price as the exchange shows it: the midpoint, or the last trade's where the spread is wide.

    None where there is neither. CLOB docs, prices: a spread above 0.10 is wide.
    """
    bid, ask = book.best(Side.BUY), book.best(Side.SELL)
    if bid is not None and ask is not None and ask - bid <= _WIDE:
        return (bid + ask) / 2
    return book.last_price


class TickWatch(Listener):
    """Looks at a market's price after each change of its books; a tick that was made finer stays."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        exchange.engine.listen(self)

    def level_changed(self, market: Market, token: int, side: Side, price: Decimal, now: Now) -> None:
        """Look, as soon as the engine has done all that it is doing."""
        asyncio.get_running_loop().call_soon(self._look, market.condition, token)

    def matched(self, trade: Trade, now: Now) -> None:
        """Look, as soon as the engine has done all that it is doing."""
        taker = trade.taker
        loop = asyncio.get_running_loop()
        loop.call_soon(self._look, taker.market.condition, taker.order.token_id)

    def _look(self, condition: str, token: int) -> None:
        market = self._exchange.markets.by_condition(condition)
        price = shown_price(self._exchange.engine.book(token))
        if market is None or market.resolved or price is None or LOW <= price <= HIGH:
            return
        if market.tick > Decimal(FINER):
            self._exchange.change_tick(market.with_tick(FINER))
