"""What a run placed: which orders went out, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.notnow import halted
from harness.wire import http
from harness.world import Intent, Line


class Fate(StrEnum):
    """What is known of an order that was sent."""

    DOUBTFUL = "in doubt"  # no answer has come
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(slots=True)
class Placed:
    """What one actor may have placed: orders by their ids, and FIX orders by their ClOrdID."""

    orders: dict[str, Fate] = field(default_factory=dict)
    entered: dict[str, None] = field(default_factory=dict)


class Noting:
    """A line that notes which orders went out before they do, and that their answer came."""

    def __init__(self, line: Line, placed: Placed, intent: Intent) -> None:
        self._line = line
        self._placed = placed
        self._intent = intent
        self._ids: tuple[str, ...] = ()

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        """Orders go out now."""
        named = derived or {}
        self._ids = tuple(named.get("order_ids") or filter(None, [named.get("order_id")]))
        for name in self._ids:
            self._placed.orders.setdefault(name, Fate.DOUBTFUL)
        for fields in (self._intent.get("message") or {}).values():
            self._placed.entered[str(fields.get("ClOrdID"))] = None
        self._line.sent(wire, derived)

    def answered(self, wire: Mapping[str, Any]) -> None:
        """What became of them is known, unless the exchange failed over them."""
        for name in self._ids if wire.get("status", 0) < 500 or halted(wire) else ():
            if _is_placed(wire):
                self._placed.orders[name] = Fate.TAKEN
            elif self._placed.orders[name] is Fate.DOUBTFUL:  # sent again, it may have been taken before
                self._placed.orders[name] = Fate.REFUSED
        self._line.answered(wire)

    def lost(self, why: str) -> None:
        """No answer came: they may rest or not."""
        self._line.lost(why)


def _is_placed(wire: Mapping[str, Any]) -> bool:
    """Whether an answer leaves it possible that an order was placed."""
    body = http.body_value(wire)
    refused = isinstance(body, Mapping) and body.get("success") is not True
    return 200 <= wire.get("status", 0) < 300 and not refused
