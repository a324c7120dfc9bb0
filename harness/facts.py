"""What a run starts from. The same values stand in the cassette's header and are read back in replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Where the contracts are, and the block from which the run's events count.

    `backing` is the token that positions are made of and redeemed in, `neg_risk_exchange` where markets of
    that kind are settled; "" in cassettes that do not say.
    """

    chain_id: int
    exchange: str
    ctf: str
    collateral: str
    from_block: int
    backing: str = ""
    neg_risk_exchange: str = ""

    @property
    def exchanges(self) -> tuple[str, ...]:
        """The contracts that settle matches."""
        return tuple(filter(None, (self.exchange, self.neg_risk_exchange)))

    @property
    def contracts(self) -> dict[str, str]:
        """The contracts' addresses by the names that a case uses."""
        named = {
            "exchange": self.exchange,
            "ctf": self.ctf,
            "collateral": self.collateral,
            "backing": self.backing,
            "neg_risk_exchange": self.neg_risk_exchange,
        }
        return {name: address for name, address in named.items() if address}


@dataclass(frozen=True, slots=True)
class Facts:
    """Seed, wall time of the start (unix microseconds), and what actors and chain are.

    `skew_us` is how far the target's clock is before ours.
    """

    seed: int
    started_wall_us: int
    actors: Mapping[str, Mapping[str, Any]]
    chain: ChainFacts
    skew_us: int = 0

    def as_inputs(self) -> dict[str, Any]:
        """Actors and chain as they stand in a cassette's header."""
        return {
            "actors": {name: dict(held) for name, held in self.actors.items()},
            "chain": asdict(self.chain),
            "skew_us": self.skew_us,
        }

    @classmethod
    def from_inputs(cls, seed: int, started_wall_us: int, inputs: Mapping[str, Any]) -> Facts:
        """Read them back. Raises KeyError or TypeError where the header lacks some (the cassette's fault)."""
        chain = ChainFacts(**inputs["chain"])
        return cls(seed, started_wall_us, inputs["actors"], chain, inputs.get("skew_us", 0))
