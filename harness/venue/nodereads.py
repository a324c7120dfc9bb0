"""As of which block the exchange reads what addresses hold: the seam for defects."""

from __future__ import annotations


class NodeReads:
    """The healthy exchange asks a node that is not behind."""

    def as_of(self, newest: int) -> int:
        """The block whose balances count, by the number of the newest that was taken in."""
        return newest
