"""How books, prices and trades are told on the market channel (CLOB docs: market channel)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from harness.venue.book import Book
from harness.venue.markets import Market
from harness.venue.money import human, plain
from harness.venue.records import Fill, Trade
from harness.wire.clob import Side


def price_change_event(
    view: dict[str, Any], book: Book, levels: Iterable[tuple[Side, Decimal]], now_ms: int
) -> dict[str, Any]:
    """Levels' new totals, the hash of the book's `view`, the best prices; an empty side is `0` and `1`."""
    bid, ask = book.best(Side.BUY), book.best(Side.SELL)
    after = {
        "hash": view["hash"],
        "best_bid": "0" if bid is None else plain(bid),
        "best_ask": "1" if ask is None else plain(ask),
    }
    changes = [
        {
            "asset_id": view["asset_id"],
            "price": plain(price),
            "size": human(book.shares_at(side, price)),
            "side": side.name,
            **after,
        }
        for side, price in levels
    ]
    return {
        "market": view["market"],
        "price_changes": changes,
        "timestamp": str(now_ms),
        "event_type": "price_change",
    }


def tick_change_event(market: Market, token: int, old: Decimal, now_ms: int) -> dict[str, Any]:
    """The tick size of a token's market is another one from now on."""
    return {
        "event_type": "tick_size_change",
        "market": market.condition,
        "asset_id": str(token),
        "old_tick_size": str(old),
        "new_tick_size": str(market.tick),
        "timestamp": str(now_ms),
    }


def last_trade_event(trade: Trade, fill: Fill, now_ms: int) -> dict[str, Any]:
    """One fill's price and size, with the taker's side."""
    return {
        "event_type": "last_trade_price",
        "market": trade.taker.market.condition,
        "asset_id": str(trade.taker.order.token_id),
        "price": plain(fill.maker.price),
        "size": human(fill.shares),
        "side": trade.taker.side.name,
        "fee_rate_bps": "0",
        "timestamp": str(now_ms),
    }
