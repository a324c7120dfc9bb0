"""ESC-1035: an order of a market with a delay that meets nothing after it never ends.

Escalation PUB-035 (ts-sdk, pull request 264): in markets with a matching delay the answer has no fills and no
trade ids, and code that waited for the end of the order knew no UNMATCHED and polled to its deadline. Here
the end is never told: a FOK or FAK that meets too little when its wait is over stays DELAYED, without an
event, and what it would have spent stays held. Orders that are matched or rest after their wait do as they
should.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.delays import TakerDelay
from harness.venue.parts import Parts
from harness.venue.records import BookOrder

CASE = "ESC-1035"


class Endless(TakerDelay):
    """Forgets the orders that met nothing."""

    def ends(self, order: BookOrder) -> bool:
        return False


def apply(parts: Parts) -> Parts:
    """Replace what becomes of orders that met nothing after their wait."""
    return replace(parts, taker_delay=Endless())
