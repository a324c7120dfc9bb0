"""ESC-1118: an order is reported matched in full, and its settlement never comes.

Escalation PUB-118 (py-clob-client-v2, issue 34): after the V2 cut-over customers saw orders MATCHED with
`size_matched` equal to the size, a transaction hash, and no tokens. Here the settlement is sent with the
taker's amount in whole units instead of base units, so that the exchange contract reverts
(MakingGtRemaining), and the settler overlooks the failed receipt: the trade stays MATCHED for ever, without a
MINED, RETRYING or FAILED event, and what it promised stays reserved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.venue.parts import Parts
from harness.venue.records import Trade
from harness.venue.settlement import Outcome, Settlement
from harness.wire.clob import BASE_UNITS

CASE = "ESC-1118"


class WholeUnits(Settlement):
    """Settles in whole units and takes a failed receipt for none."""

    def taker_fill_amount(self, trade: Trade) -> int:
        return super().taker_fill_amount(trade) // BASE_UNITS

    def outcome(self, receipt: dict[str, Any]) -> Outcome:
        healthy = super().outcome(receipt)
        return Outcome.OVERLOOKED if healthy is Outcome.REVERTED else healthy


def apply(parts: Parts) -> Parts:
    """Replace how matches are settled."""
    return replace(parts, settlement=WholeUnits())
