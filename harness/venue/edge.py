"""What stands in front of the exchange and sees a request before anything else: the seam for defects."""

from __future__ import annotations


class Edge:
    """Lets everybody in: order entry is blocked only where it was asked for (see the verb `region`)."""

    def blocks_order(self, sender: str) -> bool:
        """Whether an order's request is answered with a page; `sender` is what its API-key header says."""
        return False
