"""ESC-1113: the order after a logon that was too high is refused once the gap is filled.

Escalation PUB-113 (quickfix, issue 102): a logon and an order behind it were queued, the gap fill reached the
order, and then the queued logon was counted once more, so that the order was "too low". Here the gateway
counts the logon twice: the gap fill that ends at the order's number makes the next expected number one
higher, and the order is answered with Logout "MsgSeqNum too low" and a disconnect instead of an
ExecutionReport.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.fix.frames import Frame, FrameTap
from harness.venue.parts import Parts

CASE = "ESC-1113"


class CountingTwice(FrameTap):
    """Adds the logon to a gap fill that already counts it, and takes up what was queued after that."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0
        self._queued: list[Frame] = []

    def from_client(self, frame: Frame) -> list[Frame]:
        if frame.get(35) == "A":
            self._next = frame.number + 1
        if frame.get(35) == "4" and self._next and frame.get(36) == str(self._next):
            queued, self._queued, self._next = self._queued, [], 0
            return [frame.with_values({36: str(int(frame.get(36)) + 1)}), *queued]
        if frame.number == self._next and self._next > 2:
            self._queued = [frame]
        return [frame]


def apply(parts: Parts) -> Parts:
    """Put it in the way of the gateway's bytes."""
    return replace(parts, fix_wire=parts.fix_wire.through(CountingTwice))
