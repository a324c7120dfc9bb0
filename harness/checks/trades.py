"""Trades as the exchange tells of them, over REST and WebSocket: one meaning for both shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, Inexact
from functools import reduce
from typing import Any, Final

from harness.matchers.equality import same
from harness.matchers.numbers import decimal_of

PREFIXES: Final = ("TRADE_STATUS_", "ORDER_STATUS_")
FAILED: Final = "FAILED"
_EXACT: Final = Context(prec=1_000, traps=[Inexact])


def status(trade: Mapping[str, Any]) -> str:
    """A trade's or order's status; REST writes it with a prefix, the user channel without (CLOB docs)."""
    said = str(trade.get("status", ""))
    for prefix in PREFIXES:
        said = said.removeprefix(prefix)
    return said


def is_trade(message: Any) -> bool:
    """Whether a message of the user channel is about a trade."""
    return isinstance(message, Mapping) and message.get("event_type") == "trade"


def fills(order: str, trades: Iterable[Mapping[str, Any]]) -> list[tuple[Decimal, Decimal]]:
    """What an order got in these trades, as (size, what was paid); a failed trade gives nothing.

    Raises ValueError where a trade of the order cannot be read (the exchange's fault).
    """
    found = []
    for trade in trades:
        if status(trade) == FAILED:
            continue
        if same(order, trade.get("taker_order_id")):
            found.append(_fill(trade, "size"))
        for maker in trade.get("maker_orders") or ():
            if same(order, maker.get("order_id")):
                found.append(_fill(maker, "matched_amount"))
    return found


def _fill(part: Mapping[str, Any], size_key: str) -> tuple[Decimal, Decimal]:
    amounts = []
    for key in (size_key, "price"):
        amount = decimal_of(part.get(key))
        if amount is None:
            raise ValueError(f"a trade's {key!r} is {part.get(key)!r}")
        amounts.append(Decimal(amount))
    return amounts[0], _EXACT.multiply(*amounts)


def summed(parts: Iterable[tuple[Decimal, Decimal]]) -> dict[str, Decimal] | None:
    """The size of all fills (size, what was paid) and their average price; None where there are none.

    Sums are exact; an average is a quotient, to 28 digits.
    """
    sizes = list(parts)
    size = reduce(_EXACT.add, (size for size, _ in sizes), Decimal(0))
    if not size:
        return None
    paid = reduce(_EXACT.add, (paid for _, paid in sizes), Decimal(0))
    return {"size": _EXACT.add(_EXACT.normalize(size), 0), "price": (paid / size).normalize() + 0}


def execution(order: str, message: Any) -> Mapping[str, Any] | None:
    """A FIX ExecutionReport that tells of a fill of this order (by OrderID), or None."""
    report = message.get("ExecutionReport") if isinstance(message, Mapping) else None
    if not isinstance(report, Mapping) or report.get("ExecType") != "TRADE":
        return None
    return report if report.get("OrderID") == order else None


def executed(reports: Iterable[Mapping[str, Any]]) -> list[tuple[Decimal, Decimal]]:
    """The fills of execution reports as (size, what was paid); one a report: an ExecID names a fill for good.

    Raises ValueError where a report of a fill does not say how much at what price (the exchange's fault).
    """
    return [
        _fill({"size": report.get("LastQty"), "price": report.get("LastPx")}, "size") for report in reports
    ]
