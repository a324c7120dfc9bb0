"""Who acted and on what: accounts and markets by the ids in the evidence, and the references to them.

An account is known by its API key, its address, and the wallet that its orders name; a market by its
condition and its two tokens. What of it is a guess says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from harness.drafting.fixseen import symbols_in
from harness.drafting.sessions import Firm, Seat, firms_of, seats_of
from harness.drafting.talk import Exchange, Stream, Talk
from harness.drafting.telling import (
    NO_TOKEN,
    facts_of,
    facts_of_stream,
    is_untold_order,
    listed_tokens,
    named_by,
    names_in,
    orders_of,
    tokens_of,
)
from harness.evidence.ticket.clues import FIX
from harness.wire import ctf
from harness.wire.ctf import CONTRACTS_137

_NAMES: Final = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")
_WALLETS: Final = {0: "eoa", 1: "proxy", 2: "safe", 3: "deposit"}
_FUNDERS: Final = {"eoa": "address", "proxy": "proxy", "safe": "safe", "deposit": "deposit_wallet"}
_OUTCOMES: Final = ("yes", "no")
_FEW_TOKENS: Final = 8
"""Of a subscription: what names more is a list of markets, and stays as it is."""
IDS: Final = re.compile(r"0x[0-9a-fA-F]{40,64}|[0-9]{60,78}")
"""What in a text is an id: an address, a hash, a token."""


@dataclass(slots=True)
class Person:
    """One account of the evidence, and what the case calls it."""

    name: str
    facts: dict[str, str] = field(default_factory=dict)
    wallet: str = "eoa"
    held: dict[str, Decimal] = field(default_factory=dict)
    """What the chain held for it before the evidence, where that was looked up: collateral, shares."""


@dataclass(slots=True)
class MarketSeen:
    """One market of the evidence. Either token may be unknown."""

    name: str
    facts: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Each token with the outcome that the exchange told of it, in small letters, or ""."""
    tick: str = "0.01"
    neg_risk: bool = False
    guesses: list[str] = field(default_factory=list)

    @property
    def outcomes(self) -> list[str]:
        """Which of its tokens are known: `yes`, `no`."""
        return [part for part in _OUTCOMES if part in self.facts]

    def name_tokens(self) -> None:
        """Say which token is `yes` and which `no`; where nobody told it, the first that came up is `yes`."""
        for token, outcome in self.tokens.items():
            if outcome in _OUTCOMES:
                self.facts.setdefault(outcome, token)
        for token in self.tokens:
            free = next((part for part in _OUTCOMES if part not in self.facts), None)
            if token not in self.facts.values() and free is not None:
                self.facts[free] = token
                self.guesses.append(f"nothing says the outcome of its token; it is taken for {free!r}")


class People:
    """The accounts and markets of a ticket, and the reference for each id of theirs."""

    def __init__(self, talk: Talk) -> None:
        self._free = [name for name in _NAMES if name not in names_in(talk)]
        self.persons: list[Person] = []
        self.markets: list[MarketSeen] = []
        self._taken_for = False
        exchanges = sorted((*talk.exchanges, *talk.quiet), key=lambda each: each.send.at_us)
        streams = talk.streams
        for each in exchanges:
            self._meet(each)
        for stream in streams:
            if stream.channel not in ("ws.market", FIX):
                self.owner_of(stream)
        firms = firms_of(streams)
        self.seats: dict[str, Seat] = seats_of(firms, self._customers(firms))
        subscribed: list[Any] = []
        for fact in (*map(facts_of, exchanges), *map(facts_of_stream, streams)):
            for message in fact:
                self._see_market(message)
                if "assets_ids" in message:
                    subscribed.append(message["assets_ids"])
        for each in exchanges:
            for order in orders_of(each):
                self._see_token(str(order.get("tokenId", "")))
        for each in exchanges:
            self._see_token(dict(each.query).get("token_id", ""))
            self._see_kind(each)
        tokens = dict(row for each in exchanges for row in tokens_of(each))
        symbols = [row for stream in streams for row in symbols_in(stream, tokens)]
        for symbol, outcome, token in sorted(symbols, key=lambda row: not row[2]):
            self._see_symbol(symbol, outcome, token)
        for named in subscribed:
            self._see_subscription(named)
        for market in self.markets:
            market.name_tokens()
        if any(map(is_untold_order, talk.exchanges)) and not any(each.outcomes for each in self.markets):
            market = self.markets[0] if self.markets else self._new_market()
            market.facts["yes"] = NO_TOKEN
            market.guesses.append("nothing says the token of its orders; all are taken for one")
        if not self.persons:
            self.persons.append(Person(self._free_name()))

    def of(self, each: Exchange) -> Person:
        """Whose request this was; the first account's where it does not say."""
        named = named_by(each)
        for person in self.persons:
            if named and set(named.values()) & set(person.facts.values()):
                return person
        return self.persons[0]

    def owner_of(self, stream: Stream) -> Person:
        """Whose stream this is: by the API key of its subscription."""
        for message in facts_of_stream(stream):
            auth = message.get("auth")
            if isinstance(auth, Mapping) and isinstance(auth.get("apiKey"), str):
                return self._person({"api_key": auth["apiKey"]})
        return self.persons[0] if self.persons else self._person({})

    def holder(self, address: str) -> Person | None:
        """Whose money an address holds; None where it is nobody's, or only signs for a wallet."""
        for person in self.persons:
            if person.facts.get(_FUNDERS[person.wallet], "").lower() == address.lower():
                return person
        return None

    def unnamed(self, address: str) -> Person | None:
        """Takes an address for the account of somebody of whom nothing is known; None where all are known."""
        known = [each for each in self.persons if each.facts]
        if known and not self._taken_for:
            return None
        person = self.persons[0] if not known else Person(self._free_name())
        person.facts["address"] = ctf.checksum_address(address)
        self._taken_for = True
        if person not in self.persons:
            self.persons.append(person)
        return person

    def seat_of(self, stream: Stream) -> Seat:
        """The FIX session that a stream is."""
        return self.seats[stream.name]

    def is_copy(self, stream: Stream) -> bool:
        """Whether a stream is a drop copy: it is told of what others do."""
        return stream.channel == FIX and self.seats[stream.name].is_copy

    def _customers(self, firms: Iterable[Firm]) -> dict[str, str]:
        """The actor behind each customer of FIX sessions: whose account they name, else the first who acts
        elsewhere and is nobody's yet."""
        known: dict[str, str] = {}
        accounts: dict[str, set[str]] = {}
        for firm in firms:
            accounts.setdefault(firm.customer, set()).update(firm.accounts)
        for customer, named in accounts.items():
            if (person := self._holder(named)) is not None:
                known[customer] = person.name
        for customer in accounts:
            if customer not in known:
                free = (each for each in self.persons if each.name not in known.values())
                person = next(free, None) or self._person({})
                known[customer] = person.name
        return known

    def _holder(self, accounts: Set[str]) -> Person | None:
        held = ((each, {fact.lower() for fact in each.facts.values()}) for each in self.persons)
        return next((each for each, facts in held if facts & accounts), None)

    def reference(self, value: str) -> str | None:
        """The reference for an id, whole: `${alice.address}`, `${market.yes}`; None where it is nobody's."""
        for person in self.persons:
            for part, fact in person.facts.items():
                if fact.lower() == value.lower() and part != "api_key":
                    return f"${{{person.name}.{part}}}"
        for market in self.markets:
            for part, fact in market.facts.items():
                if fact.lower() == value.lower():
                    return f"${{{market.name}.{part}}}"
        return None

    def exchange_of(self, token: str) -> str:
        """The contract for which an order of this token is signed."""
        market = self._market_of(token)
        neg_risk = market is not None and market.neg_risk
        return CONTRACTS_137.neg_risk_exchange if neg_risk else CONTRACTS_137.exchange

    def tick_of(self, token: str) -> Decimal:
        """The tick of a token's market, as far as it is told."""
        market = self._market_of(token)
        return Decimal(market.tick if market is not None else "0.01")

    def within(self, text: str) -> str:
        """A text with the ids in it replaced by their references."""
        return IDS.sub(lambda found: self.reference(found[0]) or found[0], text)

    def _meet(self, each: Exchange) -> None:
        named = named_by(each)
        if not named:
            return
        person = self._person(named)
        for order in orders_of(each):
            if order.get("signatureType") in _WALLETS:
                person.wallet = _WALLETS[order["signatureType"]]
                if person.wallet != "eoa":
                    person.facts[_FUNDERS[person.wallet]] = str(order.get("maker", ""))

    def _person(self, facts: Mapping[str, str]) -> Person:
        for person in self.persons:
            if set(facts.values()) & set(person.facts.values()):
                person.facts.update({part: facts[part] for part in facts if part not in person.facts})
                return person
        person = Person(self._free_name(), dict(facts))
        self.persons.append(person)
        return person

    def _free_name(self) -> str:
        return self._free.pop(0) if self._free else f"actor{len(self.persons) + 1}"

    def _see_market(self, message: Mapping[str, Any]) -> None:
        condition = message.get("market") or message.get("condition_id")
        token = str(message.get("asset_id") or "")
        if not isinstance(condition, str) or not condition.startswith("0x"):
            return
        market = next((each for each in self.markets if each.facts.get("condition") == condition), None)
        if market is None:
            owner = self._market_of(token) if token else None
            market = owner if owner is not None and "condition" not in owner.facts else self._new_market()
            market.facts["condition"] = condition
        for placed, outcome in ((token, message.get("outcome")), *listed_tokens(message)):
            if placed:
                self._place_token(placed, str(outcome or ""), market)
        tick = message.get("tick_size") or message.get("minimum_tick_size")
        if tick is not None:
            market.tick = str(tick)
        market.neg_risk = market.neg_risk or message.get("neg_risk") is True

    def _see_kind(self, each: Exchange) -> None:
        """What `/neg-risk` and `/tick-size` answered of a token's market."""
        market = self._market_of(dict(each.query).get("token_id", ""))
        if market is not None and isinstance(each.came, Mapping) and not each.wrong:
            market.neg_risk = market.neg_risk or each.came.get("neg_risk") is True
            market.tick = str(each.came.get("minimum_tick_size", market.tick))

    def _see_symbol(self, symbol: str, outcome: str, token: str) -> None:
        """A market as FIX names it: by its symbol, and by the token that a report tells."""
        known = (each for each in self.markets if each.facts.get("symbol") == symbol)
        market = next(known, None) or (self._market_of(token) if token else None) or self._new_market()
        market.facts["symbol"] = symbol
        if token:
            self._place_token(token, outcome, market)

    def _see_subscription(self, tokens: Any) -> None:
        """Tokens that a subscription names and nothing else does: two of them are taken for one market's."""
        named = [each for each in tokens if isinstance(each, str)] if isinstance(tokens, list) else []
        if len(named) > _FEW_TOKENS:
            return
        for token in named:
            beside = (self._market_of(other) for other in named if len(named) == len(_OUTCOMES))
            market = next((each for each in beside if each and len(each.tokens) < len(_OUTCOMES)), None)
            if self._market_of(token) is None:
                self._place_token(token, "", market or self._new_market())

    def _see_token(self, token: str) -> None:
        if token and self._market_of(token) is None:
            self._place_token(token, "", self._new_market())

    def _place_token(self, token: str, outcome: str, market: MarketSeen) -> None:
        if outcome or token not in market.tokens:
            market.tokens[token] = outcome.lower()

    def _market_of(self, token: str) -> MarketSeen | None:
        return next((each for each in self.markets if token in each.tokens), None)

    def _new_market(self) -> MarketSeen:
        count = len(self.markets)
        market = MarketSeen("market" if not count else f"market{count + 1}")
        self.markets.append(market)
        return market
