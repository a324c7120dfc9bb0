"""Matching: what came against what was expected, as differences; none means that it matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from harness import limits
from harness.matchers import show
from harness.matchers.equality import find_key, is_hash, same, why_not
from harness.matchers.expectation import Bound, Difference, Expectation, Fields, Items, Literal, Matchers
from harness.matchers.judges import SEES_FINDINGS, SEES_MISSING, SINGLE, Judge
from harness.matchers.lists import LISTS
from harness.matchers.marks import MISSING, Finding
from harness.matchers.nearest import nearest
from harness.matchers.numbers import number_of
from harness.matchers.orderings import ORDERINGS
from harness.matchers.times import TIMES
from harness.references import Template

Resolve: TypeAlias = Callable[[Template], Any]

JUDGES: Final[dict[str, Judge]] = {**SINGLE, **ORDERINGS, **TIMES, **LISTS}
_CODES: Final = frozenset({"status", "code"})
"""Keys whose numbers name something: how far apart two of them are says nothing."""
_UNTOLD: Final = Difference("", "", "", "")


def match(
    expectation: Expectation,
    actual: Any,
    resolve: Resolve,
    *,
    arrived_us: int | None = None,
    told: bool = True,
) -> tuple[Difference, ...]:
    """Compare what came with the expectation; an empty tuple says that it matches.

    `actual` is a JSON value (numbers `int` or `Decimal`) or one of the marks; `resolve` gives a template's
    value, and what it raises passes through. `arrived_us` is when `actual` came, in unix
    microseconds on the clock that wrote its timestamps (the caller takes the skew out); without it `$age` is
    a difference. At most `limits.DIFFERENCES` differences come back. Without `told` they say how many there
    are and no more, for whoever only looks whether it matches.
    """
    found = Matching(resolve, arrived_us, told=told).differences(expectation, actual, "")
    return tuple(found[: limits.DIFFERENCES])


class Matching:
    """One comparison; the judges of single matchers come back to it for inner expectations."""

    def __init__(self, resolve: Resolve, arrived_us: int | None = None, *, told: bool = True) -> None:
        self.resolve = resolve
        self.arrived_us = arrived_us
        self.told = told

    def differences(self, expected: Expectation, actual: Any, path: str) -> list[Difference]:
        """Compare one value at a path."""
        if isinstance(expected, Matchers):
            return self._matchers(expected, actual, path)
        if actual is MISSING or isinstance(actual, Finding):
            return [_no_value(path, show.expectation(expected), actual)]
        if isinstance(expected, Literal):
            return self.equal(expected.value, actual, path)
        if isinstance(expected, Bound):
            return self.equal(self.resolve(expected.template), actual, path)
        if isinstance(expected, Fields):
            return self.fields(expected, actual, path)
        return self.items(expected, actual, path)

    def equal(self, expected: Any, actual: Any, path: str, depth: int = 0) -> list[Difference]:
        """Compare with a value, type and all; a reference's mapping needs at least its keys."""
        if depth > limits.VALUE_DEPTH:
            return [Difference(path, "…", "…", f"nested deeper than {limits.VALUE_DEPTH} levels")]
        if isinstance(expected, list | tuple) and isinstance(actual, list | tuple):
            if len(expected) != len(actual):
                return [_lengths(path, show.value(expected), len(expected), actual)]
            both = enumerate(zip(expected, actual, strict=True))
            pairs = [(f"{path}[{index}]", inner, found) for index, (inner, found) in both]
        elif isinstance(expected, Mapping) and isinstance(actual, Mapping) and (expected or not actual):
            pairs = [
                (_under(path, str(key)), inner, actual.get(key, MISSING)) for key, inner in expected.items()
            ]
        elif actual is MISSING:
            return [_no_value(path, show.value(expected), actual)]
        else:
            if same(expected, actual):
                return []
            return [_unequal(path, expected, actual) if self.told else _UNTOLD]
        return [one for where, inner, found in pairs for one in self.equal(inner, found, where, depth + 1)]

    def fields(self, expected: Fields, actual: Any, path: str) -> list[Difference]:
        """Compare with a mapping of at least these keys."""
        if not isinstance(actual, Mapping):
            why = f"{show.kind(actual)}, not a mapping"
            return [Difference(path, show.expectation(expected), show.value(actual), why)]
        found: list[Difference] = []
        for key, inner in expected.entries:
            name = self.name(key)
            own = find_key(actual, name)
            if own is not None:
                found += self.differences(inner, actual[own], _under(path, name))
            elif self.differences(inner, MISSING, _under(path, name)):
                found.append(self._lacking(name, inner, actual, path))
        return found

    def _lacking(self, name: str, inner: Expectation, actual: Mapping[Any, Any], path: str) -> Difference:
        if not self.told:
            return _UNTOLD
        return Difference(_under(path, name), show.expectation(inner), "nothing", _missing(name, actual))

    def name(self, key: str | Template) -> str:
        """Give a key's text."""
        if isinstance(key, str):
            return key
        value = self.resolve(key)
        return value if isinstance(value, str) else show.value(value)

    def items(self, expected: Items, actual: Any, path: str) -> list[Difference]:
        """Compare with a list of equal length, item by item."""
        if not isinstance(actual, list | tuple):
            why = f"{show.kind(actual)}, not a list"
            return [Difference(path, show.expectation(expected), show.value(actual), why)]
        if len(actual) != len(expected.items):
            return [_lengths(path, show.expectation(expected), len(expected.items), actual)]
        pairs = enumerate(zip(expected.items, actual, strict=True))
        return [
            one for index, (inner, item) in pairs for one in self.differences(inner, item, f"{path}[{index}]")
        ]

    def _matchers(self, expected: Matchers, actual: Any, path: str) -> list[Difference]:
        found: list[Difference] = []
        for test in expected.tests:
            blind = (actual is MISSING and test.word not in SEES_MISSING) or (
                isinstance(actual, Finding) and test.word not in SEES_FINDINGS
            )
            if blind:
                return [_no_value(path, show.expectation(expected), actual)]
            found += JUDGES[test.word](self, test, expected, actual, path)
        return found


def _no_value(path: str, expected: str, actual: Any) -> Difference:
    if actual is MISSING:
        return Difference(path, expected, "nothing", "it is missing")
    return Difference(path, expected, show.value(actual), "there is no event to look at")


def _unequal(path: str, expected: Any, actual: Any) -> Difference:
    numbers = number_of(expected) is not None and number_of(actual) is not None
    is_code = numbers and path.rpartition(".")[2] in _CODES
    why = "another code" if is_code else why_not(expected, actual)
    return Difference(path, show.value(expected), show.value(actual), why)


def _under(path: str, key: str) -> str:
    plain = key.replace("_", "").replace("-", "").replace("$", "").isalnum() or is_hash(key)
    if not plain:
        return f"{path}[{show.value(key)}]"
    return f"{path}.{key}" if path else key


def _lengths(path: str, expected: str, count: int, actual: Any) -> Difference:
    return Difference(path, expected, show.value(actual), f"{show.counted(len(actual), 'item')}, not {count}")


def _missing(name: str, actual: Mapping[Any, Any]) -> str:
    names = [str(key) for key in actual]
    if not names:
        return "it is missing; the mapping is empty"
    close = nearest(name, names)
    if close is not None:
        return f"it is missing; there is {close}"
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return "it is missing; there is " + ", ".join(name[:40] for name in names[:12]) + more
