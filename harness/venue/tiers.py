"""The volume tiers of the trading rate limits (CLOB docs, trading rate limits), as a table."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final


@dataclass(frozen=True, slots=True)
class Tier:
    """What a signer may do: tokens a second and tokens at once, for orders and for cancels.

    `owes` says whether a cancel-all may take the cancel bucket below zero.
    """

    name: str
    order_rate: int
    order_burst: int
    cancel_rate: int
    cancel_burst: int
    owes: bool

    def __post_init__(self) -> None:
        if min(self.order_rate, self.order_burst, self.cancel_rate, self.cancel_burst) < 1:
            raise ValueError(f"tier {self.name} has a rate or a burst below one token")

    def scaled(self, scale: Fraction) -> Tier:
        """The tier with every number multiplied and cut to whole tokens, one at the least."""

        def of(number: int) -> int:
            return max(1, int(number * scale))

        rates = of(self.order_rate), of(self.order_burst), of(self.cancel_rate), of(self.cancel_burst)
        return Tier(self.name, *rates, owes=self.owes)


STANDARD: Final = Tier("Standard", 40, 60, 80, 120, owes=True)
TIERS: Final = {
    tier.name.lower(): tier
    for tier in (
        STANDARD,
        Tier("Copper", 60, 90, 120, 180, owes=True),
        Tier("Bronze", 80, 120, 160, 240, owes=True),
        Tier("Silver", 200, 300, 400, 600, owes=True),
        Tier("Gold", 400, 600, 800, 1200, owes=True),
        Tier("Platinum", 450, 675, 900, 1350, owes=False),
        Tier("Diamond", 525, 787, 1050, 1575, owes=False),
        Tier("Elite", 600, 900, 1200, 1800, owes=False),
    )
}
"""By name in small letters."""
