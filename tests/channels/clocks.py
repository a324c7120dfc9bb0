"""Clocks for tests of deadlines."""

from __future__ import annotations


class LookedAtClock:
    """A clock that goes on by half a second whenever somebody looks at it, however busy the machine is."""

    def __init__(self) -> None:
        self.started_wall_us = 1_760_000_000_000_000
        self._now_us = 0

    def now_us(self) -> int:
        self._now_us += 500_000
        return self._now_us
