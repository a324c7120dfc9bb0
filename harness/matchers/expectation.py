"""The tree that an `expect`, `where` or `shows` becomes, and the difference that a match reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias

from harness.errors import Place
from harness.matchers.machine import Pattern
from harness.references import Template

REFERRED: Final = "referred"


@dataclass(frozen=True, slots=True)
class Literal:
    """Equality with one value, type and all; hex of 20 or 32 bytes compares by bytes."""

    value: str | int | Decimal | bool | None
    place: Place


@dataclass(frozen=True, slots=True)
class Bound:
    """Equality with what a reference, or a text with references, gives at run."""

    template: Template
    place: Place


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with at least these keys."""

    entries: tuple[tuple[str | Template, Expectation], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A list of equal length that matches item by item."""

    items: tuple[Expectation, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Test:
    """One matcher: its word, what it takes as expectations, and what it takes as a constant.

    `constant` is the pattern of `$matches`, the direction of `$sorted`, the bytes of `$hex`, or, where
    `$gt` and its like have no plain numbers as bounds: "us" for durations in microseconds, "ns" for moments.
    For `$in` it is REFERRED where its one operand gives the whole list.
    """

    __test__ = False  # pytest collects classes by this name

    word: str
    operands: tuple[Expectation, ...]
    constant: Pattern | str | int | None
    place: Place


@dataclass(frozen=True, slots=True)
class Matchers:
    """Matchers that must all hold."""

    tests: tuple[Test, ...]
    place: Place

    def __post_init__(self) -> None:
        if not self.tests:
            raise ValueError("an expectation without matchers cannot fail")

    def test(self, word: str) -> Test | None:
        """Give the matcher of this word, if there is one."""
        return next((test for test in self.tests if test.word == word), None)


Expectation: TypeAlias = Literal | Bound | Fields | Items | Matchers


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which what came is not what was expected; `str` gives it as one line.

    `path` is where in the value ("" is the whole), `expected` and `found` are shown values, `why` says how
    they differ.
    """

    path: str
    expected: str
    found: str
    why: str

    def __str__(self) -> str:
        return f"{self.path or 'the whole'}: expected {self.expected}, found {self.found}: {self.why}"


def references_of(expectation: Expectation) -> tuple[Template, ...]:
    """Give every text with references in the expectation, in the file's order."""
    if isinstance(expectation, Bound):
        return (expectation.template,)
    if isinstance(expectation, Fields):
        found: list[Template] = []
        for key, inner in expectation.entries:
            found += [key] if isinstance(key, Template) else []
            found += references_of(inner)
        return tuple(found)
    if isinstance(expectation, Items):
        return tuple(template for inner in expectation.items for template in references_of(inner))
    if isinstance(expectation, Matchers):
        operands = (inner for test in expectation.tests for inner in test.operands)
        return tuple(template for inner in operands for template in references_of(inner))
    return ()


def is_absence(expectation: Expectation) -> bool:
    """Say whether the expectation can be met by silence: `$nothing`, alone or as a way of `$either`."""
    if not isinstance(expectation, Matchers):
        return False
    return any(
        test.word == "$nothing" or (test.word == "$either" and any(is_absence(way) for way in test.operands))
        for test in expectation.tests
    )


def mentions(expectation: Expectation, *words: str) -> bool:
    """Say whether one of these matchers stands anywhere in the expectation."""
    if isinstance(expectation, Matchers):
        return any(
            test.word in words or any(mentions(inner, *words) for inner in test.operands)
            for test in expectation.tests
        )
    if isinstance(expectation, Fields):
        return any(mentions(inner, *words) for _, inner in expectation.entries)
    return isinstance(expectation, Items) and any(mentions(inner, *words) for inner in expectation.items)


def settled(expectation: Expectation, resolve: Callable[[Template], Any]) -> Expectation:
    """The expectation with its references' plain values in place, for a failure that people can read.

    What a reference gives as a list or a mapping stays a reference. What `resolve` raises passes through.
    """
    if isinstance(expectation, Bound):
        value = resolve(expectation.template)
        plain = value is None or isinstance(value, str | int | Decimal)
        return Literal(value, expectation.place) if plain else expectation
    if isinstance(expectation, Fields):
        entries = tuple((key, settled(inner, resolve)) for key, inner in expectation.entries)
        return Fields(entries, expectation.place)
    if isinstance(expectation, Items):
        return Items(tuple(settled(inner, resolve) for inner in expectation.items), expectation.place)
    if isinstance(expectation, Matchers):
        return Matchers(tuple(_settled(test, resolve) for test in expectation.tests), expectation.place)
    return expectation


def _settled(test: Test, resolve: Callable[[Template], Any]) -> Test:
    operands = [settled(inner, resolve) for inner in test.operands]
    if test.constant == "us":  # a duration that a reference gives is text; a number in its place stays wrong
        both = zip(test.operands, operands, strict=True)
        operands = [
            now if isinstance(now, Literal) and isinstance(now.value, str) else before for before, now in both
        ]
    return replace(test, operands=tuple(operands))
