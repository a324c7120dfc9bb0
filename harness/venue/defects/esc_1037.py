"""ESC-1037: an order on a neg-risk market is refused as wrongly signed.

Escalation PUB-037 (py-clob-client, issue 79): the same program trades on ordinary markets, and on a neg-risk
market it is answered 400 `invalid signature`. Most often a client signs for the wrong contract then. Here it
is the exchange that reads every signature in the ordinary exchange's domain: what is signed for the neg-risk
exchange, as it must be, recovers somebody else.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.intake import Intake
from harness.venue.markets import Market
from harness.venue.parts import Parts
from harness.wire.ctf import Contracts

CASE = "ESC-1037"


class OneDomain(Intake):
    """Reads all signatures in one domain."""

    def domain(self, market: Market | None, contracts: Contracts) -> str:
        return contracts.exchange


def apply(parts: Parts) -> Parts:
    """Replace in which domain orders are read."""
    return replace(parts, intake=OneDomain())
