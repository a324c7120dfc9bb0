"""Nothing green for nothing: matchers that, as they stand together, can never fail or can never hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from harness.errors import Place
from harness.matchers import show
from harness.matchers.building import ORDERINGS
from harness.matchers.expectation import Expectation, Fields, Literal, Matchers, Test
from harness.matchers.stamps import Stamp, stamp_of

# What each matcher can hold of; matchers that share none never hold together.
_KINDS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("$contains", "$matches", "$uuid", "$hex", "$address"), frozenset({"text"})),
    **dict.fromkeys(("$gt", "$gte", "$lt", "$lte", "$between"), frozenset({"a number"})),
    **dict.fromkeys(("$decimal", "$time", "$age"), frozenset({"text", "a number"})),
    **dict.fromkeys(("$each", "$some", "$sorted", "$unordered"), frozenset({"a list"})),
    "$only": frozenset({"a list", "a mapping"}),
    "$length": frozenset({"text", "a list", "a mapping"}),
}
# The least that can be found of each, and what to write for "all of them".
_LEAST: Final = {
    "$length": (0, "{$present}"),
    "$extra": (1, "{$extra}"),
    "$late": (0, "{$late}"),
    "$age": (0, ""),
}
_OF_MAYBE_NO_ITEMS: Final = ("$each", "$unordered", "$sorted")
_CLOSE_CODES: Final = range(1_000, 5_000)


def vacuous(tests: Sequence[Test]) -> Iterator[tuple[Place, str]]:
    """Give place and text of everything in one mapping of matchers that cannot fail, or can never hold."""
    words = {test.word: test for test in tests}
    yield from _strangers(tests)
    yield from _crossed(tests)
    length = words.get("$length")
    count = _literal(length.operands[0]) if length is not None else None
    if count == 0 and "$some" in words:
        yield words["$some"].place, "$some beside $length: 0 never holds: no list has an item and none"
    if count == 1 and "$sorted" in words:
        yield words["$sorted"].place, "$sorted beside $length: 1 cannot fail: one item is in order"
    for test in tests:
        if test.word in _LEAST and not (
            test.word == "$length" and any(w in words for w in _OF_MAYBE_NO_ITEMS)
        ):
            yield from _from_the_least(test)
        if test.word in ("$time", "$age", "$late"):
            yield from _crossed(_inner(test))
        yield from _alone(test)


def _strangers(tests: Sequence[Test]) -> Iterator[tuple[Place, str]]:
    known = [test for test in tests if test.word in _KINDS]
    for at, test in enumerate(known):
        for before in known[:at]:
            if not _KINDS[test.word] & _KINDS[before.word]:
                one, other = (" or ".join(sorted(_KINDS[each.word])) for each in (before, test))
                yield test.place, f"{before.word} is about {one}, {test.word} about {other}: nothing is both"
                return


def _crossed(tests: Sequence[Test]) -> Iterator[tuple[Place, str]]:
    """Bounds that leave no value between them."""
    lows: list[tuple[Any, bool]] = []
    highs: list[tuple[Any, bool]] = []
    for test in tests:
        values = [_literal(operand) for operand in test.operands]
        if test.constant == "ns":
            stamps = [stamp_of(value) for value in values]
            values = [stamp.ns if isinstance(stamp, Stamp) else None for stamp in stamps]
        if any(not isinstance(value, int | Decimal) for value in values):
            continue
        if test.word in ("$gt", "$gte", "$between"):
            lows.append((values[0], test.word == "$gt"))
        if test.word in ("$lt", "$lte", "$between"):
            highs.append((values[-1], test.word == "$lt"))
    if not lows or not highs:
        return
    low, high = max(lows), min(highs, key=lambda bound: (bound[0], not bound[1]))
    if low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1])):
        told = ", ".join(show.test(test) for test in tests if test.word in ORDERINGS)
        yield tests[-1].place, f"{told}: nothing lies between these bounds, so that this never holds"


def _from_the_least(test: Test) -> Iterator[tuple[Place, str]]:
    least, instead = _LEAST[test.word]
    for inner in _inner(test):
        bound = _literal(inner.operands[0]) if inner.operands else None
        if not isinstance(bound, int | Decimal):
            continue
        shown = "{" + show.test(inner) + "}"
        if (inner.word == "$gte" and bound <= least) or (inner.word == "$gt" and bound < least):
            hint = f": write {instead}" if instead else ""
            yield inner.place, f"{test.word} of {shown} cannot fail{hint}"
        if (inner.word == "$lt" and bound <= least) or (inner.word == "$lte" and bound < least):
            yield inner.place, f"{test.word} of {shown} never holds"


def _alone(test: Test) -> Iterator[tuple[Place, str]]:
    if test.word in ("$each", "$some") and is_present(test.operands[0]):
        told = f"{test.word} of {{$present}} cannot fail, as an item is there: write {{$length: {{$gte: 1}}}}"
        yield test.place, told
    if test.word == "$either" and any(is_present(way) for way in test.operands):
        yield test.place, "$either with {$present} leaves nothing to its other ways: take one or the other"
    if test.word == "$closed" and test.operands and isinstance(test.operands[0], Fields):
        for key, inner in test.operands[0].entries:
            if not isinstance(inner, Literal):
                continue
            code = inner.value
            if key == "code" and code is not None and not (type(code) is int and code in _CLOSE_CODES):
                told = "the code of a close is a number from 1000 to 4999, or null where none came"
                yield inner.place, f"{told}; found {show.value(code)}"
            if key == "reason" and not isinstance(inner.value, str):
                yield inner.place, f"the reason of a close is text; found {show.value(inner.value)}"


def _inner(test: Test) -> tuple[Test, ...]:
    operand = test.operands[0] if test.operands else None
    return operand.tests if isinstance(operand, Matchers) else ()


def _literal(operand: Expectation) -> Any:
    return operand.value if isinstance(operand, Literal) else None


def is_present(expected: Expectation) -> bool:
    """Whether anything at all meets it: a bare `{$present}`."""
    return isinstance(expected, Matchers) and [test.word for test in expected.tests] == ["$present"]
