"""ESC-1057: a second first message is answered INVALID OPERATION, and the subscription is gone.

Escalation PUB-057 (nautilus_trader, pull request 3717): a client changed its subscription with the form that
only a connection's first message has, and was answered with a bare text. Here the answer is the same, and
what the connection followed is forgotten with it: PING is answered, and nothing else comes any more until
the next update.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.parts import Parts
from harness.venue.subscriptions import Subscriber, Subscriptions

CASE = "ESC-1057"


class ForgettingAll(Subscriptions):
    """Takes what is followed away with the refusal."""

    def refused(self, subscriber: Subscriber) -> None:
        subscriber.forget(list(subscriber.followed))


def apply(parts: Parts) -> Parts:
    """Replace what a refused message does to a subscription."""
    return replace(parts, subscriptions=ForgettingAll())
