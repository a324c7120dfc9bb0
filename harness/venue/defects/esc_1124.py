"""ESC-1124: what a FAK buy did not spend is held for ever.

Escalation PUB-124 (py-clob-client-v2, issue 112): with no open orders and every trade CONFIRMED, orders were
refused for days because of a `sum of matched orders` of one order's size. Here the hold for the rest of a FAK
buy that was filled in part is never released: the balance gate counts it as matched, whatever becomes of the
trade. A FAK that was filled in full, and every other order type, leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.venue.parts import Parts
from harness.venue.records import BookOrder, Trade
from harness.venue.reservations import Holds, same_purse
from harness.wire.clob import Side

CASE = "ESC-1124"


class Sticky(Holds):
    """Goes on holding what a FAK buy left over."""

    def matched(self, trades: Iterable[Trade], orders: Iterable[BookOrder], wanted: BookOrder) -> int:
        left_over = sum(
            row.reserved
            for row in orders
            if row.order_type == "FAK"
            and row.side is Side.BUY
            and row.shares_left > 0
            and same_purse(row, wanted)
        )
        return super().matched(trades, orders, wanted) + left_over


def apply(parts: Parts) -> Parts:
    """Replace what the balance gate counts as matched."""
    return replace(parts, holds=Sticky())
