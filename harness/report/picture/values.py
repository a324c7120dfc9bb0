"""What there is to draw, as values: rows, stages, windows and what did not come in them."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model import Source


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to draw. `shape` says how; `since` is the row's index that it answers or that caused it."""

    at_us: int
    shape: str  # send, answer, push, stream, lost, more, note, void, deadline, holds, fails
    lane: str
    text: str
    key: str = ""
    answers: str = ""
    caused: str = ""
    lines: tuple[str, ...] = ()
    ticks_us: tuple[int, ...] = ()
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Void:
    """Where something should have come and did not: a lane, from when, until the deadline."""

    lane: str
    start_us: int
    deadline_us: int
    stage: str


@dataclass(frozen=True, slots=True)
class Rail:
    """A window that is drawn: of a check, or missed; until it was decided."""

    start_us: int
    stop_us: int
    missed: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the run: all of given, one step, all checks, or all of finally."""

    name: str
    rows: tuple[Row, ...]
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One run, ready to lay out."""

    word: str
    why: str
    build: str
    where: str
    red: bool
    lanes: tuple[Source, ...]
    stages: tuple[Stage, ...]
    rails: tuple[Rail, ...] = ()
    voids: tuple[Void, ...] = ()
    badge: str = ""
