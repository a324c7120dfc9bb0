"""What a driver reports, kept in order, as a test likes to read it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from venue.bench import DEADLINE_S

from harness.model import By


@dataclass(frozen=True, slots=True)
class Note:
    """One report: `what` (sent, answered, lost, opened, pushed, said, closed), and what it was about."""

    what: str
    wire: Any = None
    by: str = ""
    derived: Mapping[str, Any] | None = None
    at_ns: int = field(default_factory=time.monotonic_ns)


class Notes:
    """Takes the part of the timeline, for the stream and for every send."""

    def __init__(self) -> None:
        self.told: list[Note] = []
        self.changed = threading.Condition()

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        self.add(Note("sent", dict(wire), derived=derived))

    def answered(self, wire: Mapping[str, Any]) -> None:
        self.add(Note("answered", dict(wire)))

    def lost(self, why: str) -> None:
        self.add(Note("lost", why))

    def opened(self) -> None:
        self.add(Note("opened"))

    def pushed(self, wire: Mapping[str, Any], by: By = By.PEER) -> None:
        self.add(Note("pushed", dict(wire), str(by)))

    def said(self, wire: Mapping[str, Any]) -> None:
        self.add(Note("said", dict(wire)))

    def closed(self, code: int | None, reason: str, by: By = By.PEER) -> None:
        self.add(Note("closed", (code, reason), str(by)))

    def add(self, note: Note) -> None:
        with self.changed:
            self.told.append(note)
            self.changed.notify_all()

    def of(self, what: str) -> list[Any]:
        """What was reported of one sort, in order."""
        return [note.wire for note in list(self.told) if note.what == what]

    def wait(self, what: str, fits: Callable[[Any], bool] = lambda _: True, *, count: int = 1) -> Note:
        """The `count`-th report of this sort that fits; fails at the deadline with all that was reported."""
        end = time.monotonic() + DEADLINE_S
        with self.changed:
            while True:
                found = [note for note in self.told if note.what == what and fits(note.wire)]
                if len(found) >= count:
                    return found[count - 1]
                assert self.changed.wait(end - time.monotonic()), (what, self.told)
