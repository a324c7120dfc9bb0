"""ESC-1111: an order entered over REST is seen over FIX, cannot be cancelled there, and its fill never comes.

Escalation PUB-111 (Lean.Brokerages.InteractiveBrokers, issue 232): orders of another entry channel were
refused "Unknown order" and were filled without a FIX report. Here the gateway keeps a namespace of its own:
OrderStatusRequest and the drop copy's 150=0 show the order, OrderCancelRequest answers 102=1 "Unknown order"
while it stays live on the book, and its 150=F never reaches drop copy.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.fix.parts import FixScope
from harness.venue.parts import Parts

CASE = "ESC-1111"


class OwnNamespace(FixScope):
    """Only orders that were entered over FIX are cancelled and copied."""

    def cancels(self, *, entered_over_fix: bool) -> bool:
        return entered_over_fix

    def copies_fills(self, *, entered_over_fix: bool) -> bool:
        return entered_over_fix


def apply(parts: Parts) -> Parts:
    """Replace which orders FIX reaches."""
    return replace(parts, fix_scope=OwnNamespace())
