"""The lines of a text file, and what a form of line takes of them.

A ticket's text is often a mixture: a mail, a command, a log. So no form is chosen for the whole file: at
each line every form is asked, in a fixed order, whether it begins there, and the first that says yes takes
as many lines as belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.errors import Place
from harness.evidence.ticket.clues import Clue, Unread


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one file, without their ends. Numbers count from 0 here and from 1 in a place."""

    path: str
    texts: Sequence[str]
    numbers: Sequence[int] = ()
    """The number of each line in its file, from 1, where lines were joined; empty where each is its own."""
    beside: Callable[[str], bytes | None] = lambda name: None
    """The bytes of a file that lies beside this one in the ticket, by its bare name."""
    customers: set[str] = field(default_factory=set, compare=False)
    """CompIDs of the customer's side, as far as the lines of FIX before have told."""
    asked: dict[str, tuple[int, str]] = field(default_factory=dict, compare=False)
    """Requests that no line has answered yet: URL to the exchange's number and host."""

    def place(self, at: int) -> Place:
        """Where a line stands."""
        return Place(self.path, self.numbers[at] if self.numbers else at + 1, 1)

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, at: int) -> str:
        return self.texts[at]

    def after(self, at: int) -> Iterator[int]:
        """The numbers of the lines from `at` on."""
        return iter(range(at, len(self.texts)))


@dataclass(frozen=True, slots=True)
class Taken:
    """What a form made of lines: `until` is the first line that is not its own any more."""

    until: int
    clues: tuple[Clue, ...] = ()
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One form of line. `take` says None where nothing of it begins at that line.

    It is asked with the number that the next exchange gets, so that pairs stay unique in the file.
    """

    name: str
    take: Callable[[Lines, int, int], Taken | None]
