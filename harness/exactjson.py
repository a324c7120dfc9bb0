"""JSON without floats: integers of any size, every other number a Decimal that keeps its digits."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec

from harness.limits import JSON_DEPTH

_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}

Value = TypeVar("Value", bound=msgspec.Struct)


class TooDeepError(ValueError):
    """Nested deeper than anybody nests JSON; other readers may die of it."""


def loads(text: str | bytes, depth: int = JSON_DEPTH) -> Any:
    """Read one JSON value of at most `depth` levels; numbers become `int` or `Decimal`, never float.

    Raises ValueError where the text is not JSON, TooDeepError where it is nested deeper (the sender's fault).
    """
    if _count(text) > depth:
        _refuse_deep(text, depth)
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def loads_as(kind: type[Value], text: bytes, depth: int = JSON_DEPTH) -> Value | None:
    """Read one JSON object as the fields of a msgspec struct, in which numbers are as `loads` gives them.

    None where it is none, or is nested deeper: `loads` can tell why. Strict: a field of another type, one
    that the struct does not know or that is missing is none.
    """
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind, float_hook=Decimal)
    if text.count(b"{") + text.count(b"[") > depth:
        return None
    try:
        found: Value = decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found


def _count(text: str | bytes) -> int:
    if isinstance(text, str):
        return text.count("[") + text.count("{")
    return text.count(b"[") + text.count(b"{")


def _refuse_deep(text: str | bytes, limit: int) -> None:
    """Refuse what is nested deeper than anybody nests JSON.

    The decoder itself stops at Python's recursion limit, which libraries raise (py_ecc to 100,000, at which
    nested brackets end the process).
    """
    depth = 0
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    for token in _TOKENS.finditer(raw):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            if depth > limit:
                raise TooDeepError(f"JSON is nested too deeply: more than {limit} levels")
        elif first in b"]}":
            depth -= 1


def dumps(value: Any) -> str:
    """Write a JSON value compactly, in the order of its keys; Decimals as numbers, digit for digit."""
    return _encoder.encode(value).decode()


def canonical(value: Any) -> str:
    """Write a JSON value with sorted keys, so that equal values give equal text."""
    return _sorted_encoder.encode(value).decode()
