"""Matchers: what a case expects of a value, and how what came differs from it.

`compile_expectation` reads an expectation from YAML nodes and collects what is wrong with it; `match`
compares it with a value. Pure: no I/O, no clock, no floats.
"""

from harness.matchers.arguments import ROOT_ONLY as INSTEAD_OF_EVENTS
from harness.matchers.compiling import compile_expectation
from harness.matchers.expectation import (
    Bound,
    Difference,
    Expectation,
    Fields,
    Items,
    Literal,
    Matchers,
    Test,
    is_absence,
    mentions,
    references_of,
    settled,
)
from harness.matchers.marks import (
    LOST,
    NOTHING,
    REFUSED,
    Closed,
    Differs,
    Extra,
    Finding,
    Late,
    Mark,
)
from harness.matchers.matching import Resolve, match
from harness.matchers.nearest import nearest
from harness.matchers.vacuous import is_present

__all__ = [
    "INSTEAD_OF_EVENTS",
    "LOST",
    "NOTHING",
    "REFUSED",
    "Bound",
    "Closed",
    "Difference",
    "Differs",
    "Expectation",
    "Extra",
    "Fields",
    "Finding",
    "Items",
    "Late",
    "Literal",
    "Mark",
    "Matchers",
    "Resolve",
    "Test",
    "compile_expectation",
    "is_absence",
    "is_present",
    "match",
    "mentions",
    "nearest",
    "references_of",
    "settled",
]
