"""Which tick size the exchange tells of a market; orders are judged by the market's own (orderchecks.py)."""

from __future__ import annotations

from decimal import Decimal

from harness.venue.markets import Markets


class Ticks:
    """The tick that GET /tick-size and every book tell: the one in force."""

    def shown(self, markets: Markets, token: int) -> Decimal:
        """A listed token's tick. Raises KeyError for another token."""
        return markets.of_token(token).tick
