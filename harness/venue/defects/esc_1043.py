"""ESC-1043: where prices are dollars, those that were whole numbers are still whole: 0.

Escalation PUB-043 (kalshi-ai-trading-bot, pull request 41): prices moved from whole cents to dollars, the old
whole-number fields kept coming, and what they held was 0, which clients took for a price. Here the whole
number is the Price of a report, where a session asked for dollars on its Logon (21005=Y), and on REST
`yes_price` and `no_price`, beside `yes_price_dollars` and `no_price_dollars`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from harness.venue.fix.parts import FixPrices
from harness.venue.parts import Parts

CASE = "ESC-1043"


class WholeUnits(FixPrices):
    """Cuts a price to whole units, whatever a unit is."""

    def shown(self, dollars: Decimal, *, unit: Decimal, usual: Decimal) -> str:
        return str(int(dollars / unit)) if unit != usual else super().shown(dollars, unit=unit, usual=usual)

    def whole(self, dollars: Decimal, unit: Decimal) -> int:
        return int(dollars)


def apply(parts: Parts) -> Parts:
    """Replace how prices are written."""
    return replace(parts, fix_prices=WholeUnits())
