"""Clocks for tests of deadlines."""

from __future__ import annotations

from harness.clock import RunClock


class HastyClock(RunClock):
    """The machine's clock, a number of times as fast: a deadline of seconds ends in parts of one."""

    def __init__(self, times: int = 20) -> None:
        super().__init__()
        self._times = times

    def now_us(self) -> int:
        return super().now_us() * self._times
