"""Equality of plain values, type and all, and in words how two values differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from harness.matchers import show
from harness.matchers.numbers import decimal_of, gap, number_of

_HEX_OF_BYTES: Final = re.compile(r"0[xX](?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})")


def is_hash(value: Any) -> bool:
    """Say whether the value is the text of an address or a hash: 20 or 32 bytes in hex."""
    return isinstance(value, str) and _HEX_OF_BYTES.fullmatch(value) is not None


def same(expected: Any, found: Any) -> bool:
    """Say whether two plain values are equal: numbers by value, hashes by bytes, types kept."""
    if isinstance(expected, str) and isinstance(found, str):
        return expected == found or (is_hash(expected) and expected.lower() == found.lower())
    left, right = number_of(expected), number_of(found)
    if left is not None and right is not None:
        return left == right
    if isinstance(expected, bool) or expected is None:
        return expected is found
    return type(expected) is type(found) and bool(expected == found)


def why_not(expected: Any, found: Any) -> str:
    """Say in words how two values that are not the same differ."""
    left, right = decimal_of(expected), decimal_of(found)
    if left is not None and right is not None and not (isinstance(expected, str) and isinstance(found, str)):
        if isinstance(expected, str) == isinstance(found, str):
            return _apart(left, right)
        wire = "text" if isinstance(found, str) else "a number"
        if left == right:
            return _same_decimals(expected, found, wire)
        return f"the wire type is {wire}, and the values differ"
    if isinstance(expected, str) and isinstance(found, str):
        if left is not None and right is not None and left == right:
            return _same_decimals(expected, found, "text")
        return _texts(expected, found)
    if show.kind(expected) == show.kind(found):
        return "they differ"
    return f"{show.kind(found)}, not {show.kind(expected)}"


def _same_decimals(expected: Any, found: Any, wire: str) -> str:
    both = f"{_bare(expected)} and {_bare(found)}"
    return f"{both} are equal as decimals, but the wire type is {wire}: use $decimal"


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else show.value(value)


def _apart(left: int | Decimal, right: int | Decimal) -> str:
    apart = gap(left, right)
    way = "more" if right > left else "less"
    return f"{show.number(apart)} {way}" if apart is not None else f"far {way}"


def _texts(expected: str, found: str) -> str:
    if expected.lower() == found.lower():
        return "they differ in upper and lower case only"
    if "".join(expected.split()) == "".join(found.split()):
        return "they differ in blanks only"
    shorter = min(len(expected), len(found))
    at = next((index for index in range(shorter) if expected[index] != found[index]), shorter)
    if at >= 8 or (at and at == shorter):
        return f"they differ from character {at + 1} on"
    return "they differ"


def find_key(mapping: Mapping[Any, Any], key: str) -> Any:
    """Give the mapping's own form of the key (an address in any case), or None where it is missing."""
    if key in mapping:
        return key
    if is_hash(key):
        return next((name for name in mapping if isinstance(name, str) and name.lower() == key.lower()), None)
    return None
