"""What became of one item: the value that every report reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.case.values import Case
from harness.cleaning import Cleanup
from harness.errors import HarnessError
from harness.finding import Finding
from harness.model import Event
from harness.notnow import NotNow
from harness.run import Run
from harness.verdict import Judgement


@dataclass(frozen=True, slots=True)
class Refused:
    """A run that the exchange took nothing of, before the one that an outcome is of: what came of it, when it
    began (unix microseconds), how long it took, and after how long from its start the case ran again."""

    judgement: Judgement
    started_wall_us: int
    took_us: int
    again_us: int


@dataclass(slots=True)
class Outcome:
    """What became of one item. `error` is set where the word is invalid or inconclusive for want of a run.

    `proof` is the cassette that was replayed, "" on a live target; `row` the row of `examples`, if any.
    `cleanup` is what became of what it had placed, where it ended badly; `stopped` what interrupted it.
    `refused` is what the exchange said where it took nothing, and nothing was placed; `first` the run before
    this one, where that was so.
    `options` are what else the command needs that runs it again, `advice` further lines for its reader.
    """

    item: str
    judgement: Judgement
    case: Case | None = None
    run: Run | None = None
    error: HarnessError | None = None
    target: str = "replay"
    build: str | None = None
    origins: dict[str, str] = field(default_factory=dict)
    unused: Sequence[str] = ()
    timeline: tuple[Event, ...] = ()
    sealed: Path | None = None
    record: str | None = None
    started_wall_us: int | None = None
    picture: Path | None = None
    proof: str = ""
    row: str = ""
    options: str = ""
    advice: tuple[str, ...] = ()
    cleanup: Cleanup | None = None
    stopped: KeyboardInterrupt | None = None
    refused: NotNow | None = None
    first: Refused | None = None

    @property
    def finding(self) -> Finding | None:
        """The finding that decided it."""
        return self.judgement.finding
