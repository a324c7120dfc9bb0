"""ESC-1008: after a change of the tick size GET /tick-size and the book go on telling the old one.

Escalation PUB-008 (py-clob-client, issue 122): a tick size that was read once was kept for ever although the
venue changes it during a market's life, so that orders were built on the wrong grid and refused. Here the
venue keeps it: /tick-size and `tick_size` of every book stay at the tick the market was listed with, while
`tick_size_change` was sent and orders are judged by the new tick.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from harness.venue.markets import Markets
from harness.venue.parts import Parts
from harness.venue.ticks import Ticks

CASE = "ESC-1008"


class ReadOnce(Ticks):
    """Tells the tick that a market was listed with."""

    def shown(self, markets: Markets, token: int) -> Decimal:
        return markets.listed_tick(token)


def apply(parts: Parts) -> Parts:
    """Replace which tick is told."""
    return replace(parts, ticks=ReadOnce())
