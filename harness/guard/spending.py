"""What one send spends, read from its intent: how many orders, worth how much, how many transactions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from harness import exactjson
from harness.guard.caps import Spent
from harness.wire.clob import BASE_UNITS

_ENTERED: Final = frozenset({"NewOrderSingle", "OrderCancelReplaceRequest"})
_RAW_ENTERED: Final = re.compile(r"(?:^|[|\x01])35=(?:D|G|E|AB)(?:[|\x01]|$)")
_RAW_FIELD: Final = re.compile(r"(?:^|[|\x01])(38|44|152)=([^|\x01]*)")
_CANCELS: Final = frozenset({"/order", "/orders", "/cancel-all", "/cancel-market-orders"})
_WHOLE: Final = Decimal(1)
"""A share is never worth more than one of collateral: what an order without a price may come to."""


def spent_by(channel: str, intent: Mapping[str, Any]) -> Spent:
    """What sending an intent spends. An order's worth is the collateral it gives or asks for.

    What cannot be read as an order counts as one without a worth: the exchange cannot read it either.
    """
    kind = channel.partition(".")[0]
    worths: tuple[Decimal, ...] = ()
    if kind == "rest" and intent.get("method") == "POST":
        worths = tuple(_posted(intent))
    elif kind == "fix":
        worths = tuple(_entered(intent))
    transactions = 1 if kind == "chain" and "transaction" in intent else 0
    return Spent(len(worths), sum(worths, Decimal(0)), transactions, 1)


def is_relief(channel: str, intent: Mapping[str, Any]) -> bool:
    """Whether an intent only takes orders back: no cap holds that up."""
    kind = channel.partition(".")[0]
    if kind == "rest":
        return intent.get("method") == "DELETE" and str(intent.get("path")).partition("?")[0] in _CANCELS
    said = {str(intent.get("fix"))} | set(intent.get("message") or ())
    return kind == "fix" and bool(said & {"logout", "OrderCancelRequest", "OrderMassCancelRequest"})


def _posted(intent: Mapping[str, Any]) -> Iterator[Decimal]:
    path = str(intent["path"]).partition("?")[0]
    if path not in ("/order", "/orders"):
        return
    body = intent.get("json")
    if body is None and "raw" in intent:
        try:
            body = exactjson.loads(str(intent["raw"]))
        except ValueError:
            body = None
    for row in body if isinstance(body, list | tuple) else [body]:
        yield _worth(row, intent.get("tamper"))


def _worth(posted: Any, tamper: Any) -> Decimal:
    """The collateral of one body of POST /order, in human units; the larger amount where the side is odd."""
    order = posted.get("order") if isinstance(posted, Mapping) else None
    if not isinstance(order, Mapping):
        return Decimal(0)
    order = {**order, **(tamper if isinstance(tamper, Mapping) else {})}
    gives, gets = (_amount(order.get(name)) for name in ("makerAmount", "takerAmount"))
    side = order.get("side")
    worth = gives if side in ("BUY", 0) else gets if side in ("SELL", 1) else max(gives, gets)
    return worth / BASE_UNITS


def _entered(intent: Mapping[str, Any]) -> Iterator[Decimal]:
    if intent.get("fix") == "raw":
        text = str(intent.get("text"))
        if _RAW_ENTERED.search(text):
            held = dict(_RAW_FIELD.findall(text))
            yield _of_fields(held.get("38"), held.get("44"), held.get("152"))
        return
    for name, fields in (intent.get("message") or {}).items():
        if name in _ENTERED and isinstance(fields, Mapping):
            yield _of_fields(*(fields.get(field) for field in ("OrderQty", "Price", "CashOrderQty")))


def _of_fields(size: Any, price: Any, cash: Any) -> Decimal:
    return max(_amount(size) * (_WHOLE if price is None else _amount(price)), _amount(cash))


def _amount(value: Any) -> Decimal:
    """A number, however it is written; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return Decimal(0)
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return Decimal(0)
    return max(amount, Decimal(0)) if amount.is_finite() else Decimal(0)
