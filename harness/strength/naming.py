"""What a case names: the fields that its expectations, `where`, `until` and `save` speak of, in the events
that decided its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from harness.case.values import Check
from harness.matchers import Bound, Expectation, Fields, Items, Literal, Matchers, Test, match
from harness.matchers.equality import find_key
from harness.matchers.marks import MISSING
from harness.model import Event
from harness.scope import Look
from harness.strength.atoms import GONE, Path, at, view_of
from harness.strength.operators import BY_VALUE

FORMS: Final = ("$present", "$hex", "$uuid", "$address", "$contains", "$matches", "$length", "$time")
"""Matchers that say how a value looks, not what it is: another of the same looks is a fault unnoticed."""


@dataclass(frozen=True, slots=True)
class Named:
    """One part of one event that a step or check names, and what is expected of it.

    `path` leads to it in the event as a case sees it. Without `expected`, anything else there is wrong.
    `operators` are those that mean something to who names it; none means all. `again` is the key by which a
    stream tells the same thing again, and only its last word counts: a fault is then told every time. `shown`
    gives, of an event, the part as who names it sees it.
    """

    subject: str
    number: int
    path: Path
    expected: Expectation | None = None
    look: Look | None = None
    arrived_us: int | None = None
    operators: frozenset[str] = frozenset()
    again: Path = ()
    shown: Callable[[Event], Any] | None = field(default=None, compare=False, repr=False)

    def allows(self, changed: Event) -> str | None:
        """Whether the words of who names it hold of another value as well: "" where they refuse it, "form"
        where they only say how it looks, "range" where they say on purpose that it may be so; None where it
        is the same value to them."""
        if self.expected is None or self.look is None:
            return ""
        value = at(view_of(changed), self.path, GONE) if self.shown is None else self.shown(changed)
        if value is GONE:
            value = MISSING
        if match(self.expected, value, self.look.template, arrived_us=self.arrived_us):
            return ""
        if not isinstance(self.expected, Matchers):
            return None
        return "form" if all(map(_of_form, self.expected.tests)) else "range"


Found = Iterator[Named]


def read_by(check: Check, number: int, path: Path, *operators: str, again: Path = ()) -> Named:
    """A part that a check reads; by value, so that a number may be a number or its text."""
    return Named(check.id, number, path, operators=frozenset(operators or BY_VALUE), again=again)


def _of_form(test: Test) -> bool:
    return test.word in FORMS and not (test.word == "$time" and test.operands)


def parts_named(
    expected: Expectation, actual: Any, look: Look, path: Path = ()
) -> Iterator[tuple[Path, Expectation]]:
    """The parts of a value that an expectation speaks of, each with what is expected of it."""
    if isinstance(expected, Literal | Bound):
        yield path, expected
    elif isinstance(expected, Fields):
        if not expected.entries:
            yield path, expected
        yield from _fields(expected, actual, look, path)
    elif isinstance(expected, Items):
        yield path, expected
        if isinstance(actual, list | tuple):
            for place, (inner, item) in enumerate(zip(expected.items, actual, strict=False)):
                yield from parts_named(inner, item, look, (*path, place))
    elif isinstance(expected, Matchers):
        for test in expected.tests:
            yield from _of_test(test, expected, actual, look, path)


def _fields(expected: Fields, actual: Any, look: Look, path: Path) -> Iterator[tuple[Path, Expectation]]:
    if not isinstance(actual, Mapping):
        return
    for key, inner in expected.entries:
        name = key if isinstance(key, str) else str(look.template(key))
        own = find_key(actual, name)
        yield from parts_named(inner, actual.get(own), look, (*path, name if own is None else own))


def _of_test(
    test: Test, around: Matchers, actual: Any, look: Look, path: Path
) -> Iterator[tuple[Path, Expectation]]:
    items: Sequence[Any] = actual if isinstance(actual, list | tuple) else ()
    if test.word == "$only":
        yield path, around
        yield from parts_named(test.operands[0], actual, look, path)
    elif test.word == "$each":
        for place, item in enumerate(items):
            yield from parts_named(test.operands[0], item, look, (*path, place))
    elif test.word == "$some":
        fitting = _fitting(test.operands[0], items, look)
        if len(fitting) == 1:  # of several, each alone may be wrong
            yield from parts_named(test.operands[0], items[fitting[0]], look, (*path, fitting[0]))
    elif test.word == "$unordered" and isinstance(test.operands[0], Items):
        yield path, around
        for inner in test.operands[0].items:
            for place in _fitting(inner, items, look)[:1]:
                yield from parts_named(inner, items[place], look, (*path, place))
    elif test.word == "$either":
        ways = [way for way in test.operands if not match(way, actual, look.template)]
        if len(ways) == 1:
            yield from parts_named(ways[0], actual, look, path)
    elif test.word != "$not":
        yield path, around


def _fitting(expected: Expectation, items: Sequence[Any], look: Look) -> list[int]:
    return [place for place, item in enumerate(items) if not match(expected, item, look.template)]
