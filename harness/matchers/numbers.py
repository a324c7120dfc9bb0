"""Numbers as the wire gives them: which values are numbers, which texts look like one, exact comparison."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, Overflow, Underflow
from typing import Any, Final

_DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][-+]?[0-9]{1,3})?")
_EXACT: Final = Context(prec=1_000, traps=[Inexact, Overflow, Underflow])


def number_of(value: Any) -> int | Decimal | None:
    """Give the value if it is a JSON number (true and false are none), else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return value if isinstance(value, int) else None


def decimal_of(value: Any) -> int | Decimal | None:
    """Give the number that the value is, as a number or as its text, else None."""
    if isinstance(value, str):
        return Decimal(value) if _DECIMAL.fullmatch(value) else None
    return number_of(value)


def gap(left: int | Decimal, right: int | Decimal) -> Decimal | None:
    """Give how far two numbers lie apart, exactly, or None where that cannot be written in 1 000 digits."""
    if (isinstance(left, int) and left.bit_length() > 3_000) or (
        isinstance(right, int) and right.bit_length() > 3_000
    ):
        return None
    try:
        return abs(_EXACT.subtract(Decimal(left), Decimal(right)))
    except (Inexact, Overflow, Underflow):
        return None
