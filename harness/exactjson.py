"""JSON without floats: integers of any size, every other number a Decimal that keeps its digits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def loads(text: str | bytes) -> Any:
    """Read one JSON value; numbers become `int` or `Decimal`, never float.

    Raises ValueError where the text is not JSON (the sender's fault).
    """
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def dumps(value: Any) -> str:
    """Write a JSON value compactly, in the order of its keys; Decimals as numbers, digit for digit."""
    return _encoder.encode(value).decode()


def canonical(value: Any) -> str:
    """Write a JSON value with sorted keys, so that equal values give equal text."""
    return _sorted_encoder.encode(value).decode()
