"""The only place that reads a clock. Everything else takes time as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Microseconds since the run's start, and the wall time of that start."""

    @property
    def started_wall_us(self) -> int:
        """Unix microseconds at the run's start."""

    def now_us(self) -> int:
        """Microseconds since the run's start; never goes back."""


class RunClock:
    """The machine's monotonic clock, counted from the moment it is made."""

    def __init__(self) -> None:
        self.started_wall_us = time.time_ns() // 1000
        self._started_ns = time.monotonic_ns()

    def now_us(self) -> int:
        """Microseconds since this clock was made."""
        return (time.monotonic_ns() - self._started_ns) // 1000


class DatedClock:
    """Another clock, with another wall time at its start: the run of a venue that has a time of its own."""

    def __init__(self, clock: Clock, started_wall_us: int) -> None:
        self.started_wall_us = started_wall_us
        self._clock = clock

    def now_us(self) -> int:
        """What the other clock says."""
        return self._clock.now_us()


class MachineClock:
    """The machine's monotonic clock as it is: every process of the machine has the same."""

    def __init__(self) -> None:
        self.started_wall_us = time.time_ns() // 1000 - self.now_us()

    def now_us(self) -> int:
        """Microseconds since the machine's own start."""
        return time.monotonic_ns() // 1000


class ManualClock:
    """A clock that stands until it is moved: for tests of everything that waits."""

    def __init__(self, started_wall_us: int = 1_760_000_000_000_000) -> None:
        self.started_wall_us = started_wall_us
        self._now_us = 0

    def now_us(self) -> int:
        """Where the clock was last set."""
        return self._now_us

    def advance(self, us: int) -> None:
        """Move the clock forward by so many microseconds."""
        if us < 0:
            raise ValueError("a clock does not go back")
        self._now_us += us


def iso_utc(wall_us: int) -> str:
    """Unix microseconds as ISO 8601 in UTC, to the second; no clock is read."""
    return (EPOCH + timedelta(microseconds=wall_us)).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact_utc(wall_us: int) -> str:
    """The same to the microsecond, of one width, so that texts sort as the times do."""
    return (EPOCH + timedelta(microseconds=wall_us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
