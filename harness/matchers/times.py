"""The judges of `$time` and `$age`: moments against moments, and how old a timestamp was when it came.

`{$time}`: a timestamp in any form. `{$time: {$gte: X, $lt: Y}}`: compared with moments in any of those forms,
as they are written, in whole nanoseconds. `{$age: {$lte: 2s}}`: arrival less timestamp. A timestamp in whole
seconds stands for that whole second, so that its age is an interval: a bound holds only where all of the
interval keeps it. An age below zero by more than the timestamp's last digit is a failure of its own: it is
from the future. Where nobody knows when the value came, `$age` fails and says so.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from harness.matchers.expectation import Difference, Expectation, Literal, Matchers, Test
from harness.matchers.judges import Judge, Matching, no, value_of
from harness.matchers.stamps import Stamp, stamp_of
from harness.references import duration_us

# Each ordering: the comparison, and whether the value must lie above the bound.
_HOLDS: Final[dict[str, tuple[Callable[[int, int], bool], bool]]] = {
    "$gt": (operator.gt, True),
    "$gte": (operator.ge, True),
    "$lt": (operator.lt, False),
    "$lte": (operator.le, False),
}
_SHOWN_AS_RANGE_NS: Final = 1_000_000
_MICROSECOND_NS: Final = 1_000


def _bounds(test: Test) -> list[tuple[str, Expectation]]:
    """The bounds of all orderings, each with its word; `$between` is a `$gte` and a `$lte`."""
    found: list[tuple[str, Expectation]] = []
    inner = test.operands[0] if test.operands else None
    for each in inner.tests if isinstance(inner, Matchers) else ():
        words = ("$gte", "$lte") if each.word == "$between" else (each.word,)
        found += zip(words, each.operands, strict=True)
    return found


def _time(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    stamp = stamp_of(actual)
    if isinstance(stamp, str):
        return no(test, actual, path, stamp)
    for word, operand in _bounds(test):
        bound = stamp_of(value_of(matching, operand))
        if isinstance(bound, str):
            return no(test, actual, path, f"a bound cannot be used: it is {bound}")
        holds, above = _HOLDS[word]
        if not holds(stamp.ns, bound.ns):
            return no(test, actual, path, _apart(stamp, bound, above))
    return []


def _apart(stamp: Stamp, bound: Stamp, above: bool) -> str:
    by_ns = abs(stamp.ns - bound.ns)
    if not by_ns:
        return f"{stamp} is the bound itself"
    coarse = (
        ", and it is written in whole seconds" if stamp.step_ns > by_ns and stamp.step_ns >= 10**9 else ""
    )
    return f"{stamp} is {_seconds(by_ns)} too {'early' if above else 'late'}{coarse}"


def _age(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    stamp = stamp_of(actual)
    if isinstance(stamp, str):
        return no(test, actual, path, stamp)
    if matching.arrived_us is None:
        return no(test, actual, path, "nobody knows when this came, so its age cannot be judged here")
    oldest_ns = matching.arrived_us * _MICROSECOND_NS - stamp.ns
    if -oldest_ns > max(stamp.step_ns, _MICROSECOND_NS):
        return no(test, actual, path, f"it is from the future by {_seconds(-oldest_ns)}")
    youngest_ns = max(oldest_ns - stamp.step_ns + 1, 0)
    oldest_ns = max(oldest_ns, 0)
    for word, operand in _bounds(test):
        bound_us = _duration_us(matching, operand)
        if bound_us is None:
            return no(test, actual, path, "a bound is no time")
        holds, above = _HOLDS[word]
        kept = [holds(each, bound_us * _MICROSECOND_NS) for each in (youngest_ns, oldest_ns)]
        if not all(kept):
            return no(test, actual, path, _aged(youngest_ns, oldest_ns, stamp.step_ns, any(kept), above))
    return []


def _duration_us(matching: Matching, operand: Expectation) -> int | None:
    value = value_of(matching, operand)
    if isinstance(operand, Literal) and isinstance(value, int):
        return value
    try:
        return duration_us(value)
    except ValueError:
        return None


def _aged(youngest_ns: int, oldest_ns: int, step_ns: int, undecided: bool, above: bool) -> str:
    if undecided or step_ns > _SHOWN_AS_RANGE_NS:
        # The youngest age is shown as the end that it never quite reaches, without its nines.
        told = f"it was {_seconds(max(oldest_ns - step_ns, 0))} to {_seconds(oldest_ns)} old"
    else:
        told = f"it was {_seconds(oldest_ns)} old"
    if undecided:
        return f"{told}, as it is written in steps of {_seconds(step_ns)}: the bound lies between"
    return f"{told}: too {'young' if above else 'old'}"


def _seconds(ns: int) -> str:
    return format(Decimal(ns).scaleb(-9).normalize(), "f") + "s"


TIMES: Final[dict[str, Judge]] = {"$time": _time, "$age": _age}
