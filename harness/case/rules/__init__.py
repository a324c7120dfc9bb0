"""The checks of a case: what each rule says, as values, and how it is read."""

from harness.case.rules.reading import (
    expectations_of,
    names_of,
    read_check,
    selections_of,
    templates_of,
    watched_sources,
)
from harness.case.rules.table import COMMON, RULES, RuleKind

__all__ = [
    "COMMON",
    "RULES",
    "RuleKind",
    "expectations_of",
    "names_of",
    "read_check",
    "selections_of",
    "templates_of",
    "watched_sources",
]
