"""How long a WebSocket connection may say nothing (CLOB docs, WebSocket). Time is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from harness.venue.faults import VenueError

_LONGEST_S = 3600


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the exchange waits: for a subscription, and for the next PING.

    The exchange drops a connection some ten seconds after a PING that was due and did not come, and asks for
    one every ten; how long it waits for a subscription is not documented.
    """

    subscribe_s: Decimal = Decimal(10)
    ping_s: Decimal = Decimal(20)

    def __post_init__(self) -> None:
        for what, limit_s in (("a subscription", self.subscribe_s), ("a PING", self.ping_s)):
            if not limit_s.is_finite() or not 0 < limit_s <= _LONGEST_S:
                raise VenueError(f"{limit_s} s is no time to wait for {what}: name one up to {_LONGEST_S}")


class Silence:
    """One connection's: when it has been silent for too long. All times are microseconds of one clock."""

    def __init__(self, patience: Patience, opened_us: int) -> None:
        self._ping_us = _us(patience.ping_s)
        self._due_us = opened_us + _us(patience.subscribe_s)

    def broken(self, now_us: int) -> None:
        """What was waited for came, a subscription or a PING: the next PING is waited for."""
        self._due_us = now_us + self._ping_us

    def left_us(self, now_us: int) -> int:
        """How long it may go on; 0 where its time is over."""
        return max(0, self._due_us - now_us)


def _us(seconds: Decimal) -> int:
    return int(seconds * 1_000_000)
