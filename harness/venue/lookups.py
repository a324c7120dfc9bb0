"""Which markets are found when a token's terms are asked for: the seam for defects."""

from __future__ import annotations

from harness.venue.markets import Market, Markets


class Lookups:
    """Every listed market, from the moment at which it takes orders."""

    def tells_neg_risk(self, market: Market, markets: Markets) -> bool:
        """Whether GET /neg-risk finds a market."""
        return True
