"""The venue's time: the machine's, one of its own at a pace of its own, or one that moves when it is told.

Everything in the venue that reads a clock, waits for a moment or stamps a block does it through one
`VenueClock`. Moments are Unix microseconds.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from harness.clock import Clock, RunClock
from harness.venue.faults import VenueError

MANUAL_START_S: Final = 1_767_225_600  # 2026-01-01T00:00:00Z: any will do, if it is the same every time
_FASTEST: Final = 1000
_STATED: Final = re.compile(
    r"(?P<start>\d{1,10})(?:[x×](?P<rate>\d{1,4}(?:\.\d{1,3})?))?|manual(?:@(?P<at>\d{1,10}))?"
)


@dataclass(frozen=True, slots=True)
class OwnTime:
    """Where a clock of the venue's own starts (Unix seconds), and its pace; at 0 it is moved by hand."""

    start_s: int
    rate: Decimal

    @classmethod
    def parse(cls, text: str) -> OwnTime:
        """`1767225600`, `1767225600x10`, `manual` or `manual@1767225600`. Raises VenueError."""
        said = _STATED.fullmatch(text)
        if said is None:
            raise VenueError(
                f"a clock {text!r}: name the Unix second it starts at, with xRATE behind it for a pace of "
                "its own, or manual, or manual@SECOND"
            )
        if said["start"] is None:
            return cls(int(said["at"] or MANUAL_START_S), Decimal(0))
        rate = Decimal(said["rate"] or 1)
        if not 0 < rate <= _FASTEST:
            raise VenueError(f"a clock at {rate} times: name a rate above 0 and up to {_FASTEST}, or manual")
        return cls(int(said["start"]), rate)


class VenueClock:
    """Reads and waits. With `own` None it is the machine's clock."""

    def __init__(self, own: OwnTime | None = None, machine: Clock | None = None) -> None:
        self.own = own
        self._machine = machine or RunClock()
        self._rate = float(own.rate) if own else 1.0
        self._moved_us = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    @property
    def manual(self) -> bool:
        """Whether it moves only when it is told."""
        return self._rate == 0

    @property
    def block_s(self) -> int | None:
        """What the next block is to be stamped with; None where the node's own clock does."""
        return None if self.own is None else self.now_us() // 1_000_000

    def now_us(self) -> int:
        """This moment; it never goes back."""
        if self.own is None:
            return self._machine.started_wall_us + self._machine.now_us()
        if self.manual:
            return self.own.start_s * 1_000_000 + self._moved_us
        return self.own.start_s * 1_000_000 + int(self._machine.now_us() * self._rate)

    async def sleep(self, seconds: float) -> None:
        """Wait so long in the venue's time."""
        if self.manual:
            moved = asyncio.Event()
            self.after(math.ceil(seconds * 1000), moved.set)
            await moved.wait()
        else:
            await asyncio.sleep(seconds / self._rate)

    def after(self, delay_ms: int, call: Callable[[], None]) -> None:
        """Call when so much time has passed."""
        if self.manual:
            heapq.heappush(self._due, (self.now_us() + delay_ms * 1000, next(self._numbers), call))
        else:
            asyncio.get_running_loop().call_later(delay_ms / 1000 / self._rate, call)

    @property
    def next_due_us(self) -> int | None:
        """When the next call is due, where the clock is moved by hand."""
        return self._due[0][0] if self._due else None

    def move_to(self, moment_us: int) -> None:
        """Move a clock that is moved by hand, and make the calls that are due by then, each at its moment."""
        assert self.manual
        while self._due and self._due[0][0] <= moment_us:
            due_us, _, call = heapq.heappop(self._due)
            self._stand_at(due_us)
            call()
        self._stand_at(moment_us)

    def _stand_at(self, moment_us: int) -> None:
        self._moved_us += max(0, moment_us - self.now_us())
