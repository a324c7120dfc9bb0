"""What the two channels of the CLOB share (CLOB docs, WebSocket)."""

from __future__ import annotations

from typing import Final

from harness.venue.engine import Listener
from harness.venue.exchange import Exchange
from harness.venue.subscriptions import Subscriber, Subscribers

_NOT_NOW: Final = "INVALID OPERATION"


class ClobChannel(Listener):
    """A channel whose connections begin with a subscription, and that listens to the engine."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.subscribers = Subscribers()
        exchange.engine.listen(self)

    def greet(self) -> Subscriber | None:
        """Nobody is connected before it subscribes."""
        return None

    def refuse(self, subscriber: Subscriber) -> None:
        """Answer a message that is none, whatever is wrong with it."""
        subscriber.send(_NOT_NOW)
        self._exchange.parts.subscriptions.refused(subscriber)

    def left(self, subscriber: Subscriber) -> None:
        """A connection that had subscribed has ended."""
