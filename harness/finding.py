"""What a decision came to. A failed check is a finding, never an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.matchers import Difference


@dataclass(frozen=True, slots=True)
class Window:
    """When a wait counts: from its cause (number, stamp) to its deadline, watched until `watch_us`."""

    cause_number: int
    start_us: int
    deadline_us: int
    watch_us: int

    def __post_init__(self) -> None:
        if not self.start_us <= self.deadline_us <= self.watch_us:
            raise ValueError(f"a window starts, has its deadline and is watched on, in this order: {self!r}")


@dataclass(frozen=True, slots=True)
class Pending:
    """Not decided yet: what has been watched so far does not reach far enough."""

    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a step or check came to.

    `shown` is what came in place of what was expected, or what was expected: a view, or a marker such as
    NOTHING or Late. `seen` is the last thing that did come where nothing else did. `at_us` is the stamp that
    decided it. `refused` says that the other side said no to what was sent; `unsure` that a share of rounds
    is too near its bound to tell.
    """

    subject: str
    holds: bool
    at_us: int
    text: str
    shown: Any = None
    seen: Any = None
    differences: tuple[Difference, ...] = ()
    events: tuple[int, ...] = field(default=())
    refused: bool = False
    unsure: bool = False


Decision = Pending | Finding


def ending(code: int | None, reason: str) -> str:
    """How a connection was closed, in words: code and reason, or that it ended without saying so."""
    return (reason or "no close frame") if code is None else f"{code} {reason}".rstrip()


def seconds(us: int) -> str:
    """Microseconds as seconds for people, cut to milliseconds: `4.000 s`."""
    return f"{us // 1_000_000}.{us % 1_000_000 // 1000:03d} s"
