"""How orders, trades and books look on the wire (CLOB docs: manage orders, user and market channels)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from harness.venue.book import Book
from harness.venue.markets import Market
from harness.venue.money import human, plain
from harness.venue.records import BookOrder, Fill, Trade
from harness.wire.clob import BASE_UNITS, Side, book_hash

_AVERAGE_PLACES = Decimal("0.000001")


def order_view(order: BookOrder) -> dict[str, Any]:
    """An order as GET /data/order answers it."""
    return {
        "id": order.id,
        "status": order.status.value,
        "owner": order.owner,
        "maker_address": order.order.maker,
        "market": order.market.condition,
        "asset_id": str(order.order.token_id),
        "side": order.side.name,
        "original_size": human(order.shares),
        "size_matched": human(order.shares_matched),
        "price": plain(order.price),
        "outcome": order.market.outcome(order.order.token_id),
        "expiration": str(order.order.expiration_s),
        "order_type": order.order_type,
        "associate_trades": list(order.trades),
        "created_at": order.created_s,
    }


def order_event(order: BookOrder, kind: str, now_ms: int) -> dict[str, Any]:
    """An order event of the user channel; `kind` is PLACEMENT, UPDATE or CANCELLATION."""
    view = order_view(order)
    return {
        "event_type": "order",
        "type": kind,
        "id": order.id,
        "owner": order.owner,
        "order_owner": order.owner,
        **{key: view[key] for key in ("market", "asset_id", "side", "original_size", "size_matched")},
        **{key: view[key] for key in ("price", "outcome", "order_type", "status", "expiration")},
        "maker_address": order.order.maker,
        "associate_trades": list(order.trades),
        "created_at": str(order.created_s),
        "timestamp": str(now_ms),
    }


def killed_event(order: BookOrder, reason: str, now_ms: int) -> dict[str, Any]:
    """The cancellation of an order that never was on the book (a killed FOK or FAK)."""
    empty = {"size_matched": "", "created_at": "", "outcome": "", "status": f"CANCELED_{reason}"}
    return {**order_event(order, "CANCELLATION", now_ms), **empty}


def _maker_view(fill: Fill, with_index: bool) -> dict[str, Any]:
    maker = fill.maker
    token = maker.order.token_id
    view: dict[str, Any] = {
        "order_id": maker.id,
        "owner": maker.owner,
        "maker_address": maker.order.maker,
        "matched_amount": human(fill.shares),
        "price": plain(maker.price),
        "fee_rate_bps": "0",
        "asset_id": str(token),
        "outcome": maker.market.outcome(token),
    }
    if with_index:
        view["outcome_index"] = 0 if token == maker.market.yes else 1
    return {**view, "side": maker.side.name}


def trade_price(trade: Trade) -> str:
    """What the taker paid or got a share: the makers' prices, weighted, to 6 decimals."""
    return plain((Decimal(trade.collateral) / Decimal(trade.shares)).quantize(_AVERAGE_PLACES))


def _trade_head(trade: Trade) -> dict[str, Any]:
    taker = trade.taker
    return {
        "id": trade.id,
        "taker_order_id": taker.id,
        "market": taker.market.condition,
        "asset_id": str(taker.order.token_id),
        "side": taker.side.name,
        "size": human(trade.shares),
        "price": trade_price(trade),
        "match_time": str(trade.matched_ns // 1_000_000_000),
        "last_update": str(trade.updated_s),
        "outcome": taker.market.outcome(taker.order.token_id),
        "fee_rate_bps": "0",
        "bucket_index": 0,
        "transaction_hash": trade.transaction_hash,
    }


def _seen_by(trade: Trade, address: str) -> dict[str, Any]:
    mine = trade.traders()[address]
    role = "TAKER" if mine is trade.taker else "MAKER"
    return {"owner": mine.owner, "maker_address": mine.order.maker, "trader_side": role}


def trade_view(trade: Trade, address: str) -> dict[str, Any]:
    """A trade as GET /data/trades answers it to one of its parties; the status is prefixed there."""
    return {
        **_trade_head(trade),
        "status": f"TRADE_STATUS_{trade.status.value}",
        "match_time_nano": str(trade.matched_ns),
        **_seen_by(trade, address),
        "err_msg": trade.err_msg,
        "maker_orders": [_maker_view(fill, with_index=False) for fill in trade.fills],
    }


class TradeTelling:
    """What a trade event of the user channel tells a party: the seam for defects."""

    def fills(self, trade: Trade, address: str) -> tuple[Fill, ...]:
        """The fills that stand in `maker_orders`: all of the trade's, whoever looks."""
        return trade.fills


def trade_event(trade: Trade, address: str, now_ms: int, telling: TradeTelling) -> dict[str, Any]:
    """A trade event of the user channel for one of its parties; the status is plain there."""
    seen = _seen_by(trade, address)
    return {
        "event_type": "trade",
        "type": "TRADE",
        **_trade_head(trade),
        "status": trade.status.value,
        **seen,
        "trade_owner": seen["owner"],
        "timestamp": str(now_ms),
        "maker_orders": [_maker_view(fill, with_index=True) for fill in telling.fills(trade, address)],
    }


def _levels(book: Book, side: Side) -> list[dict[str, str]]:
    rows = [{"price": plain(price), "size": human(shares)} for price, shares in book.levels(side)]
    return rows[::-1]  # the best level stands last


def book_view(market: Market, token: int, book: Book, tick: Decimal) -> dict[str, Any]:
    """A book as GET /book answers it: the best levels last, with its hash and the tick that is told."""
    view: dict[str, Any] = {
        "market": market.condition,
        "asset_id": str(token),
        "timestamp": str(book.changed_ms),
        "hash": "",
        "bids": _levels(book, Side.BUY),
        "asks": _levels(book, Side.SELL),
        "min_order_size": str(market.min_size // BASE_UNITS),
        "tick_size": str(tick),
        "neg_risk": False,
        "last_trade_price": "" if book.last_price is None else plain(book.last_price),
    }
    return {**view, "hash": book_hash(view)}


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
