"""ESC-1105: after a restart of the gateway open orders are listed no more, and still trade.

Escalation PUB-105 (Krypto-trading-bot, issue 559): a deploy of the venue dropped its sessions, and orders
that their owners took for cancelled stayed live. Here a restart of the WebSocket gateway loses the list of
the orders that were open: GET /data/orders shows none of them, no CANCELLATION comes, and they still match.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from harness.venue.listing import OpenOrders
from harness.venue.parts import Parts
from harness.venue.records import BookOrder

CASE = "ESC-1105"


class LosingThem(OpenOrders):
    """Lists what was placed since the gateway started last."""

    def lists(self, order: BookOrder, before_restart: Set[str]) -> bool:
        return order.id not in before_restart


def apply(parts: Parts) -> Parts:
    """Replace which open orders are listed."""
    return replace(parts, open_orders=LosingThem())
