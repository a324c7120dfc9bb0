"""ESC-1141: a settlement right behind another one is given a number that is used up, and fails.

Escalation PUB-141 (ambire-common, pull request 2646): the second of two quick transactions of a Safe failed
(GS013), because a node that was behind still told the nonce from before the first, and it healed by itself.
Here the exchange asks a node that is sixty-four blocks behind for its operator's nonce: the settlement of the
match behind another one is refused by the chain as `nonce too low`, three times at once, and its trade is
FAILED though nothing is wrong with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.venue.chain import Call, Chain
from harness.venue.parts import Parts
from harness.venue.settlement import Settlement, submitted

CASE = "ESC-1141"

BEHIND: Final = 64
_FIRST: Final = 1  # the contracts stand from there on


class OldNonce(Settlement):
    """Numbers its transactions by what a node says that lags."""

    async def submit(self, chain: Chain, call: Call, gas: int, before: str) -> str:
        async with chain.sending:
            newest = await chain.block_number()
            as_of = max(newest - BEHIND, min(newest, _FIRST))
            return await submitted(chain, call, gas, await chain.nonce(call.sender, as_of))


def apply(parts: Parts) -> Parts:
    """Replace how settlements are handed to the node."""
    return replace(parts, settlement=OldNonce())
