"""Whose wallet and which assets: the actor's address that holds the money, and the tokens of the markets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.checks.movements import COLLATERAL
from harness.references import MissingPartError
from harness.scope import Look


@dataclass(frozen=True, slots=True)
class Purses:
    """A wallet's address, the tokens of the case's markets by id, their names, and their FIX symbols."""

    address: str
    names: Mapping[str, str]
    symbols: Mapping[str, str]

    @property
    def tokens(self) -> tuple[str, ...]:
        """The token ids, in order."""
        return tuple(self.names)

    def name(self, asset: str) -> str:
        """What an asset is called: collateral, yes, market.no, or a token's id."""
        return asset if asset == COLLATERAL else self.names.get(asset, f"token {asset}")


def purses_of(look: Look, actor: str) -> Purses:
    """The purses of an actor in a run. Raises MissingPartError where nobody is called so."""
    facts = look.scope.values.get(actor)
    if not isinstance(facts, Mapping):
        raise MissingPartError(f"nobody is called {actor!r}")
    found = list(_markets(look.scope.values))
    names: dict[str, str] = {}
    symbols: dict[str, str] = {}
    for name, market in found:
        for outcome in ("yes", "no"):
            token = str(market[outcome])
            names.setdefault(token, outcome if len(found) == 1 else f"{name}.{outcome}")
            symbols[f"{market.get('symbol')}-{outcome.upper()}"] = token
    return Purses(str(facts.get("funder") or facts["address"]), names, symbols)


def _markets(values: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every saved market, once, with its name: one alone, or one of a list."""
    seen: set[str] = set()
    for name, value in values.items():
        many = isinstance(value, list | tuple)
        for at, each in enumerate(value if many else [value]):
            is_market = isinstance(each, Mapping) and {"condition", "yes", "no"} <= set(each)
            if is_market and str(each["condition"]) not in seen:
                seen.add(str(each["condition"]))
                yield (f"{name}[{at}]" if many else name), each
