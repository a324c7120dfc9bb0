"""ESC-1142: balances are read from a node that is behind, after the transaction was confirmed.

Escalation PUB-142 (ithaca relay, issue 1214; PUB-141 tells the same of a wallet): on Polygon an `eth_call`
behind a confirmed transaction was answered from the state before it, and what was built on the answer
failed. Here the exchange reads balances from a node that is twelve blocks behind: a deposit with several
confirmations is not there, neither in `/balance-allowance` nor for an order, and money that left is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.venue.nodereads import NodeReads
from harness.venue.parts import Parts

CASE = "ESC-1142"

BEHIND: Final = 12
_FIRST: Final = 1  # the contracts stand from there on


class Behind(NodeReads):
    """Asks a node that lags."""

    def as_of(self, newest: int) -> int:
        return max(newest - BEHIND, min(newest, _FIRST))


def apply(parts: Parts) -> Parts:
    """Replace as of which block balances are read."""
    return replace(parts, node_reads=Behind())
