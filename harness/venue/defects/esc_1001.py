"""ESC-1001: a signed order that is sent again after a lost answer is executed again.

Escalation PUB-001 (py-clob-client, issue 273): the client gave up after five seconds without an answer, sent
its FOK again, and bought once more each time. Here the duplicate check looks only at what rests on the book:
an order that was matched (or cancelled) is gone from there, so the same hash is taken, matched and settled as
a trade of its own. An order that rests is still refused as a duplicate.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.engine import Engine
from harness.venue.intake import Intake
from harness.venue.parts import Parts

CASE = "ESC-1001"


class ShortMemory(Intake):
    """Knows only the orders that rest."""

    def known(self, engine: Engine, order_id: str) -> bool:
        return engine.is_live(order_id)


def apply(parts: Parts) -> Parts:
    """Replace what counts as a duplicate."""
    return replace(parts, intake=ShortMemory())
