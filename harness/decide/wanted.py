"""What a wait or a read is for, and how what came fails to be it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from harness.matchers import (
    Difference,
    Expectation,
    Fields,
    is_absence,
    match,
    mentions,
    references_of,
    settled,
)
from harness.references import Template

Resolve = Callable[[Template], Any]
Key = tuple[Any, ...]
INSTEAD: Final = ("$nothing", "$lost", "$closed", "$refused")


class Seen(Protocol):
    """Something that came: what it shows, and when."""

    @property
    def at_us(self) -> int: ...

    @property
    def view(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be matched: a message of a frame, a log of a look. `key` names it for good."""

    key: Key
    number: int
    at_us: int
    view: Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a wait is for. `arrived` turns a stamp into unix microseconds of the target's clock (`$age`)."""

    subject: str
    where: Expectation | None
    expect: Expectation | None
    resolve: Resolve
    count: int | None = None
    quiet_us: int = 0
    never: Expectation | None = None
    stable_us: int = 0
    arrived: Callable[[int], int] | None = None

    @property
    def instead(self) -> Expectation | None:
        """What is expected instead of an event: silence, an end, no answer."""
        stands = self.expect is not None and mentions(self.expect, *INSTEAD)
        return self.expect if stands else None

    @property
    def for_nothing(self) -> bool:
        """Whether something that comes is already wrong."""
        return self.never is not None or (self.expect is not None and is_absence(self.expect))

    @property
    def needs_all(self) -> bool:
        """Whether it says of a list that something is not there: one page of several does not show that."""
        listed = None if self.expect is None else _of_list(self.expect)
        return listed is not None and mentions(listed, "$not")

    def selects(self, seen: Seen) -> tuple[Difference, ...]:
        """How something fails to be the one waited for; with no `where`, `expect` selects too.

        Not in words: most that comes is not what is waited for, and `lacks` tells of the nearest.
        """
        chosen = self.where or (None if self.instead else self.expect)
        return () if chosen is None else self._match(chosen, seen, told=False)

    def unwanted(self, seen: Seen) -> tuple[Difference, ...]:
        """How something fails to be what must not come, not in words; none where it is just that."""
        chosen = self.never or self.where
        return () if chosen is None else self._match(chosen, seen, told=False)

    def marked(self, mark: Any) -> tuple[Difference, ...]:
        """How what stands instead of an event differs from what was expected there; none for `never`."""
        return () if self.instead is None else match(self.instead, mark, self.resolve)

    def judge(self, seen: Seen) -> tuple[Difference, ...]:
        """How the selected differs from what was expected, told with what its references mean."""
        return () if self.expect is None else self._told(self.expect, seen)

    def lacks(self, seen: Seen) -> tuple[Difference, ...]:
        """The same as `selects`, told with what the references mean."""
        chosen = self.where or self.expect
        return () if chosen is None else self._told(chosen, seen)

    def _match(self, expectation: Expectation, seen: Seen, *, told: bool = True) -> tuple[Difference, ...]:
        arrived_us = None if self.arrived is None else self.arrived(seen.at_us)
        return match(expectation, seen.view, self.resolve, arrived_us=arrived_us, told=told)

    def _told(self, expectation: Expectation, seen: Seen) -> tuple[Difference, ...]:
        differences = self._match(expectation, seen)
        if not differences or not references_of(expectation):
            return differences
        return self._match(settled(expectation, self.resolve), seen)


def _of_list(expect: Expectation) -> Expectation | None:
    """What an expectation on a response says of the list in it: its body, or its body's `data`."""
    inner: Expectation | None = expect
    for key in ("body", "data"):
        if isinstance(inner, Fields):
            inner = next((held for name, held in inner.entries if name == key), None)
    return inner


def nearest_of(wanted: Wanted, candidates: Sequence[Item]) -> tuple[Item | None, tuple[Difference, ...]]:
    """The item that differs least from what is waited for, and how."""
    best: Item | None = None
    fewest: tuple[Difference, ...] = ()
    for item in candidates:
        differences = wanted.selects(item)
        if best is None or len(differences) < len(fewest):
            best, fewest = item, differences
    return best, () if best is None else wanted.lacks(best)
