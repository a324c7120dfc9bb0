"""How books, prices and trades are told on the market channel (CLOB docs: market channel)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from harness.venue.book import Book, other
from harness.venue.markets import Market
from harness.venue.money import human, plain
from harness.venue.records import Fill, Trade
from harness.wire.clob import Side


def best_prices(book: Book) -> tuple[Decimal, Decimal]:
    """Best bid and ask of a book; a side that is empty is 0 and 1."""
    bid, ask = book.best(Side.BUY), book.best(Side.SELL)
    return Decimal(0) if bid is None else bid, Decimal(1) if ask is None else ask


def price_change_event(
    market: Market,
    book: Book,
    mirror: Book,
    hashes: tuple[str, str],
    levels: Iterable[tuple[Side, Decimal]],
    now_ms: int,
) -> dict[str, Any]:
    """Levels' new totals, each in the token's `book` and as it stands in the other token's, the `mirror`.

    With the hash and the best prices of each book; an empty side is `0` and `1`.
    """
    changes = []
    for side, price in levels:
        changes.append(_level(book, side, price, hashes[0]))
        changes.append(_level(mirror, other(side), 1 - price, hashes[1]))
    return {
        "market": market.condition,
        "price_changes": changes,
        "timestamp": str(now_ms),
        "event_type": "price_change",
    }


def _level(book: Book, side: Side, price: Decimal, hashed: str) -> dict[str, Any]:
    bid, ask = best_prices(book)
    return {
        "asset_id": str(book.token),
        "price": plain(price),
        "size": human(book.shares_at(side, price)),
        "side": side.name,
        "hash": hashed,
        "best_bid": plain(bid),
        "best_ask": plain(ask),
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


def last_trade_events(trade: Trade, fill: Fill, now_ms: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """One fill's price and size with the taker's side, by token: both tokens' in a mint or merge."""
    taker = trade.taker
    told = [(taker.order.token_id, fill.taker_price, taker.side)]
    if fill.crossed:
        told.append((fill.maker.order.token_id, fill.maker.price, other(taker.side)))
    for token, price, side in told:
        yield (
            token,
            {
                "event_type": "last_trade_price",
                "market": taker.market.condition,
                "asset_id": str(token),
                "price": plain(price),
                "size": human(fill.shares),
                "side": side.name,
                "fee_rate_bps": str(taker.market.taker_bps),
                "timestamp": str(now_ms),
            },
        )


def best_event(market: Market, token: int, best: tuple[Decimal, Decimal], now_ms: int) -> dict[str, Any]:
    """The top of a token's book is another one."""
    bid, ask = best
    return {
        "event_type": "best_bid_ask",
        "market": market.condition,
        "asset_id": str(token),
        "best_bid": plain(bid),
        "best_ask": plain(ask),
        "spread": plain(ask - bid),
        "timestamp": str(now_ms),
    }


def _about(market: Market) -> dict[str, Any]:
    """What the events about a whole market call it: here an event has one market, with the same texts."""
    number, name, slug = market.symbol.rpartition("-")[2], market.question, market.slug
    event = {"id": number, "ticker": slug, "slug": slug, "title": name, "description": name}
    return {
        "id": number,
        "market": market.condition,
        "assets_ids": [str(token) for token in market.tokens],
        "event_message": event,
        "tags": [],
    }


def new_market_event(market: Market, now_ms: int) -> dict[str, Any]:
    """A market was listed."""
    about = _about(market)
    return {
        "event_type": "new_market",
        **about,
        "question": market.question,
        "slug": market.slug,
        "description": market.question,
        "outcomes": [market.outcome(token) for token in market.tokens],
        "condition_id": market.condition,
        "active": True,
        "clob_token_ids": about["assets_ids"],
        "sports_market_type": "",
        "line": "",
        "game_start_time": "",
        "order_price_min_tick_size": str(market.tick),
        "group_item_title": "",
        "taker_base_fee": str(market.taker_bps),
        "fees_enabled": market.fee is not None,
        "timestamp": str(now_ms),
    }


def resolved_event(market: Market, now_ms: int) -> dict[str, Any]:
    """A market has a winner. Raises ValueError for one that has none."""
    if market.winner is None:
        raise ValueError(f"market {market.condition} is not resolved")
    return {
        "event_type": "market_resolved",
        **_about(market),
        "winning_asset_id": str(market.winner),
        "winning_outcome": market.outcome(market.winner),
        "timestamp": str(now_ms),
    }
