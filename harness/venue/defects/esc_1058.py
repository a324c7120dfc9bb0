"""ESC-1058: after a reconnect the first book is the one from before the gap.

Escalation PUB-058 (ts-sdk, issue 285): a client reconnected by itself, what had happened in between was lost,
and nothing said so, so that its book was wrong from then on. Here it is the exchange that hides the gap: the
snapshot of a token that a connection followed when it ended is kept, and the next subscription to it is
answered with that, consistent in itself and with its old hash. Changes that come later are told on top of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.venue.parts import Parts
from harness.venue.snapshots import Snapshots

CASE = "ESC-1058"


class BeforeTheGap(Snapshots):
    """Shows the book that stood when its last follower left."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Any]] = {}

    def left(self, book: dict[str, Any]) -> None:
        self._kept[book["asset_id"]] = book

    def shown(self, book: dict[str, Any]) -> dict[str, Any]:
        return self._kept.pop(book["asset_id"], book)


def apply(parts: Parts) -> Parts:
    """Replace which book a subscription is answered with."""
    return replace(parts, snapshots=BeforeTheGap())
