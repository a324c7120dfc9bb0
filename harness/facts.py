"""What a run starts from. The same values stand in the cassette's header and are read back in replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """Where the contracts are, and the block from which the run's events count."""

    chain_id: int
    exchange: str
    ctf: str
    collateral: str
    from_block: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Seed, wall time of the start (unix microseconds), and what actors and chain are."""

    seed: int
    started_wall_us: int
    actors: Mapping[str, Mapping[str, Any]]
    chain: ChainFacts

    def as_inputs(self) -> dict[str, Any]:
        """Actors and chain as they stand in a cassette's header."""
        return {
            "actors": {name: dict(held) for name, held in self.actors.items()},
            "chain": asdict(self.chain),
        }

    @classmethod
    def from_inputs(cls, seed: int, started_wall_us: int, inputs: Mapping[str, Any]) -> Facts:
        """Read them back. Raises KeyError or TypeError where the header lacks some (the cassette's fault)."""
        return cls(seed, started_wall_us, inputs["actors"], ChainFacts(**inputs["chain"]))
