"""What the files of a ticket say happened, as values; and what in them was not understood.

A clue is an event that nobody has placed yet: it has the time that its file told, by the clock that wrote
it, or none. Nothing in a file is dropped without a word: what is no clue is `Unread`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from harness.errors import Place
from harness.model import Kind

REST: Final = "rest"
WS: Final = "ws"
FIX: Final = "fix"
CHAIN: Final = "chain"
MENDED: Final = "mended"
"""In a clue's data: what was wrong with a damaged message that was mended, in words."""

_HAPPENED: Final = frozenset({Kind.SEND, Kind.ANSWER, Kind.LOST, Kind.OPEN, Kind.PUSH, Kind.CLOSED})


class Zone(StrEnum):
    """What a file says of the clock that wrote its times."""

    UTC = "utc"  # each time names its zone, or its format knows only UTC
    LOCAL = "local"  # a date and a time of day, and nothing says where
    DAY = "day"  # a time of day alone
    NONE = "none"  # no times: an order and nothing more


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as a file told it.

    `us` is unix microseconds, read as UTC where the zone is not told (then they are off by the zone, and by
    whole days where there is no date); `resolution_us` is the place of its last digit.
    """

    us: int
    zone: Zone
    resolution_us: int

    def __post_init__(self) -> None:
        if self.us < 0 or self.resolution_us < 1 or self.zone is Zone.NONE:
            raise ValueError(f"no time that a file can tell: {self!r}")


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that a file says happened, seen from the customer.

    `data` is as in an event of a cassette (`wire`, `why`, `code`, `reason`). `pair` joins an answer to its
    send and is unique in its file; `connection` names what it went over (a host, a pair of CompIDs), so that
    two of one file are told apart. `stamp` is None where the file tells no time for it.
    """

    place: Place
    kind: Kind
    channel: str
    data: Mapping[str, Any]
    stamp: Stamp | None = None
    pair: int = 0
    connection: str = ""

    def __post_init__(self) -> None:
        if self.kind not in _HAPPENED:
            raise ValueError(f"a {self.kind} is a mark of the runner's, and no clue: {self!r}")


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """What was not understood, or is not kept: where, what it is, and why."""

    place: Place
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: its form in words, its clues in the order of the file, and what was not read."""

    path: str
    form: str
    clues: tuple[Clue, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = field(default=())
    """What the file says in plain words, for a story."""
    lone: tuple[Clue, ...] = field(default=())
    """What it tells of orders' outcomes alone: clues only where nothing else tells an exchange."""
    alone: tuple[Clue, ...] = field(default=())
    """Answers that the file tells without their requests, which another file may tell."""
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Variables that other files of the ticket use, by name; they may be secrets and are told nowhere."""
