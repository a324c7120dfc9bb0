"""What the steps of one run share, and where each strand of them is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.case.values import Case
from harness.facts import Facts
from harness.finding import Window
from harness.model import Event
from harness.scope import Scope
from harness.windows import window_from
from harness.world import World

Observer = Callable[[str, str], None]
"""Hears what the run does: (step or check id, what about it)."""


@dataclass(slots=True)
class Stage:
    """What the steps of one run share."""

    case: Case
    world: World
    facts: Facts
    scope: Scope
    watching: Callable[[str], bool]
    observe: Observer
    looked_before: frozenset[str] = frozenset()
    marks: dict[str, Event] = field(default_factory=dict)
    taken: set[tuple[Any, ...]] = field(default_factory=set)
    tell: Callable[[str], None] = lambda text: None
    """Is told that the run waits, and for what."""
    patience_us: int | None = None
    """How long a step of `given` or `finally` is tried again where the exchange says *not now*; None in
    replay: the recording has it."""

    def window(
        self, subject: str, after: str | None, within_us: int, watch_us: int | None, cause: Event
    ) -> Window:
        """The window of a wait: from its cause, or from the step that `after` names."""
        start = self.marks[after] if after else cause
        return window_from(start, within_us, watch_us, watching=self.watching(subject))

    def arrived(self, at_us: int) -> int:
        """A stamp as unix microseconds on the target's clock."""
        return self.facts.started_wall_us + at_us + self.facts.skew_us


@dataclass(slots=True)
class Course:
    """Where a strand is: its round and the round's entry, and the last thing that it changed."""

    round: int = 0
    each: Any = None
    cause: Event | None = None
