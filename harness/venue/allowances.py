"""What the exchange says that it may take from an address: the seam for defects."""

from __future__ import annotations

import enum


class Asset(enum.StrEnum):
    """What an allowance is for, by its name in `asset_type`."""

    COLLATERAL = "COLLATERAL"
    CONDITIONAL = "CONDITIONAL"


class Allowances:
    """The healthy exchange keeps none of its own."""

    def told(self, owner: str, asset: Asset, on_chain: int) -> int:
        """The allowance that counts, in base units: what the chain says at its newest block."""
        return on_chain
