"""The dead-man switch: API keys that began to send heartbeats and fell silent lose their open orders.

CLOB docs, manage orders: heartbeat. Time is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.venue.chance import Chance
from harness.venue.engine import Engine, Now

SILENCE_S: Final = 10
SWEEP_S: Final = 5
_NS: Final = 1_000_000_000


@dataclass(slots=True, eq=False)
class Pulse:
    """One API key's heartbeats: the id that the next one must have, and when the last one came."""

    expected: str
    last_ns: int
    lapsed: bool = False


class Heartbeats:
    """The pulses of all API keys over one engine."""

    def __init__(self, engine: Engine, chance: Chance | None = None) -> None:
        self._engine = engine
        self._chance = chance or Chance()
        self._pulses: dict[str, Pulse] = {}
        self._swept_ns = 0

    def beat(self, api_key: str, heartbeat_id: str, now: Now) -> str | None:
        """Take a heartbeat in and return the id of the next; None where it has another id than expected."""
        if heartbeat_id != self.expected(api_key):
            return None
        return self._beaten(api_key, self._chance.uuid(f"heartbeat {api_key}"), now)

    def beat_without_id(self, api_key: str, now: Now) -> None:
        """Take in a heartbeat of the older endpoint, which knows no ids."""
        self._beaten(api_key, self.expected(api_key), now)

    def expected(self, api_key: str) -> str:
        """The id that the next heartbeat of a key must have; empty before its first."""
        pulse = self._pulses.get(api_key)
        return "" if pulse is None else pulse.expected

    def sweep(self, now: Now) -> None:
        """Every five seconds, cancel all open orders of each key that fell silent for ten."""
        if now.ns - self._swept_ns < SWEEP_S * _NS:
            return
        self._swept_ns = now.ns
        silent = {key for key, pulse in self._pulses.items() if self._lapses(pulse, now)}
        if silent:
            for order in self._engine.live_orders():
                if order.owner in silent:
                    self._engine.cancel(order, now)

    def _lapses(self, pulse: Pulse, now: Now) -> bool:
        if pulse.lapsed or now.ns - pulse.last_ns < SILENCE_S * _NS:
            return False
        pulse.lapsed = True
        return True

    def _beaten(self, api_key: str, following: str, now: Now) -> str:
        self._pulses[api_key] = Pulse(following, now.ns)
        return following
