"""The judges of lists and of exactness: `$only $unordered $sorted $each $some`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from harness import limits
from harness.matchers import show
from harness.matchers.equality import find_key, same
from harness.matchers.expectation import Difference, Expectation, Fields, Items, Literal, Matchers, Test
from harness.matchers.judges import Judge, Matching, no, value_of
from harness.matchers.numbers import decimal_of, number_of


def _only(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    wanted = test.operands[0]
    if isinstance(wanted, Items) and isinstance(actual, Mapping):
        names = [value_of(matching, item) for item in wanted.items]
        keys = [name if isinstance(name, str) else show.value(name) for name in names]
        absent = [key for key in keys if find_key(actual, key) is None]
        if absent:
            return no(test, actual, path, "missing: " + _names(absent))
        return _extra_keys(test, actual, path, keys)
    found = matching.differences(wanted, actual, path)
    if isinstance(wanted, Fields) and isinstance(actual, Mapping):
        found += _extra_keys(test, actual, path, [matching.name(key) for key, _ in wanted.entries])
    return found


def _extra_keys(test: Test, actual: Mapping[Any, Any], path: str, keys: list[str]) -> list[Difference]:
    known = {find_key(actual, key) for key in keys}
    extra = [str(key) for key in actual if key not in known]
    return no(test, actual, path, "there is also " + _names(extra)) if extra else []


def _names(names: list[str]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(name[:40] for name in names[:12]) + more


def _without_items(
    matching: Matching, test: Test, around: Matchers, actual: Any, path: str
) -> list[Difference] | None:
    """Judge what all of a list's matchers have in common; None where there are items to look at."""
    if not isinstance(actual, list | tuple):
        return no(test, actual, path, f"{show.kind(actual)}, not a list")
    if actual:
        return None
    length = around.test("$length")
    if length is not None and _names_none(length) and not matching.differences(length.operands[0], 0, path):
        return []
    return no(test, actual, path, "the list is empty: nothing was checked ($length: 0 would allow it)")


def _names_none(length: Test) -> bool:
    """Say whether a `$length` speaks of the empty list: by 0 itself, not by a bound that lies over it."""
    wanted = length.operands[0]
    if not isinstance(wanted, Matchers):
        return True
    named = (
        one for test in wanted.tests if test.word in ("$gte", "$between", "$in") for one in test.operands
    )
    return any(isinstance(one, Literal) and one.value == 0 for one in named)


def _each(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    early = _without_items(matching, test, around, actual, path)
    if early is not None:
        return early
    found: list[Difference] = []
    for index, item in enumerate(actual):
        found += matching.differences(test.operands[0], item, f"{path}[{index}]")
        if len(found) >= limits.DIFFERENCES:
            break
    return found


def _some(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if not isinstance(actual, list | tuple):
        return no(test, actual, path, f"{show.kind(actual)}, not a list")
    nearest: list[Difference] | None = None
    for index, item in enumerate(actual):
        found = matching.differences(test.operands[0], item, f"{path}[{index}]")
        if not found:
            return []
        if nearest is None or len(found) < len(nearest):
            nearest = found
    if nearest is None:
        return no(test, actual, path, "the list is empty")
    return no(test, actual, path, f"none of the {len(actual)} items; nearest, {nearest[0]}")


def _sorted(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    early = _without_items(matching, test, around, actual, path)
    if early is not None:
        return early
    numbers = [decimal_of(item) for item in actual]
    if all(isinstance(item, str) for item in actual):
        keys: list[Any] = numbers if None not in numbers else list(actual)
    elif all(number_of(item) is not None for item in actual):
        keys = numbers
    else:
        return no(test, actual, path, "the items are not all numbers or all text")
    for index, (left, right) in enumerate(pairwise(keys)):
        if (left > right) if test.constant == "asc" else (left < right):
            pair = f"{show.value(actual[index])} before {show.value(actual[index + 1])}"
            return no(test, actual, f"{path}[{index}]", f"{pair} is not {test.constant}")
    return []


def _unordered(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    early = _without_items(matching, test, around, actual, path)
    wanted = test.operands[0].items if isinstance(test.operands[0], Items) else ()
    if early is not None:
        return early
    if max(len(wanted), len(actual)) > limits.UNORDERED_ITEMS:
        return no(test, actual, path, f"{len(actual)} items; at most {limits.UNORDERED_ITEMS} are compared")
    taken = _pair([_fitting(matching, inner, actual, path) for inner in wanted])
    met = set(taken.values())
    unmet = [inner for place, inner in enumerate(wanted) if place not in met]
    left = [item for index, item in enumerate(actual) if index not in taken]
    if not unmet and not left:
        return []
    told = []
    if unmet:
        told.append(f"no item is {show.expectation(unmet[0])}" + _more(unmet))
    if left:
        told.append(f"left over is {show.value(left[0])}" + _more(left))
    return no(test, actual, path, "; ".join(told))


def _fitting(matching: Matching, wanted: Expectation, actual: Any, path: str) -> list[int]:
    if isinstance(wanted, Literal):
        return [index for index, item in enumerate(actual) if same(wanted.value, item)]
    return [index for index, item in enumerate(actual) if not matching.differences(wanted, item, path)]


def _more(items: list[Any]) -> str:
    return f" (and {len(items) - 1} more)" if len(items) > 1 else ""


def _pair(fits: list[list[int]]) -> dict[int, int]:
    """Pair as many wanted with items as can be; gives item to wanted (Kuhn's way, without recursion)."""
    taken: dict[int, int] = {}
    owned: dict[int, int] = {}
    for start in range(len(fits)):
        came_from: dict[int, int] = {}
        todo = [start]
        free: int | None = None
        while todo and free is None:
            wanted = todo.pop()
            for item in fits[wanted]:
                if item in came_from:
                    continue
                came_from[item] = wanted
                if item not in taken:
                    free = item
                    break
                todo.append(taken[item])
        while free is not None:
            wanted = came_from[free]
            before = owned.get(wanted)
            taken[free], owned[wanted] = wanted, free
            free = before
    return taken


LISTS: Final[dict[str, Judge]] = {
    "$only": _only,
    "$each": _each,
    "$some": _some,
    "$sorted": _sorted,
    "$unordered": _unordered,
}
