"""ESC-1134: a redemption of a neg-risk position succeeds on chain and does nothing.

Escalation PUB-134 (neg-risk-ctf-adapter, issue 39): three kinds of call were mined with status 1, and neither
shares nor dollars moved. A position of a neg-risk market is redeemed at the neg-risk adapter, any other at
ConditionalTokens, where the same call for a neg-risk condition succeeds and pays 0; clients choose by
`negativeRisk` of the data host. Here the data host forgets it once the market is resolved.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.indexing import Indexing
from harness.venue.parts import Parts

CASE = "ESC-1134"


class ForgetfulOfKind(Indexing):
    """Takes every resolved market for a standard one."""

    def negative_risk(self, listed: bool, resolved: bool) -> bool:
        return listed and not resolved


def apply(parts: Parts) -> Parts:
    """Replace how the data host tells positions."""
    return replace(parts, indexing=ForgetfulOfKind())
