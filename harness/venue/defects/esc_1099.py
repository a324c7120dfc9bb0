"""ESC-1099: the report of a cancelled order carries the order's ClOrdID instead of the request's.

Escalation PUB-099 (roq-rencap, issue 47): the report that confirmed a cancel had another ClOrdID than the
pending one, and the front end waited for ever with an order that it could not move. Here the ExecutionReport
150=4 that answers an OrderCancelRequest has the order's id in 11 and no 41, so that the request is never
answered under its own id.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.fix.parts import FixNames
from harness.venue.parts import Parts

CASE = "ESC-1099"


class OrdersOwn(FixNames):
    """Names a cancelled order by its own id alone."""

    def cancelled(self, *, request: str, order: str) -> tuple[str, str]:
        return order, ""


def apply(parts: Parts) -> Parts:
    """Replace how a cancel is named."""
    return replace(parts, fix_names=OrdersOwn())
