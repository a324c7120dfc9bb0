"""How orders and trades are told on the user channel (CLOB docs: user channel)."""

from __future__ import annotations

from typing import Any

from harness.venue.records import BookOrder, Fill, Trade
from harness.venue.views import MakerLegs, maker_view, order_view, seen_by, trade_head


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


class TradeTelling:
    """What a trade event of the user channel tells a party: the seam for defects."""

    def fills(self, trade: Trade, address: str) -> tuple[Fill, ...]:
        """The fills that stand in `maker_orders`: all of the trade's, whoever looks."""
        return trade.fills


def trade_event(
    trade: Trade, address: str, now_ms: int, telling: TradeTelling, legs: MakerLegs
) -> dict[str, Any]:
    """A trade event of the user channel for one of its parties; the status is plain there."""
    seen = seen_by(trade, address)
    return {
        "event_type": "trade",
        "type": "TRADE",
        **trade_head(trade),
        "status": trade.status.value,
        **seen,
        "trade_owner": seen["owner"],
        "timestamp": str(now_ms),
        "maker_orders": [maker_view(fill, legs, with_index=True) for fill in telling.fills(trade, address)],
    }
