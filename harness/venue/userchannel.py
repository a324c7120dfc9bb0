"""The user channel: an account's orders and trades (CLOB docs: user channel)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.venue import userevents
from harness.venue.clobchannel import ClobChannel
from harness.venue.engine import Now
from harness.venue.exchange import Exchange
from harness.venue.records import BookOrder, Trade
from harness.venue.subscriptions import Subscriber, operation_of, texts


class UserChannel(ClobChannel):
    """Who is connected to it, and what they are told."""

    path = "/ws/user"

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self._late: dict[str, dict[str, Any]] = {}
        """Trade events that come behind an UPDATE of their account's, by address."""

    def first(self, message: dict[str, Any]) -> Subscriber | None:
        """Who subscribes with a connection's first message; None where it is no valid subscription."""
        auth, markets = message.get("auth"), message.get("markets")
        if message.get("type") != "user" or not isinstance(auth, dict):
            return None
        if markets is not None and not texts(markets):
            return None
        key = self._exchange.keys.in_clear(auth.get("apiKey"), auth.get("secret"), auth.get("passphrase"))
        if key is None:
            return None
        subscriber = Subscriber(key.address, everything=markets is None)  # an empty list is a filter
        named = [name.lower() for name in markets or ()]
        self._exchange.parts.subscriptions.begin(subscriber, "user", named)
        return subscriber

    def update(self, subscriber: Subscriber, message: dict[str, Any]) -> bool:
        """Follow more markets, or fewer; False where the message says neither."""
        operation, markets = operation_of(message), message.get("markets")
        if operation is None or not texts(markets):
            return False
        named = {name.lower() for name in markets}
        if operation == "unsubscribe":
            subscriber.forget(named)
        else:
            self._exchange.parts.subscriptions.add(subscriber, "user", named)
        return True

    def order_placed(self, order: BookOrder, now: Now) -> None:
        """Tell its owner: PLACEMENT."""
        self._order(order, "PLACEMENT", now)

    def order_updated(self, order: BookOrder, now: Now) -> None:
        """Tell its owner: UPDATE; and then of the trade, where that is late."""
        self._order(order, "UPDATE", now)
        if (event := self._late.pop(order.trader, None)) is not None:
            self._tell(order.trader, order.market.condition, event)

    def order_canceled(self, order: BookOrder, now: Now) -> None:
        """Tell its owner: CANCELLATION."""
        self._order(order, "CANCELLATION", now)

    def order_killed(self, order: BookOrder, reason: str, now: Now) -> None:
        """Tell its owner: CANCELLATION, with the reason in the status."""
        self._tell(order.trader, order.market.condition, userevents.killed_event(order, reason, now.ms))

    def matched(self, trade: Trade, now: Now) -> None:
        """Tell the parties of the trade, before an UPDATE of theirs or behind it: no order is promised.

        The UPDATEs follow at once, one at least for each party.
        """
        for address, event in self._events(trade, now):
            if self._exchange.chance.bytes(1, "order of a match's events")[0] % 2:
                self._late[address] = event
            else:
                self._tell(address, trade.taker.market.condition, event)

    def trade_changed(self, trade: Trade, now: Now) -> None:
        """Tell the parties where the trade stands."""
        for address, event in self._events(trade, now):
            self._tell(address, trade.taker.market.condition, event)

    def _events(self, trade: Trade, now: Now) -> Iterator[tuple[str, dict[str, Any]]]:
        parts = self._exchange.parts
        for address in trade.traders():
            yield (
                address,
                userevents.trade_event(trade, address, now.ms, parts.trade_telling, parts.maker_legs),
            )

    def _order(self, order: BookOrder, kind: str, now: Now) -> None:
        self._tell(order.trader, order.market.condition, userevents.order_event(order, kind, now.ms))

    def _tell(self, address: str, condition: str, event: dict[str, Any]) -> None:
        self.subscribers.tell(condition, event, address)
