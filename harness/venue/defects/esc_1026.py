"""ESC-1026: a GTD order without an expiration is accepted and rests for ever.

Escalation PUB-026 (rs-clob-client-v2, pull request 115): the client signed and posted good-till-date orders
with expiration 0. Here the exchange takes 0 for "none", as with the other order types, and never cancels such
an order. Any other expiration that is too near is refused as it should be.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.intake import Intake
from harness.venue.parts import Parts
from harness.wire.clob import PostedOrder

CASE = "ESC-1026"


class NoneIsFine(Intake):
    """Lets a good-till-date order state no date."""

    def check_expiration(self, posted: PostedOrder, now_s: int) -> None:
        if posted.order.expiration_s != 0:
            super().check_expiration(posted, now_s)


def apply(parts: Parts) -> Parts:
    """Replace which expirations are accepted."""
    return replace(parts, intake=NoneIsFine())
