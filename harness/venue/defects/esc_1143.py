"""ESC-1143: a settlement that the node took with an error is sent a second time, and moves the money twice.

Escalation PUB-143 (bor, issue 324): a node answered the first submission of a transaction with `replacement
transaction underpriced`, and mined it. Here the exchange believes its node: it sends the settlement again as
a new transaction without looking for the first one. Where both orders have something left on chain (a buyer
whose limit was far above the price that it paid) the contract takes both.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.chain import Call, Chain
from harness.venue.faults import VenueError
from harness.venue.parts import Parts
from harness.venue.settlement import Settlement, submitted

CASE = "ESC-1143"


class SentAgain(Settlement):
    """Takes an error for a refusal."""

    async def submit(self, chain: Chain, call: Call, gas: int, before: str) -> str:
        async with chain.sending:
            try:
                return await submitted(chain, call, gas)
            except VenueError:
                return await submitted(chain, call, gas)


def apply(parts: Parts) -> Parts:
    """Replace how settlements are handed to the node."""
    return replace(parts, settlement=SentAgain())
