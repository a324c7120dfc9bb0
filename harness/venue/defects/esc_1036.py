"""ESC-1036: the kind of a live market cannot be looked up.

Escalation PUB-036 (a bot's finding on short-lived markets): GET /neg-risk said `Invalid token id` for markets
that took orders, clients went on with their default, and orders signed for the wrong exchange contract came
back as bad signatures. Here it says so for the market that was listed last: it is found once another one is
listed. Tick size, fee rate and book are told at once.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.lookups import Lookups
from harness.venue.markets import Market, Markets
from harness.venue.parts import Parts

CASE = "ESC-1036"


class Late(Lookups):
    """Does not find the newest market."""

    def tells_neg_risk(self, market: Market, markets: Markets) -> bool:
        return market.condition != list(markets)[-1].condition


def apply(parts: Parts) -> Parts:
    """Replace which markets are found."""
    return replace(parts, lookups=Late())
