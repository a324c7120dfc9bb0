"""Which book a subscription to a token is answered with: the seam for defects."""

from __future__ import annotations

from typing import Any


class Snapshots:
    """The book in force, whatever was told before."""

    def left(self, book: dict[str, Any]) -> None:
        """A connection that followed a token has ended, and so its book stood."""

    def shown(self, book: dict[str, Any]) -> dict[str, Any]:
        """What is sent to a new subscriber where `book` is in force."""
        return book
