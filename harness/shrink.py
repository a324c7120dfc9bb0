"""From many steps to those without which the symptom goes away: the search, without knowing what a run is.

Delta debugging (Zeller and Hildebrandt, 2002): parts are taken away in chunks, large ones first, and stay
away where the symptom stays. What others refer to cannot go before them, so effects are tried before their
causes; what is left keeps its order, causes before effects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from harness.case.values import Case, Role


class Fate(Enum):
    """What a smaller case came to."""

    SHOWS = auto()  # the symptom is still there
    GONE = auto()  # it is not, or another one is
    CANNOT_RUN = auto()  # it is no case: something refers to what was taken away


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of `steps` as it stands in the file, comments above it included."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Sliced:
    """A case's file: what stands before its steps, its steps, and what stands behind them."""

    head: str
    slices: tuple[Slice, ...]
    tail: str

    def with_only(self, kept: frozenset[str]) -> str:
        """The file with only these parts of `steps`."""
        return self.head + "".join(one.text for one in self.slices if one.id in kept) + self.tail


def sliced(text: str, case: Case) -> Sliced:
    """Cut a case's file at its steps. Blank and comment lines above a step are its own."""
    lines = text.splitlines(keepends=True)
    parts = case.parts_in(Role.STEPS)
    starts = [_with_comments(lines, part.place.line - 1) for part in parts]
    end = next((at for at in range(starts[-1] + 1, len(lines)) if _ends_steps(lines[at])), len(lines))
    cuts = [*starts, end]
    slices = tuple(
        Slice(part.id, "".join(lines[start:stop]))
        for part, start, stop in zip(parts, cuts, cuts[1:], strict=False)
    )
    return Sliced("".join(lines[: starts[0]]), slices, "".join(lines[end:]))


def _with_comments(lines: Sequence[str], at: int) -> int:
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at


def _ends_steps(line: str) -> bool:
    return bool(line.strip()) and not line[0].isspace() and not line.startswith(("-", "#"))


@dataclass(frozen=True, slots=True)
class Tried:
    """One look: what was taken away, and what came of it. `runs` counts the looks that cost a run."""

    without: tuple[str, ...]
    fate: Fate
    runs: int


def search(
    parts: Sequence[str],
    needed: frozenset[str],
    look: Callable[[frozenset[str]], Fate],
    most_runs: int,
) -> Iterator[tuple[frozenset[str], Tried]]:
    """Take parts away while the symptom stays; gives what is kept so far after each look.

    `needed` are never taken away. `look` judges a smaller case. Ends where nothing more can go, or after
    `most_runs` looks that could run.
    """
    kept = frozenset(parts)
    runs = 0
    free = [part for part in parts if part not in needed]
    size = len(free)
    while size and runs < most_runs:
        gone = False
        for chunk in _chunks([part for part in reversed(free) if part in kept], size):
            if runs >= most_runs:
                return
            fate = look(kept - frozenset(chunk))
            runs += fate is not Fate.CANNOT_RUN
            if fate is Fate.SHOWS:
                kept, gone = kept - frozenset(chunk), True
            yield kept, Tried(tuple(reversed(chunk)), fate, runs)
        size = min(size, len(kept - needed)) if gone and size == 1 else size // 2
        if gone and size == 0:
            return


def _chunks(parts: Sequence[str], size: int) -> Iterator[list[str]]:
    for at in range(0, len(parts), size):
        yield list(parts[at : at + size])
