"""ESC-1066: the maker's side is told inverted when orders of YES and NO meet.

Escalation PUB-066 (nautilus_trader, issue 3126): a BUY of YES met a BUY of NO, and the maker's BUY was booked
as a SELL, on the stream and later in reports read over REST, because the maker was taken to go the other way
than the taker. Here the exchange takes it so: of a mint or a merge, `maker_orders` tell the side opposite to
the taker's, with the maker's own token and price. Direct matches and the chain tell the truth.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.book import other
from harness.venue.parts import Parts
from harness.venue.records import Fill
from harness.venue.views import MakerLegs
from harness.wire.clob import Side

CASE = "ESC-1066"


class OppositeOfTaker(MakerLegs):
    """Takes every maker to go the other way than the taker."""

    def side(self, fill: Fill) -> Side:
        return other(fill.maker.side) if fill.crossed else fill.maker.side


def apply(parts: Parts) -> Parts:
    """Replace how a maker's part is told."""
    return replace(parts, maker_legs=OppositeOfTaker())
