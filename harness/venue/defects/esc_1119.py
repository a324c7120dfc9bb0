"""ESC-1119: a settlement runs out of the operator's fixed gas limit, and all its counterparties fail.

Escalation PUB-119 (py-clob-client-v2, issue 34): the operator sent every `matchOrders` with a gas limit of
1,350,000; in six of six failures that one user traced, a maker's share of the work used it up, the whole
transaction reverted with an empty reason, and the trades of everybody in it were FAILED. There it was a
wallet's receive hook; here it is the number of makers, which a limit that grows with them allows for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.venue.parts import Parts
from harness.venue.records import Trade
from harness.venue.settlement import Settlement

CASE = "ESC-1119"

FIXED_GAS: Final = 1_350_000  # as reported


class FixedGas(Settlement):
    """Settles everything, and again, with the same limit."""

    def gas_limit(self, trade: Trade) -> int:
        return FIXED_GAS


def apply(parts: Parts) -> Parts:
    """Replace how much gas a settlement may use."""
    return replace(parts, settlement=FixedGas())
