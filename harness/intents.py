"""Intents: what a step sends, as values, and how two of them differ.

An intent is what replay compares, so it is built the same way live and in replay and holds nothing that a
signer or a library adds: signatures stand as `SIGNED` on both sides, and times come from the step's mark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from harness import exactjson
from harness.redact import alike
from harness.wire import amounts, clob, wallets

SIGNED: Final = "«signed»"
UNTOLD: Final = "«untold»"
"""Stands in evidence for a body that it does not hold: any fits."""
ANSWER_UNTOLD: Final = "answer_untold"
"""Marks a customer's send of which the evidence holds no answer: that is neither refused nor left silent."""
_ABSENT: Final = "nothing"
_SALT_BITS: Final = 52  # a JSON number that JavaScript clients and double-precision parsers keep exact


@dataclass(frozen=True, slots=True)
class Inputs:
    """Keyed inputs: every generated value is a function of seed, step, round and name, never of order."""

    seed: int

    def number(self, step: str, round: int, name: str, bits: int) -> int:
        """An integer of at most `bits` bits for this key."""
        return int.from_bytes(self._digest(step, round, name)) >> (256 - bits)

    def uid(self, step: str, round: int, count: int) -> str:
        """The value of the `count`-th `${uid}` of a step: 20 letters and digits, new at each use."""
        return "u" + self._digest(step, round, f"uid:{count}").hex()[:19]

    def _digest(self, step: str, round: int, name: str) -> bytes:
        key = exactjson.canonical([self.seed, step, round, name])
        return hashlib.sha256(key.encode()).digest()


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What an `order:` says, resolved: token id, side, price in human units, order type, and how much.

    `size` is shares of a limit order; `amount`, instead of it, is what a market order gives: collateral of a
    BUY, shares of a SELL, and `price` is then its worst. Raises ValueError for both or neither.
    """

    token: int
    side: clob.Side
    price: Decimal
    size: Decimal | None
    order_type: str
    post_only: bool = False
    expiration_s: int = 0
    amount: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.size is None) == (self.amount is None):
            raise ValueError("an order has either a size (shares) or an amount (what it gives): say one")


def order_json(
    terms: OrderTerms,
    *,
    facts: Mapping[str, str],
    salt: int,
    timestamp_ms: int,
    tick: Decimal | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of POST /order for these terms, signature masked (CLOB docs, orders; EIP-712 Order V2).

    `facts` are those of the account that signs: its address, API key, kind of wallet and funder (an account
    without the latter two trades from its own address). `tick`, the market's, rounds a market order.
    `overrides` replace fields of the order by their wire names before it is signed, whatever they then mean.
    Raises ValueError naming what cannot be encoded (the author's fault).
    """
    kind, owner = facts.get("wallet", "eoa"), facts["address"]
    maker = facts.get("funder", owner)
    maker_amount, taker_amount = _amounts(terms, tick)
    order = clob.Order(
        salt=salt,
        maker=maker,
        signer=maker if kind == "deposit" else owner,
        token_id=terms.token,
        maker_amount=maker_amount,
        taker_amount=taker_amount,
        side=terms.side,
        signature_type=wallets.KINDS[kind],
        timestamp_ms=timestamp_ms,
        expiration_s=terms.expiration_s,
    )

    def body_of(order: clob.Order) -> dict[str, Any]:
        return clob.order_body(
            order,
            signature=SIGNED,
            owner=facts["api_key"],
            order_type=terms.order_type,
            post_only=terms.post_only,
        )

    body = body_of(order)
    return body_of(_overridden(body, overrides)) if overrides else body


def _amounts(terms: OrderTerms, tick: Decimal | None) -> tuple[int, int]:
    if terms.amount is not None:
        return amounts.market_amounts(terms.side, terms.price, terms.amount, tick)
    assert terms.size is not None  # OrderTerms holds one of the two
    return amounts.limit_amounts(terms.side, terms.price, terms.size)


def _overridden(body: Mapping[str, Any], overrides: Mapping[str, Any]) -> clob.Order:
    """The order with some fields replaced; a number stands for its text where the wire has a text."""
    fields = {name: value for name, value in body["order"].items() if name != "signature"}
    if unknown := sorted(set(overrides) - set(fields)):
        raise ValueError(
            f"{', '.join(unknown)} is not signed: before signing, set one of {', '.join(fields)}"
        )
    for name, value in overrides.items():
        number = isinstance(value, int) and not isinstance(value, bool)
        fields[name] = str(value) if number and isinstance(fields[name], str) else value
    return clob.parse_order({**body, "order": {**fields, "signature": SIGNED}}).order


def order_salt(inputs: Inputs, step: str, round: int, name: str = "salt") -> int:
    """The salt of a step's order; `name` tells several orders of one step apart."""
    return inputs.number(step, round, name, _SALT_BITS)


def differences(recorded: Any, sent: Any, path: str = "$") -> tuple[str, ...]:
    """How an intent differs from the recorded one, a line each: the path and both values."""
    try:
        if exactjson.canonical(recorded) == exactjson.canonical(sent):
            return ()
    except (TypeError, ValueError, OverflowError):  # a value that JSON does not have: told below
        pass
    return _differences(recorded, sent, path)


def _differences(recorded: Any, sent: Any, path: str) -> tuple[str, ...]:
    if isinstance(recorded, Mapping) and isinstance(sent, Mapping):
        lines: list[str] = []
        for key in [*recorded, *(key for key in sent if key not in recorded)]:
            old, new = recorded.get(key, _Missing), sent.get(key, _Missing)
            lines.extend(_differences(old, new, f"{path}.{key}"))
        return tuple(lines)
    if _is_list(recorded) and _is_list(sent):
        size = max(len(recorded), len(sent))
        pairs = zip(_padded(recorded, size), _padded(sent, size), strict=True)
        return tuple(
            line for at, (old, new) in enumerate(pairs) for line in _differences(old, new, f"{path}[{at}]")
        )
    if _kind(recorded) == _kind(sent) and (recorded == sent or alike(recorded, sent)):
        return ()
    return (f"{path}: recorded {_shown(recorded)}, the case sends {_shown(sent)}",)


class _Missing:
    """Stands where one side has nothing."""


def _padded(items: Sequence[Any], size: int) -> list[Any]:
    return [*items, *[_Missing] * (size - len(items))]


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | Decimal) else type(value).__name__


def _shown(value: Any) -> str:
    return _ABSENT if value is _Missing else exactjson.dumps(value)
