"""ESC-1049: a neg-risk order is refused for want of an approval of a contract that was retired.

Escalation PUB-049 (py-sdk, issue 305): two months after an adapter was retired the official set-up approved
it no longer, and the exchange still asked for it: a wallet that was told to be fully approved could not
trade. Here neg-risk orders are judged by an adapter of an earlier generation as well, and /balance-allowance
lists it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from harness.venue.allowances import Allowances
from harness.venue.markets import Market
from harness.venue.parts import Parts
from harness.wire.ctf import Contracts

CASE = "ESC-1049"

RETIRED: Final = "0xAdA200001000ef00D07553cEE7006808F895c6F1"
"""The neg-risk adapter of the earlier generation, as many programs still have it. No contract is there."""


class AskingForTheRetired(Allowances):
    """Never took the retired adapter out of the list."""

    def needed(self, market: Market, contracts: Contracts) -> Sequence[str]:
        needed = super().needed(market, contracts)
        return [*needed, RETIRED] if market.neg_risk else needed

    def listed(self, spenders: Sequence[str]) -> Sequence[str]:
        return [*spenders, RETIRED]


def apply(parts: Parts) -> Parts:
    """Replace whom a neg-risk trader must have approved."""
    return replace(parts, allowances=AskingForTheRetired())
