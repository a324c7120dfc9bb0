"""Trades as the exchange tells of them, over REST and WebSocket: one meaning for both shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

PREFIX: Final = "TRADE_STATUS_"
FAILED: Final = "FAILED"


def status(trade: Mapping[str, Any]) -> str:
    """A trade's status; REST writes it with a prefix, the user channel without (CLOB docs)."""
    return str(trade.get("status", "")).removeprefix(PREFIX)


def is_trade(message: Any) -> bool:
    """Whether a message of the user channel is about a trade."""
    return isinstance(message, Mapping) and message.get("event_type") == "trade"


def fills(order: str, trades: Iterable[Mapping[str, Any]]) -> list[tuple[Decimal, Decimal]]:
    """What an order got in these trades, as (size, price); a failed trade gives nothing."""
    found = []
    for trade in trades:
        if status(trade) == FAILED:
            continue
        if trade.get("taker_order_id") == order:
            found.append((Decimal(trade["size"]), Decimal(trade["price"])))
        for maker in trade.get("maker_orders") or ():
            if maker.get("order_id") == order:
                found.append((Decimal(maker["matched_amount"]), Decimal(maker["price"])))
    return found


def summed(parts: Iterable[tuple[Decimal, Decimal]]) -> dict[str, Decimal] | None:
    """The size of all fills and their average price; None where there are none."""
    sizes = list(parts)
    size = sum((size for size, _ in sizes), Decimal(0))
    if not size:
        return None
    paid = sum((size * price for size, price in sizes), Decimal(0))
    return {"size": size.normalize() + 0, "price": (paid / size).normalize() + 0}
