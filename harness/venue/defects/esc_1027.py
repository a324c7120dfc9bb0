"""ESC-1027: orders are answered with the edge's page, while reads keep working.

Escalation PUB-027 (py-clob-client, issues 143 and 152): bots that had worked were suddenly answered 403 with
a page of HTML on POST /order only. Here the edge takes a customer who enters orders for a robot: from the
fifth request of an API key on, order entry is answered with the page and reaches nobody. Reads and cancels
pass.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from harness.venue.edge import Edge
from harness.venue.parts import Parts

CASE = "ESC-1027"
_LET_IN: Final = 4


class Wary(Edge):
    """Lets an API key enter four orders."""

    def __init__(self) -> None:
        self._orders: Counter[str] = Counter()

    def blocks_order(self, sender: str) -> bool:
        self._orders[sender] += 1
        return self._orders[sender] > _LET_IN


def apply(parts: Parts) -> Parts:
    """Replace what the edge lets in."""
    return replace(parts, edge=Wary())
