"""ESC-1033: a cancel is answered "can't be found", the order leaves the book, and nobody is told.

Escalation PUB-033 (nautilus_trader, issue 3797): an order with two partial fills was cancelled, every cancel
was answered `order can't be found - already canceled or matched`, and no event ever ended it. Here that is
the fate of each customer's cancel of an order that was filled in part: it is taken off the book, the answer
says that it was not found, and neither the user channel nor FIX reports its end. Orders without a fill, and
orders that run out, end as they should.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.bookrules import BookRules
from harness.venue.parts import Parts
from harness.venue.records import BookOrder, OrderStatus

CASE = "ESC-1033"


class Silent(BookRules):
    """Says nothing of a cancel after a partial fill."""

    def tells_cancel(self, order: BookOrder) -> bool:
        return order.status is not OrderStatus.CANCELED or order.shares_matched == 0


def apply(parts: Parts) -> Parts:
    """Replace which cancels are told."""
    return replace(parts, book_rules=Silent())
