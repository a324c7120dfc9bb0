"""Amounts as the wire writes them: base units inside, plain decimal text outside."""

from __future__ import annotations

from decimal import Decimal

from harness.wire.clob import BASE_UNITS


def human(base_units: int) -> str:
    """Base units of 6 decimals as decimal text without trailing zeros: 2500000 is `2.5`."""
    whole, part = divmod(base_units, BASE_UNITS)
    return f"{whole}.{part:06d}".rstrip("0").rstrip(".")


def plain(value: Decimal) -> str:
    """A price as decimal text without exponent or trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def base_units(text: object) -> int:
    """Decimal text as base units. Raises ValueError where it is not a plain amount of at most 6 decimals."""
    if isinstance(text, str) and len(text) <= 40:
        whole, point, part = text.partition(".")
        if text.isascii() and whole.isdigit() and len(part) <= 6 and (part.isdigit() or not point):
            return int(whole) * BASE_UNITS + int(part.ljust(6, "0"))
    raise ValueError(f"{text!r} is not an amount: write it as a text of digits with at most 6 decimals")
