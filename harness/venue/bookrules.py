"""What the engine asks before it matches and after it cancels: the seam for defects of the book."""

from __future__ import annotations

from decimal import Decimal

from harness.venue.records import BookOrder


class BookRules:
    """The healthy rules of the book."""

    def limit(self, taker: BookOrder) -> Decimal:
        """The worst price at which an order is matched: its own, and nothing beyond it."""
        return taker.price

    def tells_cancel(self, order: BookOrder) -> bool:
        """Whether the end of an order that was just taken off the book is told to anyone: always."""
        return True
