"""Whom a trader must have approved: the contracts that take pUSD and shares, by the kind of market.

Sources: CLOB docs (contracts, wallets and approvals); the neg-risk pair as customers report it (PUB-145).
"""

from __future__ import annotations

from harness.venue.markets import Market
from harness.wire.ctf import Contracts


def exchange_of(market: Market | None, contracts: Contracts) -> str:
    """The exchange contract that settles a market's trades, and in whose domain its orders are signed."""
    neg_risk = market is not None and market.neg_risk
    return contracts.neg_risk_exchange if neg_risk else contracts.exchange


def required(market: Market, contracts: Contracts) -> tuple[str, ...]:
    """Who must be approved for a market, for pUSD to buy and for shares to sell; its exchange first."""
    if market.neg_risk:
        return contracts.neg_risk_exchange, contracts.neg_risk_adapter
    return (contracts.exchange,)


def every(contracts: Contracts) -> tuple[str, ...]:
    """Who must be approved for markets of all kinds."""
    return contracts.exchange, contracts.neg_risk_exchange, contracts.neg_risk_adapter
