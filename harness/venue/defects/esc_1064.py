"""ESC-1064: a second subscription of the same on the user channel makes every event come twice.

Escalation PUB-064 (nautilus_trader, issue 3403): two subscriptions were live at once, and the doubled events
drove orders from CANCELED to CANCELED and back to ACCEPTED. Here an update of the user channel that names a
market which the connection follows already doubles each of its events on that connection.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.parts import Parts
from harness.venue.subscriptions import Subscriber, Subscriptions

CASE = "ESC-1064"


class CountingEach(Subscriptions):
    """Counts every subscription of the user channel, the same ones too."""

    def add(self, subscriber: Subscriber, channel: str, names: set[str]) -> bool:
        if channel != "user":
            return super().add(subscriber, channel, names)
        subscriber.followed.update(names)
        return True


def apply(parts: Parts) -> Parts:
    """Replace how subscriptions are added."""
    return replace(parts, subscriptions=CountingEach())
