"""The listed markets: one binary condition each, two tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from eth_hash.auto import keccak

from harness.venue.terms import Fee, Terms, known_tick
from harness.wire.ctf import Contracts, collection_id, condition_id, position_id

OUTCOMES: Final = ("Yes", "No")


@dataclass(frozen=True, slots=True)
class Market:
    """One market. `yes` and `no` are its token ids; `min_size` is in base units.

    `winner` is the token that pays once the market is resolved; until then it takes orders,
    unless it is not `accepting` any yet.
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
    neg_risk: bool = False
    fee: Fee | None = None
    delay_ms: int = 0
    seconds_delay: int = 0
    question: str = ""
    slug: str = ""
    accepting: bool = True

    def __post_init__(self) -> None:
        known_tick(str(self.tick))

    def with_tick(self, tick: str) -> Market:
        """The same market with another tick. Raises ValueError for one that the wire does not know."""
        return replace(self, tick=known_tick(tick))

    @property
    def tokens(self) -> tuple[int, int]:
        """Both token ids: Yes, No."""
        return self.yes, self.no

    @property
    def takes_orders(self) -> bool:
        """Whether new orders are taken: it is ready, and not over."""
        return self.accepting and not self.resolved

    @property
    def resolved(self) -> bool:
        """Whether it is over."""
        return self.winner is not None

    def other(self, token: int) -> int:
        """The other one of the two tokens."""
        return self.no if token == self.yes else self.yes

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

    def draw(self, terms: Terms) -> Market:
        """A new market of a kind, not yet listed. Raises ValueError for one that cannot be had here."""
        if terms.neg_risk:
            raise ValueError("neg_risk markets are not there yet: leave neg_risk out")
        number = self._drawn + 1
        question = "0x" + keccak(f"venue question {number}".encode()).hex()
        condition = condition_id(self._oracle, question)
        yes, no = (position_id(self._contracts.usdce, collection_id(condition, mask)) for mask in (1, 2))
        self._drawn = number
        symbol = f"MARKET-{number}"
        return Market(
            condition=condition,
            question_id=question,
            yes=yes,
            no=no,
            tick=terms.tick,
            min_size=terms.min_size,
            oracle=self._oracle,
            symbol=symbol,
            neg_risk=terms.neg_risk,
            fee=terms.fee,
            delay_ms=terms.delay_ms,
            seconds_delay=terms.seconds_delay,
            question=terms.question or symbol,
            slug=terms.slug or symbol.lower(),
        )

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
