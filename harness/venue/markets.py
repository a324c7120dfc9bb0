"""The listed markets: one binary condition each, two tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from eth_hash.auto import keccak

from harness.wire.clob import BASE_UNITS
from harness.wire.ctf import Contracts, collection_id, condition_id, position_id

TICKS: Final = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")
MIN_SIZE: Final = 5 * BASE_UNITS  # CLOB docs, orders: a resting order has five shares or more
OUTCOMES: Final = ("Yes", "No")


@dataclass(frozen=True, slots=True)
class Market:
    """One market. `yes` and `no` are its token ids; `min_size` is in base units.

    `winner` is the token that pays once the market is resolved; until then it takes orders.
    """

    condition: str
    question_id: str
    yes: int
    no: int
    tick: Decimal
    min_size: int
    oracle: str
    symbol: str
    winner: int | None = None

    def __post_init__(self) -> None:
        if str(self.tick) not in TICKS:
            raise ValueError(f"tick {self.tick} is not one of {', '.join(TICKS)}")

    def with_tick(self, tick: str) -> Market:
        """The same market with another tick. Raises ValueError for one that the wire does not know."""
        if tick not in TICKS:
            raise ValueError(f"tick {tick!r} is not one of {', '.join(TICKS)}")
        return replace(self, tick=Decimal(tick))

    @property
    def resolved(self) -> bool:
        """Whether it is over."""
        return self.winner is not None

    def outcome(self, token: int) -> str:
        """The outcome's name of one of the two tokens."""
        return OUTCOMES[0 if token == self.yes else 1]


def token_of(text: str) -> int | None:
    """A token id as the wire writes it, in decimal digits; None where the text is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 78 else None


class Markets:
    """All markets, by condition and by token."""

    def __init__(self, oracle: str, contracts: Contracts) -> None:
        self._oracle = oracle
        self._contracts = contracts
        self._by_condition: dict[str, Market] = {}
        self._by_token: dict[int, Market] = {}
        self._listed_ticks: dict[int, Decimal] = {}
        self._drawn = 0

    def draw(self, tick: str) -> Market:
        """A new market, not yet listed. Raises ValueError for a tick that the wire does not know."""
        number = self._drawn + 1
        question = "0x" + keccak(f"venue question {number}".encode()).hex()
        condition = condition_id(self._oracle, question)
        yes, no = (position_id(self._contracts.usdce, collection_id(condition, mask)) for mask in (1, 2))
        if tick not in TICKS:
            raise ValueError(f"tick {tick!r} is not one of {', '.join(TICKS)}")
        self._drawn = number
        symbol = f"MARKET-{number}"
        return Market(condition, question, yes, no, Decimal(tick), MIN_SIZE, self._oracle, symbol)

    def list(self, market: Market) -> None:
        """Open a market for orders."""
        self._by_condition[market.condition] = market
        for token in (market.yes, market.no):
            self._by_token[token] = market
            self._listed_ticks.setdefault(token, market.tick)

    def by_condition(self, condition: str) -> Market | None:
        """The market of a condition id, in any case of letters."""
        return self._by_condition.get(condition.lower())

    def by_token(self, token: int) -> Market | None:
        """The market that a token belongs to."""
        return self._by_token.get(token)

    def of_token(self, token: int) -> Market:
        """The market of a listed token. Raises KeyError for another token."""
        return self._by_token[token]

    def listed_tick(self, token: int) -> Decimal:
        """The tick that a token's market had when it was listed. Raises KeyError for another token."""
        return self._listed_ticks[token]

    def __iter__(self) -> Iterator[Market]:
        return iter(self._by_condition.values())
