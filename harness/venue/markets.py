"""The listed markets: one binary condition each, two tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from eth_hash.auto import keccak

from harness.venue.terms import Fee, Terms, known_tick
from harness.wire.ctf import (
    Contracts,
    collection_id,
    condition_id,
    neg_risk_market_id,
    neg_risk_question_id,
    position_id,
)

OUTCOMES: Final = ("Yes", "No")


@dataclass(frozen=True, slots=True)
class Event:
    """A neg-risk event: markets of which one at most ends with yes. `id` is the `neg_risk_market_id`."""

    id: str
    metadata: bytes


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
    event: Event | None = None
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
    def neg_risk(self) -> bool:
        """Whether it is one question of a neg-risk event."""
        return self.event is not None

    @property
    def resolved(self) -> bool:
        """Whether it is over."""
        return self.winner is not None

    @property
    def taker_bps(self) -> int:
        """The taker's fee rate in bps; 0 where there is none."""
        return 0 if self.fee is None else self.fee.base_bps

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
        number, contracts = self._drawn + 1, self._contracts
        event = self._event_of(terms, number)
        if event is None:
            question = "0x" + keccak(f"venue question {number}".encode()).hex()
            oracle, backing = self._oracle, contracts.usdce
        else:
            question = neg_risk_question_id(event.id, sum(1 for _ in self.of_event(event)))
            oracle, backing = contracts.neg_risk_adapter, contracts.wrapped
        condition = condition_id(oracle, question)
        yes, no = (position_id(backing, collection_id(condition, mask)) for mask in (1, 2))
        self._drawn = number
        symbol = f"MARKET-{number}"
        return Market(
            condition=condition,
            question_id=question,
            yes=yes,
            no=no,
            tick=terms.tick,
            min_size=terms.min_size,
            oracle=oracle,
            symbol=symbol,
            event=event,
            fee=terms.fee,
            delay_ms=terms.delay_ms,
            seconds_delay=terms.seconds_delay,
            question=terms.question or symbol,
            slug=terms.slug or symbol.lower(),
        )

    def _event_of(self, terms: Terms, number: int) -> Event | None:
        if not terms.neg_risk:
            return None
        if not terms.event:
            metadata = f"venue event {number}".encode()
            return Event(neg_risk_market_id(self._oracle, 0, metadata), metadata)
        for market in self._by_condition.values():
            if market.event is not None and market.event.id == terms.event.lower():
                return market.event
        raise ValueError(f"event {terms.event!r} is none: name the neg_risk_market_id of a listed market")

    def of_event(self, event: Event) -> Iterator[Market]:
        """The listed markets of a neg-risk event."""
        return (market for market in self._by_condition.values() if market.event == event)

    def winner_beside(self, market: Market) -> Market | None:
        """Which other market of the same neg-risk event has ended with yes, if any."""
        beside = self.of_event(market.event) if market.event is not None else iter(())
        return next((other for other in beside if other.winner == other.yes), None)

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
