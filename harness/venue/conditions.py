"""Conditions on chain: they are prepared for a market, and answered when it is resolved.

A standard market's is the operator's own; a neg-risk market's belongs to the neg-risk adapter, which the
operator tells, as the oracle of the event that the market is one question of.
"""

from __future__ import annotations

from typing import Final

from harness.venue.chain import Call, Chain
from harness.venue.markets import Market

_NO_FEE_BIPS: Final = 0


async def prepare(chain: Chain, market: Market) -> None:
    """Prepare a market's condition of two outcomes; with the first of an event, the event too."""
    operator, contracts, question = chain.operator, chain.contracts, _raw(market.question_id)
    if market.event is None:
        arguments = (operator, question, 2)
        signature = "prepareCondition(address,bytes32,uint256)"
        await chain.transact(Call(operator, contracts.ctf, signature, arguments))
        return
    calls = []
    if market.question_id == market.event.id:  # the first question's index is 0
        begin = (_NO_FEE_BIPS, market.event.metadata)
        calls.append(Call(operator, contracts.neg_risk_adapter, "prepareMarket(uint256,bytes)", begin))
    ask = (_raw(market.event.id), market.question.encode())
    calls.append(Call(operator, contracts.neg_risk_adapter, "prepareQuestion(bytes32,bytes)", ask))
    await chain.transact(*calls)


async def report(chain: Chain, market: Market, *, yes: bool) -> int:
    """Answer a market's condition; returns the block."""
    operator, contracts, question = chain.operator, chain.contracts, _raw(market.question_id)
    if market.event is None:
        arguments = (question, [int(yes), int(not yes)])
        return await chain.transact(
            Call(operator, contracts.ctf, "reportPayouts(bytes32,uint256[])", arguments)
        )
    signature = "reportOutcome(bytes32,bool)"
    return await chain.transact(Call(operator, contracts.neg_risk_adapter, signature, (question, yes)))


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])
