"""Offers that a draft's orders meet on a live exchange: nobody else's are in a customer's evidence.

An order that fills at once (FOK, FAK), or was told to be matched, needs somebody on the other side. Where
no earlier step of the draft rests there, a maker of the draft's own does, which is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from harness.drafting.steps import DraftStep

_AT_ONCE: Final = ("FOK", "FAK")
_LEAST_SHARES: Final = Decimal(5)
_OTHER: Final = {"BUY": "SELL", "SELL": "BUY"}


def needed(steps: Sequence[DraftStep]) -> list[Mapping[str, Any]]:
    """The orders, in the words of a case, that must rest before the steps for theirs to be matched.

    None that would meet another of the draft's orders, or another of these.
    """
    resting: list[Mapping[str, Any]] = []
    found: dict[tuple[str, str, Decimal], dict[str, Any]] = {}
    for step in steps:
        order = step.words.get("order")
        if not isinstance(order, Mapping) or "set" in step.words:
            continue
        is_matched = isinstance(step.came, Mapping) and step.came.get("status") == "matched"
        if order["type"] not in _AT_ONCE and not is_matched:
            resting.append(order)
            continue
        offer = _offer(order)
        beside = (*resting, *found.values())
        if any(each["token"] != offer["token"] or _crosses(each, offer) for each in beside):
            continue
        if any(each["side"] == offer["side"] for each in resting):
            continue  # it may have met that one
        kept = found.setdefault(
            (offer["token"], offer["side"], offer["price"]), {**offer, "size": Decimal(0)}
        )
        kept["size"] += offer["size"]
    return list(found.values())


def _crosses(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two orders of one token would meet."""
    prices = {one["side"]: one["price"], other["side"]: other["price"]}
    return len(prices) == len(_OTHER) and bool(prices["BUY"] >= prices["SELL"])


def _offer(order: Mapping[str, Any]) -> dict[str, Any]:
    """The other side of an order, at its own price and of its whole size."""
    size = order.get("size")
    if size is None:
        shares = order["amount"] / order["price"] if order["side"] == "BUY" else order["amount"]
        size = max(Decimal(shares).to_integral_value(ROUND_CEILING), _LEAST_SHARES)
    terms = {"price": order["price"], "size": max(Decimal(size), _LEAST_SHARES), "type": "GTC"}
    return {"token": order["token"], "side": _OTHER[order["side"]], **terms}
