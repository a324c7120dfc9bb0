"""ESC-1145: a neg-risk order is refused for an allowance that nobody names.

Escalation PUB-145 (okx plugin-store, pull request 151): the exchange was approved and neg-risk buys were
refused, because the adapter must be approved, too. Here /balance-allowance leaves the adapter out, and a
refusal that is the adapter's names the exchange, which may take everything, with the adapter's
allowance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.venue.allowances import Allowances
from harness.venue.parts import Parts
from harness.wire.ctf import CONTRACTS_137

CASE = "ESC-1145"


class SilentOnTheAdapter(Allowances):
    """Judges by every spender and speaks of the exchanges only."""

    def shortest(self, allowances: Mapping[str, int], amount: int) -> tuple[str, int]:
        _, allowance = super().shortest(allowances, amount)
        return next(iter(allowances)), allowance

    def listed(self, spenders: Sequence[str]) -> Sequence[str]:
        return [spender for spender in spenders if spender != CONTRACTS_137.neg_risk_adapter]


def apply(parts: Parts) -> Parts:
    """Replace what is said of allowances."""
    return replace(parts, allowances=SilentOnTheAdapter())
