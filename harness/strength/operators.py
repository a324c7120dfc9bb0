"""What can be wrong with one value: a unit too much or too little, another value, another type, gone.

Deterministic, and few for each value: a mutant more that no other would miss costs a replay and tells
nothing. Money is `Decimal` or an integer of base units; a unit is that of the value's last digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from harness.strength.atoms import GONE, Atom

UP: Final = "one unit more"
DOWN: Final = "one unit less"
OTHER: Final = "another value"
RETYPED: Final = "another type"
DROPPED: Final = "dropped"
NULL: Final = "null"
STATUS: Final = "wrong status"
ITEM_DROPPED: Final = "an item dropped"
ITEM_DOUBLED: Final = "an item doubled"
ITEM_ADDED: Final = "an item too many"
DOUBLED: Final = "doubled"
ADDED: Final = "put in"
MESSAGE: Final = "another message"

BY_VALUE: Final = (UP, DOWN, OTHER, DROPPED, NULL, ITEM_DROPPED, ITEM_DOUBLED, ITEM_ADDED, DOUBLED)
"""What means something to who reads a value whatever type it has on the wire."""

_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_HEX: Final = re.compile(r"0x[0-9a-fA-F]+")


def faults(atom: Atom) -> Iterator[tuple[str, Any]]:
    """The operators that fit an atom, each with the value that it gives."""
    value = atom.value
    match atom.kind:
        case "status":
            yield from ((STATUS, status) for status in (200, 400, 500) if status != value)
        case "text":
            yield from _text(value)
            yield DROPPED, GONE
        case "message":
            yield MESSAGE, "0" if value != "0" else "1"
        case "amount":
            yield UP, value + 1
            if value:
                yield DOWN, value - 1
        case "name":
            yield OTHER, value ^ 1
        case "receipt":
            yield DROPPED, None
        case "log":
            yield DROPPED, GONE
            yield DOUBLED, [value, {**value, "logIndex": hex(int(value["logIndex"], 16) + 1000)}]
        case _:
            yield from _json(value)
            yield DROPPED, GONE


def _json(value: Any) -> Iterator[tuple[str, Any]]:
    if value is None:
        yield OTHER, "x"
        return
    if isinstance(value, bool):
        yield OTHER, not value
        yield RETYPED, "true" if value else "false"
    elif isinstance(value, int | Decimal):
        yield from _numbers(Decimal(value))
        yield RETYPED, f"{Decimal(value):f}"
    elif isinstance(value, str):
        yield from _text(value)
        if _DECIMAL.fullmatch(value):
            yield RETYPED, Decimal(value)
    elif isinstance(value, list | Mapping):
        yield from _items(value) if isinstance(value, list) else ()
        yield RETYPED, 1
    yield NULL, None


def _items(value: list[Any]) -> Iterator[tuple[str, Any]]:
    if not value:
        yield ITEM_ADDED, ["x"]
        return
    yield ITEM_DROPPED, value[1:]
    yield ITEM_DOUBLED, [value[0], *value]
    if len(value) > 1:
        yield ITEM_DROPPED, value[:-1]


def _text(text: str) -> Iterator[tuple[str, str]]:
    """Text that is a number goes a unit up and down; any other becomes a like one, by its last letter."""
    if _DECIMAL.fullmatch(text):
        for operator, number in _numbers(Decimal(text)):
            yield operator, f"{number:f}"
    elif _HEX.fullmatch(text):
        yield OTHER, text[:-1] + ("1" if text[-1] != "1" else "2")
    else:
        yield OTHER, _like(text)


def _numbers(number: Decimal) -> Iterator[tuple[str, Decimal]]:
    exponent = number.as_tuple().exponent
    unit = Decimal((0, (1,), exponent if isinstance(exponent, int) else 0))
    yield UP, number + unit
    if number > 0:
        yield DOWN, number - unit


def _like(text: str) -> str:
    """A text of the same length in which every word is another: letters move on by one, digits too."""
    return "".join(_next(letter) for letter in text) if text else "x"


def _next(letter: str) -> str:
    for first, last in ("az", "AZ", "09"):
        if first <= letter <= last:
            return first if letter == last else chr(ord(letter) + 1)
    return letter
