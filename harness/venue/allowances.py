"""What the exchange says that it may take from an address: the seam for defects."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

from harness.venue.markets import Market
from harness.venue.spenders import required
from harness.wire.ctf import Contracts


class Asset(enum.StrEnum):
    """What an allowance is for, by its name in `asset_type`."""

    COLLATERAL = "COLLATERAL"
    CONDITIONAL = "CONDITIONAL"


class Allowances:
    """The healthy exchange keeps none of its own."""

    def told(self, owner: str, asset: Asset, spender: str, on_chain: int) -> int:
        """The allowance of a spender that counts, in base units: what the chain says at its newest block."""
        return on_chain

    def needed(self, market: Market, contracts: Contracts) -> Sequence[str]:
        """The spenders that an order on a market is judged by, its exchange first."""
        return required(market, contracts)

    def shortest(self, allowances: Mapping[str, int], amount: int) -> tuple[str, int]:
        """Of the spenders that an order needs, the exchange first, the one that it is judged by and named
        with: the first that may take too little, with what it may take."""
        for spender, allowance in allowances.items():
            if allowance < amount:
                return spender, allowance
        return next(iter(allowances.items()))

    def listed(self, spenders: Sequence[str]) -> Sequence[str]:
        """The spenders of whom /balance-allowance tells: all that a market of some kind needs."""
        return spenders
