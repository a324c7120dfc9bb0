"""The judges of `$gt` and its like: numbers against bounds, and times against durations."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from harness.matchers import show
from harness.matchers.expectation import Difference, Expectation, Matchers, Test
from harness.matchers.judges import Judge, Matching, no, value_of
from harness.matchers.numbers import decimal_of, number_of
from harness.references import duration_us

_HOLDS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def _bound(matching: Matching, test: Test, operand: Expectation) -> int | Decimal | None:
    value = value_of(matching, operand)
    if test.constant == "us" and isinstance(value, str):
        try:
            return duration_us(value)
        except ValueError:
            return None
    return decimal_of(value)


def ordering(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    """Judge `$gt $gte $lt $lte` and `$between` (both ends belong to it)."""
    found = number_of(actual)
    if found is None:
        if decimal_of(actual) is not None:
            why = f"the wire type is text: use $decimal: {{{show.test(test)}}}"
            return no(test, actual, path, why)
        return no(test, actual, path, f"{show.kind(actual)}, not a number")
    bounds = [_bound(matching, test, operand) for operand in test.operands]
    for word, bound in zip(("$gte", "$lte") if len(bounds) == 2 else (test.word,), bounds, strict=True):
        if bound is None:
            return no(test, actual, path, "a bound is no " + ("time" if test.constant == "us" else "number"))
        if not _HOLDS[word](found, bound):
            return _outside(test, found, bound, path)
    return []


def _outside(test: Test, found: int | Decimal, bound: int | Decimal, path: str) -> list[Difference]:
    side = "the bound itself" if found == bound else "too small" if found < bound else "too large"
    shown = show.number(found)
    if test.constant == "us" and isinstance(found, int):
        shown = show.duration(found)
        side = {"too small": "too short", "too large": "too long"}.get(side, side)
    return [Difference(path, "{" + show.test(test) + "}", shown, side)]


ORDERINGS: Final[dict[str, Judge]] = dict.fromkeys((*_HOLDS, "$between"), ordering)
