"""What can stand instead of an event, and the shapes of findings: what `$nothing` and such match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias


class Mark(Enum):
    """What stands instead of an event."""

    NOTHING = "nothing came"
    LOST = "no answer came"
    REFUSED = "it was refused"


class Missing(Enum):
    """The value of a key that is not there (only while matching)."""

    MISSING = "nothing"


MISSING: Final = Missing.MISSING
NOTHING: Final = Mark.NOTHING
LOST: Final = Mark.LOST
REFUSED: Final = Mark.REFUSED


@dataclass(frozen=True, slots=True)
class Closed:
    """The stream was closed; `code` is None where it ended without a closing handshake."""

    code: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Late:
    """It came, but late: by so many microseconds after the deadline."""

    by_us: int

    def __post_init__(self) -> None:
        if self.by_us < 0:
            raise ValueError("what came in time is not late")


@dataclass(frozen=True, slots=True)
class Extra:
    """More came than should: so many."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("an extra counts from one")


@dataclass(frozen=True, slots=True)
class Differs:
    """Sources that should agree do not: the value that each gave."""

    sources: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("sources that differ have names")


Finding: TypeAlias = Mark | Closed | Late | Extra | Differs
