"""The hashes that a ticket names, in its texts and in the exchange's own messages, sorted by what they are.

A message says what a hash is by the field in which it stands. What only a text names may be a transaction, an
order's id, a condition: where no message says which, only a node can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness import exactjson
from harness.evidence.ticket.clues import Clue
from harness.evidence.ticket.hashes import Named, is_hash

_TRANSACTIONS: Final = frozenset({"transactionhash", "transactionshashes", "txhash"})
_OTHERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("orderid", "orderids", "orderhash", "takerorderid", "makerorderid"), "an order's id"),
    **dict.fromkeys(("market", "markets", "condition", "conditionid"), "a market's condition"),
    **dict.fromkeys(("questionid", "negriskmarketid"), "a market's question"),
    **dict.fromkeys(("blockhash", "parenthash"), "a block's hash"),
}
_FRAME: Final = ("text", "body")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Hashes to look up, in the order in which they come up, and those that the evidence explains itself."""

    transactions: tuple[Named, ...]
    explained: tuple[tuple[Named, str], ...]


def mentions_of(clues: Iterable[Clue], named: Iterable[Named]) -> Mentions:
    """Sort what texts name and messages tell."""
    transactions: dict[str, Named] = {}
    others: dict[str, str] = {}
    for clue in clues:
        for field, value in _hashes_of(clue):
            if field in _TRANSACTIONS:
                transactions.setdefault(value, Named(value, clue.place))
            elif field in _OTHERS:
                others.setdefault(value, _OTHERS[field])
    explained = []
    for each in named:
        if each.is_address or each.value in transactions:
            continue
        if each.value in others:
            explained.append((each, others[each.value]))
        else:
            transactions[each.value] = each
    return Mentions(tuple(transactions.values()), tuple(explained))


def _hashes_of(clue: Clue) -> Iterator[tuple[str, str]]:
    """Each hash of a message, in small letters, with its field's name without case and separators."""
    wire = clue.data.get("wire", {})
    for name in _FRAME:
        text = wire.get(name)
        if isinstance(text, str) and text[:1] in ("{", "["):
            try:
                yield from _fields("", exactjson.loads(text))
            except ValueError:
                continue


def _fields(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if is_hash(value):
            yield ("orderid" if name == "id" else name), value.lower()
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _fields(key.lower().replace("_", "").replace("-", ""), item)
    elif isinstance(value, list):
        for item in value:
            yield from _fields(name, item)
