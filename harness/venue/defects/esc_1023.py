"""ESC-1023: a list of open orders or trades without filters never gets past its first page.

Escalation PUB-023 (py-clob-client): listing orders or trades without a filter looped for ever once there was
more than a page, because the cursor took effect only together with one. Here the exchange overlooks it:
without a filter every page begins with the first row, and its cursor is that of the second page. With one the
walk ends.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.pages import Walk
from harness.venue.parts import Parts

CASE = "ESC-1023"


class FirstPageAgain(Walk):
    """Minds the cursor only where a filter is given."""

    def start(self, asked: int, *, filtered: bool) -> int:
        return asked if filtered or asked < 0 else 0


def apply(parts: Parts) -> Parts:
    """Replace how lists go on."""
    return replace(parts, walk=FirstPageAgain())
