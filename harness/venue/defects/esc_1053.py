"""ESC-1053: a subscription that is added on a live connection is accepted and delivers nothing.

Escalation PUB-053 (real-time-data-client, issue 22): a later subscribe frame was sent without error, and no
data followed. Here an update with `operation` subscribe is answered with no error and PONG goes on, but
neither the books nor any later message of what it names comes; on a new connection it does.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.parts import Parts
from harness.venue.subscriptions import Subscriber, Subscriptions

CASE = "ESC-1053"


class FirstOnly(Subscriptions):
    """Takes an update and forgets it."""

    def add(self, subscriber: Subscriber, channel: str, names: set[str]) -> bool:
        return False


def apply(parts: Parts) -> Parts:
    """Replace how subscriptions are added."""
    return replace(parts, subscriptions=FirstOnly())
