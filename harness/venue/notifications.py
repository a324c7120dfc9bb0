"""What an account is notified of: cancels, fills, failed fills, markets' ends (CLOB docs, notifications)."""

from __future__ import annotations

import enum
import itertools
from collections import deque
from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Final

from harness.venue.engine import Engine, Listener, Now
from harness.venue.markets import Market
from harness.venue.money import human, plain
from harness.venue.records import BookOrder, Trade, TradeStatus

KEPT_S: Final = 48 * 3600
_MOST: Final = 1000  # of one account; the exchange tells no limit


class NotificationType(enum.IntEnum):
    """The types that happen here, of the eleven there are."""

    CANCELLATION = 1
    FILL = 2
    MARKET_RESOLVED = 4
    FILL_FAILED = 8


_OF_STATUS: Final = {
    TradeStatus.MINED: NotificationType.FILL,
    TradeStatus.FAILED: NotificationType.FILL_FAILED,
}


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification; `maker` is the wallet whose order it is about, `owner` the API key it came with."""

    id: int
    owner: str
    maker: str
    kind: NotificationType
    at_s: int
    payload: dict[str, Any]

    def view(self) -> dict[str, Any]:
        """As GET /notifications answers it."""
        head = {"id": self.id, "owner": self.owner, "type": int(self.kind), "timestamp": self.at_s}
        return {**head, "payload": self.payload}


class Notifications(Listener):
    """The notifications of all accounts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ids = itertools.count(1)
        self._of: dict[str, deque[Notification]] = {}
        self._told: set[tuple[str, NotificationType]] = set()
        engine.listen(self)

    def kept(self, address: str, makers: Container[str], now: Now) -> list[Notification]:
        """An account's notifications of these wallets, the oldest first; those of 48 hours ago are gone."""
        own = self._of.get(address, deque())
        while own and own[0].at_s <= now.s - KEPT_S:
            own.popleft()
        return [row for row in own if row.maker in makers]

    def drop(self, address: str, ids: Container[int]) -> None:
        """Forget these notifications of an account."""
        own = self._of.get(address, deque())
        self._of[address] = deque((row for row in own if row.id not in ids), maxlen=_MOST)

    def order_canceled(self, order: BookOrder, now: Now) -> None:
        """A cancel, whoever did it: the owner, the market's end, the order's own end."""
        self._add(order, NotificationType.CANCELLATION, now, _of_order(order))

    def trade_changed(self, trade: Trade, now: Now) -> None:
        """A fill when its transaction is mined, or a failed one; each once, also where a block goes away."""
        kind = _OF_STATUS.get(trade.status)
        if kind is None or (trade.id, kind) in self._told:
            return
        self._told.add((trade.id, kind))
        orders = {order.id: order for order in (trade.taker, *(fill.maker for fill in trade.fills))}
        for order in orders.values():
            self._add(order, kind, now, _of_order(order, trade))

    def market_resolved(self, market: Market, now: Now) -> None:
        """A market is over: every wallet that ever had an order in it is told, once."""
        wallets: dict[str, BookOrder] = {}
        for order in self._engine.orders.values():
            if order.market.condition == market.condition:
                wallets.setdefault(order.order.maker, order)
        winner = "" if market.winner is None else market.outcome(market.winner)
        for order in wallets.values():
            payload = {**_of_market(market), "outcome": winner}
            self._add(order, NotificationType.MARKET_RESOLVED, now, payload)

    def _add(self, order: BookOrder, kind: NotificationType, now: Now, payload: dict[str, Any]) -> None:
        row = Notification(next(self._ids), order.owner, order.order.maker, kind, now.s, payload)
        self._of.setdefault(order.trader, deque(maxlen=_MOST)).append(row)


def _of_market(market: Market) -> dict[str, Any]:
    return {
        "market": market.condition,
        "question": market.question,
        "market_slug": market.slug,
        "eventSlug": market.slug,
    }


def _of_order(order: BookOrder, trade: Trade | None = None) -> dict[str, Any]:
    token = order.order.token_id
    return {
        **_of_market(order.market),
        "asset_id": str(token),
        "order_id": order.id,
        "side": order.side.name,
        "type": order.order_type,
        "price": plain(order.price),
        "original_size": human(order.shares),
        "matched_size": human(order.shares_matched),
        "remaining_size": human(max(order.shares_left, 0)),
        "outcome": order.market.outcome(token),
        "outcome_index": 0 if token == order.market.yes else 1,
        "transaction_hash": "" if trade is None else trade.transaction_hash,
        "trade_id": "" if trade is None else trade.id,
    }
