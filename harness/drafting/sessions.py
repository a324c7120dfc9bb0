"""FIX sessions of a ticket: which are drop copies, and which belong to one customer.

A session that sends an order is order entry. One that sends none is a drop copy where its CompIDs say so
(`FIRM_DC`), or where it is told of orders that another session sent. Sessions belong to one customer where
his CompIDs are alike but for such words and their numbers, or where one is told of the other's very orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.drafting.fixseen import fix_message
from harness.drafting.talk import Stream
from harness.evidence.ticket.clues import FIX
from harness.model import Kind

_OF_ENTRY: Final = frozenset({"OE", "ORD", "ORDER", "ORDERS", "ENTRY", "TRADE", "TRADING"})
_OF_COPY: Final = frozenset({"DC", "DROP", "COPY", "DROPCOPY"})
_PLACES: Final = frozenset(
    ("NewOrderSingle", "OrderCancelRequest", "OrderCancelReplaceRequest", "OrderMassCancelRequest")
)


@dataclass(frozen=True, slots=True)
class Seat:
    """One FIX session as the case names it: whose it is, its channel, and what of that was guessed."""

    channel: str
    actor: str
    is_copy: bool = False
    guess: str = ""
    declared: bool = False
    """Whether the case must declare the channel: every case has one `oe` and one `dc` by itself."""

    @property
    def source(self) -> str:
        """How its events are filed: `fix.oe`."""
        return f"fix.{self.channel}"

    @property
    def words(self) -> dict[str, Any]:
        """How a step of it begins."""
        return {"fix": self.channel, "as": self.actor}


@dataclass(frozen=True, slots=True)
class Firm:
    """A FIX session of the evidence: its connection, the customer behind it in no words of the case's."""

    connection: str
    customer: str
    is_copy: bool
    guess: str = ""
    accounts: Set[str] = frozenset()
    """What its reports call the account (1), in small letters."""


def firms_of(streams: Sequence[Stream]) -> list[Firm]:
    """The FIX sessions of a ticket, in its order."""
    said = [_Said.of(stream) for stream in streams if stream.channel == FIX]
    return [_firm(one, [other for other in said if other is not one]) for one in said]


def seats_of(firms: Sequence[Firm], actors: Mapping[str, str]) -> dict[str, Seat]:
    """A seat for each session, by its connection; `actors` are the case's names of customers."""
    seats: dict[str, Seat] = {}
    for firm in firms:
        actor, profile = actors[firm.customer], "dc" if firm.is_copy else "oe"
        taken = {(seat.channel, seat.actor) for seat in seats.values()}
        seat = Seat(profile, actor, firm.is_copy, firm.guess)
        if (profile, actor) in taken:
            used = {channel for channel, _ in taken}
            free = next(name for n in range(2, 1_000) if (name := f"{profile}{n}") not in used)
            seat = replace(seat, channel=free, declared=True)
        seats[firm.connection] = seat
    return seats


@dataclass(frozen=True, slots=True)
class _Said:
    """What a session's messages say of what it is for."""

    connection: str
    places: bool
    mine: Set[str]
    """The ClOrdIDs that it sent."""
    named: Set[str]
    """The ClOrdIDs of the reports that it was sent."""
    orders: Set[str]
    """Their OrderIDs."""
    accounts: Set[str]

    @classmethod
    def of(cls, stream: Stream) -> _Said:
        messages = list(_messages(stream))
        sent = [(name, held) for kind, name, held in messages if kind is Kind.SEND]
        came = [held for kind, name, held in messages if kind is not Kind.SEND and name == "ExecutionReport"]
        places = any(name in _PLACES for name, _ in sent)
        mine = _values("ClOrdID", (held for _, held in sent))
        accounts = {account.lower() for account in _values("Account", came)}
        named, orders = _values("ClOrdID", came), _values("OrderID", came)
        return cls(stream.name, places, mine, named, orders, accounts)

    def is_copied_by(self, other: _Said) -> bool:
        """Whether another session is told of this one's orders; a ClOrdID is the customer's own number, so
        it says something only between sessions of one customer."""
        alike = self.customer == other.customer and bool(self.mine & other.named)
        return self.places and (alike or bool(self.orders & other.orders))

    @property
    def comp_ids(self) -> tuple[list[str], list[str]]:
        """The words of our CompID and of theirs."""
        ours, _, theirs = self.connection.partition("->")
        return _words(ours), _words(theirs)

    @property
    def customer(self) -> str:
        """Our CompID without the words that say what the session is for."""
        ours, _ = self.comp_ids
        kept = [word for word in ours if word.rstrip("0123456789") not in _OF_ENTRY | _OF_COPY]
        return " ".join(kept) or self.connection

    @property
    def calls_itself_copy(self) -> bool:
        ours, theirs = self.comp_ids
        return any(word.rstrip("0123456789") in _OF_COPY for word in (*ours, *theirs))


def _firm(one: _Said, others: Sequence[_Said]) -> Firm:
    plain = Firm(one.connection, one.customer, is_copy=False, accounts=one.accounts)
    if one.places:
        return plain
    source = next((other for other in others if other.is_copied_by(one)), None)
    if source is not None:
        guess = "a drop copy: it sends no orders, and is told of another session's"
        return replace(plain, customer=source.customer, is_copy=True, guess=guess)
    if one.calls_itself_copy:
        return replace(plain, is_copy=True, guess="a drop copy: so its CompIDs say")
    return plain


def _messages(stream: Stream) -> Iterator[tuple[Kind, str, Mapping[str, Any]]]:
    for each in stream.placed:
        message = fix_message(each)
        if message is not None:
            yield each.clue.kind, *message


def _values(field: str, messages: Iterable[Mapping[str, Any]]) -> Set[str]:
    return {held[field] for held in messages if isinstance(held.get(field), str)}


def _words(comp_id: str) -> list[str]:
    return [word for word in re.split(r"[^0-9A-Z]+", comp_id.upper()) if word]
