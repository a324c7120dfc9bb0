"""ESC-1070: a book that is built from the market channel is crossed for a while.

Escalation PUB-070 (poly-websockets, issue 25): an ask was consumed and a bid at its price placed; the new bid
came first and the removal of the ask later, in a frame of its own. Here an order that takes from the book and
rests has its own level told first; the levels that it took from, and the book, follow 120 ms later.
`best_bid` and `best_ask` tell the truth in every frame.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.venue.marketfeed import MarketFeed, News, Step
from harness.venue.parts import Parts
from harness.venue.records import Trade

CASE = "ESC-1070"
_LATE_MS: Final = 120


class AddingFirst(MarketFeed):
    """Says what was taken from the book after what was added to it."""

    def match_steps(self, trade: Trade) -> tuple[Step, ...]:
        taker = trade.taker
        if taker.shares_left <= 0 or taker.order_type not in ("GTC", "GTD"):
            return super().match_steps(trade)
        return Step(News.TRADES), Step(News.LEVELS, _LATE_MS), Step(News.BOOK, _LATE_MS)


def apply(parts: Parts) -> Parts:
    """Replace what is said of a match."""
    return replace(parts, market_feed=AddingFirst())
