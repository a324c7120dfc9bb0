"""What the market channel says of a match, in which order and when (CLOB docs: market channel)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from harness.venue.records import Trade


class News(enum.Enum):
    """A part of what is said of a match."""

    TRADES = "last_trade_price of each fill"
    LEVELS = "price_change with the new total of each level that was taken from"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class Step:
    """One part, and how long after the match it is said."""

    news: News
    after_ms: int = 0

    def __post_init__(self) -> None:
        if self.after_ms < 0:
            raise ValueError(f"after_ms is {self.after_ms}: nothing is said before it happened")


class MarketFeed:
    """All at once: the trades, the levels, the book; what is left of the taker rests after that."""

    def match_steps(self, trade: Trade) -> tuple[Step, ...]:
        """What is said of a match, in order; `trade` is as it stands before the taker rests."""
        return Step(News.TRADES), Step(News.LEVELS), Step(News.BOOK)
