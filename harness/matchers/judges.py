"""What each matcher word says of a value: one judge for each, and the table of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from harness import limits
from harness.matchers import show
from harness.matchers.equality import is_hash, why_not
from harness.matchers.expectation import (
    REFERRED,
    Bound,
    Difference,
    Expectation,
    Fields,
    Literal,
    Matchers,
    Test,
)
from harness.matchers.machine import Pattern
from harness.matchers.marks import LOST, MISSING, NOTHING, REFUSED, Closed, Differs, Extra, Late
from harness.matchers.numbers import decimal_of
from harness.references import MissingPartError, Template

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_HEX: Final = re.compile(r"0[xX](?:[0-9a-fA-F]{2})+")


class Matching(Protocol):
    """What a judge asks of the comparison it belongs to."""

    resolve: Callable[[Template], Any]
    arrived_us: int | None

    def differences(self, expected: Expectation, actual: Any, path: str) -> list[Difference]: ...
    def fields(self, expected: Fields, actual: Any, path: str) -> list[Difference]: ...
    def name(self, key: str | Template) -> str: ...


Judge: TypeAlias = Callable[[Matching, Test, Matchers, Any, str], list[Difference]]


def no(test: Test, actual: Any, path: str, why: str) -> list[Difference]:
    """Give the one difference that a matcher reports."""
    return [Difference(path, "{" + show.test(test) + "}", show.value(actual), why)]


def value_of(matching: Matching, operand: Expectation) -> Any:
    """Give the plain value of an operand that is a literal or a reference."""
    if isinstance(operand, Bound):
        return matching.resolve(operand.template)
    return operand.value if isinstance(operand, Literal) else None


def _present(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    return []


def _absent(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    return [] if actual is MISSING else no(test, actual, path, "it is there")


def _in(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    number = decimal_of(actual)
    operands = _listed(matching, test) if test.constant == REFERRED else test.operands
    why = f"none of the {len(operands)} values"
    if len(operands) == 1:
        why = why_not(value_of(matching, operands[0]), actual)
    for operand in operands:
        if not matching.differences(operand, actual, path):
            return []
        choice = value_of(matching, operand)
        if number is not None and decimal_of(choice) == number:
            why = why_not(choice, actual)
    return no(test, actual, path, why)


def _listed(matching: Matching, test: Test) -> tuple[Expectation, ...]:
    """The values of a list that a reference gives. Raises MissingPartError where it gives no such list: a
    `$not` around it would otherwise hold for nothing."""
    given = value_of(matching, test.operands[0])
    plain = isinstance(given, list | tuple) and not any(isinstance(each, list | dict) for each in given)
    if not plain or not given:
        raise MissingPartError(f"$in takes a list of one or more plain values; found {show.value(given)}")
    return tuple(Literal(each, test.place) for each in given)


def _not(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if matching.differences(test.operands[0], actual, path):
        return []
    return no(test, actual, path, "it is just what it must not be")


def _either(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    ways = [matching.differences(operand, actual, path) for operand in test.operands]
    if not all(ways):
        return []
    nearest = min(ways, key=len)
    return no(test, actual, path, f"none of the {len(ways)} ways; nearest, {nearest[0]}")


def _contains(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    part = value_of(matching, test.operands[0])
    if isinstance(actual, list | tuple):
        return no(test, actual, path, "a list, not text: use $some")
    if not isinstance(actual, str):
        return no(test, actual, path, f"{show.kind(actual)}, not text")
    part = part if isinstance(part, str) else show.value(part)
    if not part:
        return no(test, actual, path, "the reference gave no text to look for")
    if part in actual:
        return []
    if part.lower() in actual.lower():
        return no(test, actual, path, "it is there in other upper and lower case")
    return no(test, actual, path, "the text does not hold it")


def _matches(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if not isinstance(actual, str):
        return no(test, actual, path, f"{show.kind(actual)}, not text")
    if len(actual) > limits.PATTERN_TEXT_CHARACTERS:
        most = limits.PATTERN_TEXT_CHARACTERS
        return no(test, actual, path, f"{len(actual)} characters; at most {most} are searched")
    if isinstance(test.constant, Pattern) and test.constant.found_in(actual):
        return []
    return no(test, actual, path, "the pattern is nowhere in the text")


def _length(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if isinstance(actual, str):
        unit = "character"
    elif isinstance(actual, list | tuple | Mapping):
        unit = "key" if isinstance(actual, Mapping) else "item"
    else:
        return no(test, actual, path, f"{show.kind(actual)} has no length")
    if not matching.differences(test.operands[0], len(actual), path):
        return []
    return no(test, actual, path, f"it has {show.counted(len(actual), unit)}")


def _uuid(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if isinstance(actual, str) and _UUID.fullmatch(actual):
        return []
    return no(
        test, actual, path, "not a UUID" if isinstance(actual, str) else f"{show.kind(actual)}, not text"
    )


def _hex(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if not isinstance(actual, str):
        return no(test, actual, path, f"{show.kind(actual)}, not text")
    if not _HEX.fullmatch(actual):
        return no(test, actual, path, "not 0x and whole bytes in hex")
    count = len(actual) // 2 - 1
    if test.constant is not None and count != test.constant:
        return no(test, actual, path, f"{show.counted(count, 'byte')}, not {test.constant}")
    return []


def _address(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if is_hash(actual) and len(actual) == 42:
        return []
    return no(test, actual, path, "not an address (0x and 20 bytes in hex)")


def _decimal(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    number = decimal_of(actual)
    if number is None:
        why = "text that is no number" if isinstance(actual, str) else f"{show.kind(actual)}, not a number"
        return no(test, actual, path, why)
    if not test.operands:
        return []
    operand = test.operands[0]
    if isinstance(operand, Matchers):
        inner = matching.differences(operand, number, path)
        return [one for each in inner for one in no(test, actual, path, each.why)]
    bound = decimal_of(value_of(matching, operand))
    if bound is None:
        return no(test, actual, path, "the reference gave no number")
    return [] if bound == number else no(test, actual, path, why_not(bound, number))


def _nothing(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    return [] if actual is NOTHING else no(test, actual, path, "something came")


def _lost(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    return [] if actual is LOST else no(test, actual, path, "the answer was not lost")


def _refused(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    return [] if actual is REFUSED else no(test, actual, path, "it was not refused")


def _of_inner(matching: Matching, test: Test, fact: int, actual: Any, path: str) -> list[Difference]:
    """Judge the number in a finding, and tell it as the whole finding."""
    found = [one for operand in test.operands for one in matching.differences(operand, fact, path)]
    return [Difference(path, "{" + show.test(test) + "}", show.value(actual), one.why) for one in found]


def _closed(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if actual is LOST:
        return no(test, actual, path, "an end without a close code, as every FIX connection's, is $lost")
    if not isinstance(actual, Closed):
        return no(test, actual, path, "the stream was not closed")
    facts = {"code": actual.code, "reason": actual.reason}
    return [one for operand in test.operands for one in matching.differences(operand, facts, path)]


def _late(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if not isinstance(actual, Late):
        return no(test, actual, path, "it did not come late")
    return _of_inner(matching, test, actual.by_us, actual, path)


def _extra(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if not isinstance(actual, Extra):
        return no(test, actual, path, "nothing extra came")
    return _of_inner(matching, test, actual.count, actual, path)


def _differs(matching: Matching, test: Test, around: Matchers, actual: Any, path: str) -> list[Difference]:
    if not isinstance(actual, Differs):
        return no(test, actual, path, "no sources that differ")
    return [one for operand in test.operands for one in matching.differences(operand, actual.sources, path)]


SEES_MISSING: Final = frozenset({"$absent", "$either"})
SEES_FINDINGS: Final = frozenset(
    {"$nothing", "$lost", "$refused", "$closed", "$late", "$extra", "$differs", "$either", "$not"}
)

SINGLE: Final[dict[str, Judge]] = {
    "$present": _present,
    "$absent": _absent,
    "$in": _in,
    "$not": _not,
    "$either": _either,
    "$contains": _contains,
    "$matches": _matches,
    "$length": _length,
    "$uuid": _uuid,
    "$hex": _hex,
    "$address": _address,
    "$decimal": _decimal,
    "$nothing": _nothing,
    "$lost": _lost,
    "$refused": _refused,
    "$closed": _closed,
    "$late": _late,
    "$extra": _extra,
    "$differs": _differs,
}
