"""An order that was sent again and executed again: each answer goes well, and only both together tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness.drafting.steps import DraftStep
from harness.drafting.talk import Exchange

REFUSED: Final[Mapping[str, Any]] = {"status": 400, "body": {"error": {"$contains": "Duplicated"}}}
"""What should have come (docs/exchange.md): an order is taken once."""


def tell_again(exchanges: Sequence[Exchange], steps: Sequence[DraftStep]) -> None:
    """Mark each order whose very body was matched before, and is matched once more, in other trades.

    Its step sends again what the first one sent: signed anew it would be another order.
    """
    taken: dict[str, tuple[DraftStep, set[str]]] = {}
    for each, step in zip(exchanges, steps, strict=True):
        body, trades = str(each.request.get("body", "")), _trades(each)
        if not body or not trades or "order_id" not in step.derived:
            continue
        first = taken.setdefault(body, (step, trades))
        if first[0] is step or trades <= first[1]:
            continue
        step.words = {"rest": step.words["rest"], "as": step.actor, "raw": f"${{{first[0].id}.sent}}"}
        step.derived, step.guesses, step.is_again = {}, [], True
        step.doubtful = "the same order was taken again"


def _trades(each: Exchange) -> set[str]:
    """The trades in which an order was matched, as its answer tells."""
    told = each.came if isinstance(each.came, Mapping) and not each.wrong else {}
    rows = told.get("tradeIDs")
    return {str(row) for row in rows} if isinstance(rows, list) and each.path == "/order" else set()
