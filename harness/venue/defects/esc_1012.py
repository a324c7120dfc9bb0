"""ESC-1012: a market buy that is protected at the ask meets nothing.

Escalation PUB-012 (py-sdk, issue 291): with the highest price set to the best ask, rounding the shares up put
the implied price a hair under the ask, and the exchange killed the order as unmatched. Here it is the matcher
that rounds: it counts a FOK or FAK buy's shares in tenths, rounded up, and takes the tick at or below what
the amount then pays a share. 1 pUSD for 14.28 shares becomes 1 for 14.3, that is 0.0699, that is 0.06, and
the ask at 0.07 is not met. An order whose shares are a whole number of tenths is matched as it should be.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from harness.venue.bookrules import BookRules
from harness.venue.parts import Parts
from harness.venue.records import BookOrder
from harness.wire.clob import BASE_UNITS, Side

CASE = "ESC-1012"
_LOT: Final = BASE_UNITS // 10


class Tenths(BookRules):
    """Derives a market buy's limit from shares that it has rounded up to tenths."""

    def limit(self, taker: BookOrder) -> Decimal:
        if taker.side is not Side.BUY or taker.order_type not in ("FOK", "FAK"):
            return super().limit(taker)
        rounded = -(-taker.shares // _LOT) * _LOT
        if rounded == taker.shares:
            return super().limit(taker)
        tick = taker.market.tick
        return Decimal(taker.order.maker_amount) // (rounded * tick) * tick


def apply(parts: Parts) -> Parts:
    """Replace up to which price an order is matched."""
    return replace(parts, book_rules=Tenths())
