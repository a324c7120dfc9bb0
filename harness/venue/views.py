"""How orders, trades and books look on REST (CLOB docs: manage orders, trades, order book)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from harness.venue.book import Book
from harness.venue.markets import Market
from harness.venue.money import human, plain
from harness.venue.records import BookOrder, Fill, Trade, TradeStatus
from harness.venue.wordings import NOT_SENT, Wording
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


class MakerLegs:
    """How a maker's part of a trade is told, on REST and the user channel: the seam for defects."""

    def side(self, fill: Fill) -> Side:
        """Which way the maker went: its own order's side, whatever the taker's is."""
        return fill.maker.side


def maker_view(fill: Fill, legs: MakerLegs, with_index: bool) -> dict[str, Any]:
    """An entry of `maker_orders`; the index of the outcome stands there on the user channel only."""
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
    return {**view, "side": legs.side(fill).name}


def trade_price(trade: Trade) -> str:
    """What the taker paid or got a share: the makers' prices, weighted, to 6 decimals."""
    return plain((Decimal(trade.collateral) / Decimal(trade.shares)).quantize(_AVERAGE_PLACES))


def trade_head(trade: Trade) -> dict[str, Any]:
    """What every telling of a trade begins with: it describes the taker."""
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
        "fee_rate_bps": str(taker.market.taker_bps),
        "bucket_index": 0,
        "transaction_hash": trade.transaction_hash,
    }


def seen_by(trade: Trade, address: str) -> dict[str, Any]:
    """Who one of its parties is in it."""
    mine = trade.traders()[address]
    role = "TAKER" if mine is trade.taker else "MAKER"
    return {"owner": mine.owner, "maker_address": mine.order.maker, "trader_side": role}


def rest_status(trade: Trade, wordings: Collection[Wording] = ()) -> str:
    """A trade's status on REST: prefixed, and where it is asked for another one until it is sent."""
    unsent = trade.status is TradeStatus.MATCHED and not trade.transaction_hash
    told = NOT_SENT if unsent and Wording.BROADCAST in wordings else trade.status.value
    return f"TRADE_STATUS_{told}"


def trade_view(
    trade: Trade, address: str, legs: MakerLegs, wordings: Collection[Wording] = ()
) -> dict[str, Any]:
    """A trade as GET /data/trades answers it to one of its parties; the status is prefixed there."""
    return {
        **trade_head(trade),
        "status": rest_status(trade, wordings),
        "match_time_nano": str(trade.matched_ns),
        **seen_by(trade, address),
        "err_msg": trade.err_msg,
        "maker_orders": [maker_view(fill, legs, with_index=False) for fill in trade.fills],
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
        "neg_risk": market.neg_risk,
        "last_trade_price": "" if book.last_price is None else plain(book.last_price),
    }
    return {**view, "hash": book_hash(view)}
