"""Orders of a ticket in the case's words: price and size, or amount and worst price of a market order.

The words are right only where they build the amounts that the customer sent, to the last unit; where none
do, the amounts stand as they were sent (`set`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from harness.drafting.people import People, Person
from harness.intents import SIGNED
from harness.wire import amounts, clob

_UNITS: Final = Decimal(1_000_000)
_CENT: Final = Decimal("0.01")
_MOST_PLACES: Final = 6
_AT_ONCE: Final = ("FOK", "FAK")
_TOLD_OVER: Final = "its amounts are no price times size: they are set as the customer sent them"
_TOLD_WORST: Final = "its price is the worst that gives its amounts; the customer may have said another"


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a request places: its body as recorded, its words in the case, its ids, what was guessed."""

    recorded: Any
    words: Mapping[str, Any]
    derived: Mapping[str, Any]
    guesses: tuple[str, ...] = ()


def one_order(body: Any, person: Person, people: People) -> Ordered | None:
    """An order of POST /order. None where it cannot be read as one: then it stays the JSON that it is."""
    read = _read(body, person, people)
    if read is None:
        return None
    recorded, words, over, order_id, guesses = read
    said = {"order": words, **({"set": over} if over else {})}
    return Ordered(recorded, said, {"order_id": order_id}, guesses)


def several_orders(body: Any, person: Person, people: People) -> Ordered | None:
    """The orders of POST /orders; None where one of them needs more than words of its own."""
    if not isinstance(body, Sequence) or isinstance(body, str) or not body:
        return None
    reads = [_read(each, person, people) for each in body]
    if not all(read is not None and not read[2] for read in reads):
        return None
    rows = [read for read in reads if read is not None]
    guesses = dict.fromkeys(guess for row in rows for guess in row[4])
    return Ordered(
        [row[0] for row in rows],
        {"orders": [row[1] for row in rows]},
        {"order_ids": [row[3] for row in rows]},
        tuple(guesses),
    )


_Read = tuple[dict[str, Any], dict[str, Any], dict[str, str], str, tuple[str, ...]]


def _read(body: Any, person: Person, people: People) -> _Read | None:
    """An order's body as recorded, its words, what `set` must keep, its id, what was guessed."""
    try:
        posted = clob.parse_order(body)
    except (ValueError, KeyError, TypeError):
        return None
    order = posted.order
    if not order.maker_amount or not order.taker_amount:
        return None
    token = str(order.token_id)
    words: dict[str, Any] = {"token": people.reference(token) or token, "side": order.side.name}
    terms, over, guesses = _terms(order, posted.order_type, people.tick_of(token))
    words |= {**terms, "type": posted.order_type}
    if order.expiration_s:
        words["expiration"] = order.expiration_s
    if posted.post_only:
        words["post_only"] = True
    recorded = clob.order_body(
        order,
        signature=SIGNED,
        owner=posted.owner or person.facts.setdefault("api_key", _key_of(person)),
        order_type=posted.order_type,
        post_only=posted.post_only,
    )
    person.facts.setdefault("address", order.signer if order.signature_type != 3 else "")
    order_id = clob.order_id(order, chain_id=137, exchange=people.exchange_of(token))
    return recorded, words, over, order_id, guesses


def _key_of(person: Person) -> str:
    """Stands for the API key of an account of which the evidence tells none."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, person.name))


def _terms(
    order: clob.Order, order_type: str, tick: Decimal
) -> tuple[dict[str, Decimal], dict[str, str], tuple[str, ...]]:
    """Price and size, or price and amount, of an order; and its amounts where no such words give them."""
    sent = order.maker_amount, order.taker_amount
    given, got = (Decimal(amount) / _UNITS for amount in sent)
    paid, shares = (given, got) if order.side is clob.Side.BUY else (got, given)
    for price in _prices(paid, shares):
        if _fits(sent, lambda price=price: amounts.limit_amounts(order.side, price, shares)):
            return {"price": price, "size": _short(shares)}, {}, ()
    if order_type in _AT_ONCE:
        near = (paid / shares).quantize(tick)
        for price in (near, near - tick, near + tick):
            if _fits(sent, lambda price=price: amounts.market_amounts(order.side, price, given, tick)):
                return {"price": _short(price), "amount": _short(given)}, {}, (_TOLD_WORST,)
    words = {"price": (paid / shares).quantize(_CENT), "size": max(shares.quantize(_CENT), _CENT)}
    over = {"makerAmount": str(order.maker_amount), "takerAmount": str(order.taker_amount)}
    return words, over, (_TOLD_OVER,)


def _prices(paid: Decimal, shares: Decimal) -> list[Decimal]:
    """The price of what was paid, with as few digits as give it back; at most six."""
    rounded = [(paid / shares).quantize(Decimal(1).scaleb(-places)) for places in range(1, _MOST_PLACES + 1)]
    return [price for price in rounded if price and price * shares == paid][:1]


def _fits(sent: tuple[int, int], build: Any) -> bool:
    try:
        return bool(build() == sent)
    except ValueError:
        return False


def _short(value: Decimal) -> Decimal:
    return value.normalize() + 0
