"""The real-time data stream: the exchange's matches, as activity (RTDS docs, real-time-data-client).

A connection subscribes with actions, and every message stands in an envelope. Of the topics there is
`activity`: `orders_matched` when orders meet, `trades` when their settlement is mined.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from harness.venue.engine import Listener, Now
from harness.venue.exchange import Exchange
from harness.venue.records import Trade, TradeStatus
from harness.venue.rtdsfilters import read_filters
from harness.venue.subscriptions import Subscriber, Subscribers
from harness.venue.views import trade_price
from harness.wire.clob import BASE_UNITS

TOPIC: Final = "activity"
TYPES: Final = ("orders_matched", "trades", "*")
_S_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One subscription: a type, and the filter's text. Raises ValueError for one that is none."""

    kind: str
    filters: str = ""

    def __post_init__(self) -> None:
        if self.kind not in TYPES:
            raise ValueError(f"unknown type {self.kind!r}")
        read_filters(self.filters)

    @classmethod
    def read(cls, asked: Any) -> Wanted:
        """A subscription as the wire has it. Raises ValueError for one that is none."""
        if not isinstance(asked, dict) or asked.get("topic") != TOPIC:
            raise ValueError("unknown topic")
        kind, filters = asked.get("type"), asked.get("filters", "")
        if not isinstance(kind, str) or not isinstance(filters, str):
            raise ValueError("type and filters are texts")
        return cls(kind, filters)

    def same(self, other: Wanted) -> bool:
        """Whether another says the same, in whatever spelling."""
        return (self.kind, read_filters(self.filters)) == (other.kind, read_filters(other.filters))


@dataclass(slots=True, eq=False)
class RtdsSubscriber(Subscriber):
    """One connection of the stream and what it asked for."""

    id: str = ""
    wanted: list[Wanted] = field(default_factory=list)


class RtdsStream(Listener):
    """Who is connected to it, and what they are told."""

    path = "/rtds"

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.subscribers = Subscribers()
        exchange.engine.listen(self)

    def greet(self) -> RtdsSubscriber:
        """Who connects is connected; it may say PING before anything else."""
        return RtdsSubscriber(id=self._exchange.chance.uuid("rtds"))

    def first(self, message: dict[str, Any]) -> None:
        """Every message is an update."""

    def update(self, subscriber: Subscriber, message: dict[str, Any]) -> bool:
        """Follow more, or less; a message without an action is passed over, as users report."""
        action, asked = message.get("action"), message.get("subscriptions")
        if action is None:
            return True
        if not isinstance(subscriber, RtdsSubscriber) or action not in ("subscribe", "unsubscribe"):
            return False
        try:
            named = [Wanted.read(each) for each in asked] if isinstance(asked, list) else []
        except (ValueError, RecursionError):
            return False
        if not named:
            return False
        kept = [old for old in subscriber.wanted if not any(old.same(each) for each in named)]
        subscriber.wanted = [*kept, *named] if action == "subscribe" else kept
        return True

    def refuse(self, subscriber: Subscriber) -> None:
        """Answer a message that is none with the stream's error frame, which has no topic."""
        connection = subscriber.id if isinstance(subscriber, RtdsSubscriber) else ""
        request = self._exchange.chance.uuid("rtds request")
        subscriber.send({"message": "Invalid request body", "connectionId": connection, "requestId": request})

    def left(self, subscriber: Subscriber) -> None:
        """A connection has ended; nothing is kept of it."""

    def matched(self, trade: Trade, now: Now) -> None:
        """Tell who follows it: orders_matched."""
        self._tell("orders_matched", trade, now)

    def trade_changed(self, trade: Trade, now: Now) -> None:
        """Tell who follows it: trades, once the settlement is mined."""
        if trade.status is TradeStatus.MINED:
            self._tell("trades", trade, now)

    def _tell(self, kind: str, trade: Trade, now: Now) -> None:
        market, passes = trade.taker.market, self._exchange.parts.rtds_filters.lets_through
        about = {"event_slug": market.slug, "market_slug": market.slug}
        message = {"topic": TOPIC, "type": kind, "timestamp": now.ms, "payload": _payload(trade)}
        for subscriber in self.subscribers:
            wanted = subscriber.wanted if isinstance(subscriber, RtdsSubscriber) else []
            if any(each.kind in (kind, "*") and passes(each.filters, about) for each in wanted):
                subscriber.send(message)


def _payload(trade: Trade) -> dict[str, Any]:
    """A match as the activity topic has it: from the taker's side, numbers as numbers."""
    taker, market = trade.taker, trade.taker.market
    token = taker.order.token_id
    return {
        "asset": str(token),
        "bio": "",
        "conditionId": market.condition,
        "eventSlug": market.slug,
        "icon": "",
        "name": "",
        "outcome": market.outcome(token),
        "outcomeIndex": market.tokens.index(token),
        "price": Decimal(trade_price(trade)),
        "profileImage": "",
        "proxyWallet": taker.order.maker,
        "pseudonym": "",
        "side": taker.side.name,
        "size": Decimal(trade.shares) / BASE_UNITS,
        "slug": market.slug,
        "timestamp": trade.matched_ns // _S_NS,
        "title": market.question,
        "transactionHash": trade.transaction_hash,
    }
