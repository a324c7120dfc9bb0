"""Which of an account's open orders GET /data/orders lists: the seam for defects."""

from __future__ import annotations

from collections.abc import Set

from harness.venue.records import BookOrder


class OpenOrders:
    """All of them, whatever was restarted meanwhile."""

    def lists(self, order: BookOrder, before_restart: Set[str]) -> bool:
        """Whether a live order is listed; `before_restart` are those that were open at the last restart."""
        return True
