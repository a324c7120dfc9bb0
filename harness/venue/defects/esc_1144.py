"""ESC-1144: a position stays redeemable after it was redeemed.

Escalation PUB-144 (okx plugin-store, pull request 218; PUB-133, polymarket-cli, issue 46): the data API said
`redeemable` after the redemption, and the next run redeemed the same position again. Here the data host
overlooks burns: after redeemPositions it goes on serving the position with its size and `redeemable`, while
balanceOf is 0.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.indexing import NOBODY, Indexing, Movement
from harness.venue.parts import Parts

CASE = "ESC-1144"


class OverlookingBurns(Indexing):
    """Counts what is minted and what changes hands, and no more."""

    def counts(self, movement: Movement) -> bool:
        return movement.target != NOBODY


def apply(parts: Parts) -> Parts:
    """Replace how the data host reads the chain."""
    return replace(parts, indexing=OverlookingBurns())
