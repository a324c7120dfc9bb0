"""How the data host reads the chain, block by block: the seam for defects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.venue.chain import Head

NOBODY: Final = "0x" + "0" * 40


@dataclass(frozen=True, slots=True)
class Movement:
    """Shares of one token that went from one address to another, in base units; `NOBODY` mints and burns."""

    token: int
    source: str
    target: str
    shares: int

    def __post_init__(self) -> None:
        if self.shares < 0:
            raise ValueError(f"{self.shares} shares moved: a movement has none or more")


@dataclass(frozen=True, slots=True)
class Payout:
    """A condition's answer: what each outcome pays, as parts of their sum."""

    condition: str
    numerators: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IndexedBlock:
    """One block and what was taken in of it."""

    head: Head
    movements: tuple[Movement, ...] = ()
    payouts: tuple[Payout, ...] = ()


class Indexing:
    """The healthy rules: every movement counts, and what was orphaned is undone."""

    def counts(self, movement: Movement) -> bool:
        """Whether a movement changes what its parties hold."""
        return True

    def negative_risk(self, listed: bool, resolved: bool) -> bool:
        """Whether a position is told to be redeemed at the neg-risk adapter: as its market is listed."""
        return listed

    def undone(self, orphaned: Sequence[IndexedBlock]) -> Sequence[IndexedBlock]:
        """Which of the blocks that left the chain are taken back, before those of the new branch count."""
        return orphaned
