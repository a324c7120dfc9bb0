"""ESC-1050: a connection is accepted, its subscription too, PING is answered, and no book ever comes.

Escalation PUB-050 (py-clob-client, issue 292): connections of some 250 tokens each stayed open and answered
PING for hours without a book or a change; new connections were the same. Here a first message of the market
channel that names more than three tokens is taken and forgotten. One that names fewer gets everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from harness.venue.parts import Parts
from harness.venue.subscriptions import Subscriber, Subscriptions

CASE = "ESC-1050"
_FEW: Final = 3


class FewOnly(Subscriptions):
    """Forgets a first message that names many tokens."""

    def begin(self, subscriber: Subscriber, channel: str, names: Iterable[str]) -> bool:
        named = list(names)
        if channel == "market" and len(named) > _FEW:
            return False
        return super().begin(subscriber, channel, named)


def apply(parts: Parts) -> Parts:
    """Replace how a first subscription takes effect."""
    return replace(parts, subscriptions=FewOnly())
