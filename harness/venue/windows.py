"""Sliding windows over the requests of one address: when the next may pass. No clock inside."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Sequence


class Window:
    """At most `count` passes in any `width_ns`; remembers the newest of them, also those that lie ahead."""

    __slots__ = ("_passes", "count", "width_ns")

    def __init__(self, count: int, width_ns: int) -> None:
        if count < 1 or width_ns < 1:
            raise ValueError(f"a window of {width_ns} ns for {count} requests is none")
        self.count = count
        self.width_ns = width_ns
        self._passes: deque[int] = deque()

    def earliest(self, now_ns: int) -> int:
        """When one more request may pass: now, or as soon as the oldest that counts has left the window."""
        if len(self._passes) < self.count:
            return now_ns
        return max(now_ns, self._passes[0] + self.width_ns)

    def enter(self, at_ns: int) -> None:
        """Count a pass at a moment that is not before `earliest`."""
        if len(self._passes) == self.count:
            self._passes.popleft()
        if not self._passes or self._passes[-1] <= at_ns:
            self._passes.append(at_ns)
        else:
            insort(self._passes, at_ns)


def pass_at(windows: Sequence[Window], now_ns: int, longest_ns: int) -> int | None:
    """When a request passes all of its windows, and count it there; None where it would wait too long."""
    at_ns = max((window.earliest(now_ns) for window in windows), default=now_ns)
    if at_ns - now_ns > longest_ns:
        return None
    for window in windows:
        window.enter(at_ns)
    return at_ns
