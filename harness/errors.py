"""The errors that the harness raises, by whose fault they are.

    HarnessError
    ├── CaseError        the author's: the case, its references, its options
    ├── GuardError       the guard's: it refused to open a live transport
    ├── CassetteError    the cassette's
    │   ├── CassetteMissing    there is none
    │   ├── CassetteDamaged    its seal does not fit its content
    │   ├── CassetteForeign    it was recorded for another case
    │   └── CassetteStale      the case asks for something that was not recorded
    ├── EvidenceError    the evidence's: a customer's file or program, or how it was named
    ├── TargetError      the environment's: the target or what leads to it
    └── InternalError    ours

Every error carries a stable code, the place, what was found and what to do. A failed check is not an
error: it is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.place import Place as Place


def __getattr__(name: str) -> object:
    """`Place`, loaded when somebody makes one: a command's help knows the errors, and loads no library."""
    if name != "Place":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from harness.place import Place

    globals()[name] = Place
    return Place


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in an author's file, as `file:line:col: code text`."""

    place: Place
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.text}"


class HarnessError(Exception):
    """Base of all errors of the harness. `code` is stable; `docs/errors.md` explains each."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class CaseError(HarnessError):
    """The author's: carries every problem found in the file, not only the first."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        if not problems:
            raise ValueError("a CaseError needs at least one problem")
        self.problems = tuple(sorted(problems))
        super().__init__(self.problems[0].code, "\n".join(str(problem) for problem in self.problems))

    def __str__(self) -> str:
        return self.text


class GuardError(HarnessError):
    """The guard's: a live transport was refused before anything was sent."""


class CassetteError(HarnessError):
    """The cassette's: use one of the four kinds below."""


class CassetteMissing(CassetteError):
    """There is no cassette where one is needed."""


class CassetteDamaged(CassetteError):
    """The cassette is not what was sealed."""


class CassetteForeign(CassetteError):
    """The cassette was recorded for another case."""


class CassetteStale(CassetteError):
    """The case asks for something that the cassette does not hold, or holds otherwise."""


class EvidenceError(HarnessError):
    """The evidence's: a customer's file or program that cannot be used as it is."""


class TargetError(HarnessError):
    """The environment's: the target, the network, an account; never the product's."""


class InternalError(HarnessError):
    """Ours: please report it with the text."""
