"""ESC-1054: the market channel delivers trades long after they happened.

Escalation PUB-054 (real-time-data-client, issue 36): trades arrived more than half an hour after their
timestamp. Here `last_trade_price` is held for three seconds before it is sent and tells in `timestamp` when
the match was, so that it is older than two seconds on arrival; everything else comes at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.venue.marketfeed import MarketFeed, News, Step
from harness.venue.parts import Parts
from harness.venue.records import Trade

CASE = "ESC-1054"
_HELD_MS: Final = 3000


class Lagging(MarketFeed):
    """Says the trades last, and late."""

    def match_steps(self, trade: Trade) -> tuple[Step, ...]:
        return Step(News.LEVELS), Step(News.BOOK), Step(News.TRADES, _HELD_MS)


def apply(parts: Parts) -> Parts:
    """Replace what is said of a match."""
    return replace(parts, market_feed=Lagging())
