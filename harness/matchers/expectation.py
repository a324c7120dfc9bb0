"""The tree that an `expect`, `where` or `shows` becomes, and the difference that a match reports."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from harness.errors import Place
from harness.matchers.patterns import Pattern
from harness.references import Template


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

    `constant` is the pattern of `$matches`, the direction of `$sorted`, the bytes of `$hex`, or "us" where
    the bounds of `$gt` and its like are durations in microseconds.
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
