"""The matching engine: accepts, matches and cancels orders, and says what happened to whoever listens.

A BUY meets SELLs of its token and BUYs of the other one (book.py). Time is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from harness.venue.book import Book, books_of
from harness.venue.bookrules import BookRules
from harness.venue.chance import Chance
from harness.venue.faults import RefusalError
from harness.venue.markets import Market
from harness.venue.promises import OpenSums, Unsettled
from harness.venue.records import BookOrder, Fill, OrderStatus, Trade
from harness.wire.clob import Side

STILL_DELAYED = "order match delayed due to market conditions"
GONE = "order can't be found - already canceled or matched"
_FOK_KILLED = "order couldn't be fully filled. FOK orders are fully filled or killed."
_FAK_KILLED = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
)


@dataclass(frozen=True, slots=True)
class Now:
    """One moment, as the wire writes it in several units."""

    ns: int

    @property
    def ms(self) -> int:
        return self.ns // 1_000_000

    @property
    def s(self) -> int:
        return self.ns // 1_000_000_000


class Listener:
    """Who is told of what the engine does (channels, FIX desk); what is not overridden is not heard."""

    def order_placed(self, order: BookOrder, now: Now) -> None:
        """An order was accepted; nothing of it is matched yet."""

    def order_updated(self, order: BookOrder, now: Now) -> None:
        """An order was filled, in part or whole."""

    def order_canceled(self, order: BookOrder, now: Now) -> None:
        """An order was cancelled or ran out."""

    def order_killed(self, order: BookOrder, reason: str, now: Now) -> None:
        """A FOK or FAK met too little and never was on the book."""

    def level_changed(self, market: Market, token: int, side: Side, price: Decimal, now: Now) -> None:
        """A level's total changed by a placed or cancelled order."""

    def matched(self, trade: Trade, now: Now) -> None:
        """Orders met."""

    def trade_changed(self, trade: Trade, now: Now) -> None:
        """A trade's settlement moved on."""

    def market_opened(self, market: Market, now: Now) -> None:
        """A market takes orders from now on."""

    def market_resolved(self, market: Market, now: Now) -> None:
        """A market has a winner; its orders were cancelled."""

    def tick_changed(self, market: Market, old: Decimal, now: Now) -> None:
        """A market has another tick size; `old` is the one until now."""


class Engine:
    """Orders, books and trades of all markets."""

    def __init__(self, rules: Callable[[], BookRules] = BookRules, chance: Chance | None = None) -> None:
        self._rules = rules
        self._chance = chance or Chance()
        self.orders: dict[str, BookOrder] = {}
        self.trades: dict[str, Trade] = {}
        self._live: dict[str, BookOrder] = {}
        self._delayed: dict[str, BookOrder] = {}
        self._dated: dict[str, BookOrder] = {}
        self._sums = OpenSums()
        self._unsettled = Unsettled()
        self._books: dict[int, Book] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Tell `listener` of everything from now on."""
        self._listeners.append(listener)

    def open_market(self, market: Market, now: Now) -> None:
        """Give a market's two tokens their empty book."""
        for book in books_of(market.yes, market.no, now.ms):
            self._books[book.token] = book
        for listener in self._listeners:
            listener.market_opened(market, now)

    def resolve_market(self, market: Market, now: Now) -> None:
        """Cancel what rests in a market that has a winner, and say who won."""
        for order in self.open_orders():
            if order.market.condition == market.condition:
                self.cancel(order, now, OrderStatus.MARKET_RESOLVED)
        for listener in self._listeners:
            listener.market_resolved(market, now)

    def change_tick(self, market: Market, old: Decimal, now: Now) -> None:
        """Say that a market's tick is not `old` any more; what rests stays at its price."""
        for listener in self._listeners:
            listener.tick_changed(market, old, now)

    def book(self, token: int) -> Book:
        """A listed token's book. Raises KeyError for another token."""
        return self._books[token]

    def ahead(self, order: BookOrder) -> tuple[Fill, ...]:
        """What an order would fill if it were placed now; nothing is changed."""
        return self._books[order.order.token_id].matches(order, self._rules().limit(order))

    def place(self, order: BookOrder, now: Now) -> Trade | None:
        """Match an order that passed every check, and rest or drop what is left; returns its trade, if any.

        Raises RefusalError for a FOK that cannot be filled whole and a FAK that meets nothing.
        """
        fills = self.ahead(order)
        if reason := _too_little(order, fills):
            for listener in self._listeners:
                listener.order_killed(order, reason, now)
            raise RefusalError(400, reason)
        self._accept(order, now)
        return self._execute(order, fills, now)

    def hold(self, order: BookOrder, now: Now) -> None:
        """Accept an order that would match, and match it later: see `release`."""
        order.status = OrderStatus.DELAYED
        self._delayed[order.id] = order
        self._count(order)
        self._accept(order, now)

    def release(self, order: BookOrder, now: Now) -> Trade | None:
        """Match a held order with the book of this moment, and rest or drop what is left."""
        if self._delayed.pop(order.id, None) is None:
            return None
        self._count(order)
        fills = self.ahead(order)
        if _too_little(order, fills):
            order.status = OrderStatus.UNMATCHED
            for listener in self._listeners:
                listener.order_canceled(order, now)
            return None
        order.status = OrderStatus.LIVE
        trade = self._execute(order, fills, now)
        if trade is None:
            for listener in self._listeners:
                listener.order_updated(order, now)
        return trade

    def meets_too_little(self, order: BookOrder) -> bool:
        """Whether the book of this moment kills an order: a FOK or FAK."""
        return bool(_too_little(order, self.ahead(order)))

    def _accept(self, order: BookOrder, now: Now) -> None:
        self.orders[order.id] = order
        for listener in self._listeners:
            listener.order_placed(order, now)

    def _execute(self, order: BookOrder, fills: tuple[Fill, ...], now: Now) -> Trade | None:
        book = self._books[order.order.token_id]
        trade = self._match(book, order, fills, now) if fills else None
        if order.shares_left <= 0 or order.order_type == "FAK":
            order.status = OrderStatus.MATCHED
        elif order.order_type != "FOK":
            book.rest(order, now.ms)
            self._live[order.id] = order
            if order.expires_s:
                self._dated[order.id] = order
            self._count(order)
            self._level_changed(order, now)
        if trade is not None:
            for listener in self._listeners:
                listener.order_updated(order, now)
        return trade

    def _match(self, book: Book, taker: BookOrder, fills: tuple[Fill, ...], now: Now) -> Trade:
        trade = Trade(self._chance.uuid("trade"), taker, fills, now.ns, now.s)
        self.trades[trade.id] = trade
        self._unsettled.add(trade)
        for fill in fills:
            maker = fill.maker
            maker.shares_matched += fill.shares
            maker.trades.append(trade.id)
            if maker.shares_left <= 0:
                maker.status = OrderStatus.MATCHED
                self._drop(maker)
                book.remove(maker, now.ms)
            self._count(maker)
            book.last_price = fill.taker_price
            self._books[maker.order.token_id].last_price = maker.price
        taker.shares_matched += trade.shares
        taker.trades.append(trade.id)
        book.touch(now.ms)
        for listener in self._listeners:
            listener.matched(trade, now)
        for maker in {fill.maker.id: fill.maker for fill in fills}.values():
            for listener in self._listeners:
                listener.order_updated(maker, now)
        return trade

    def cancel(self, order: BookOrder, now: Now, status: OrderStatus = OrderStatus.CANCELED) -> bool:
        """Take a live order off the book and say so; False where it is not live any more."""
        if status is OrderStatus.MARKET_RESOLVED and self._delayed.pop(order.id, None) is not None:
            order.status = status
            self._count(order)
            for listener in self._listeners:
                listener.order_canceled(order, now)
            return True
        if order.status is not OrderStatus.LIVE:
            return False
        order.status = status
        self._drop(order)
        self._count(order)
        self._books[order.order.token_id].remove(order, now.ms)
        self._level_changed(order, now)
        if not self._rules().tells_cancel(order):
            return False
        for listener in self._listeners:
            listener.order_canceled(order, now)
        return True

    def expire(self, now: Now) -> None:
        """Cancel the orders whose time has come."""
        for order in list(self._dated.values()):
            if order.expires_s <= now.s:
                self.cancel(order, now, OrderStatus.EXPIRED)

    def live_orders(self) -> Iterable[BookOrder]:
        """The orders on the books, as placed."""
        return list(self._live.values())

    def open_orders(self) -> Iterable[BookOrder]:
        """The orders whose makers must keep what they promise: on the books, or waiting to be matched."""
        return [*self._live.values(), *self._delayed.values()]

    def is_live(self, order_id: str) -> bool:
        """Whether an order of this id is on a book."""
        return order_id in self._live

    def promised(self, order: BookOrder) -> int:
        """What the open orders of an order's address promise of what it would give itself, in base units."""
        return self._sums.of(order)

    def unsettled_trades(self, maker: str) -> Iterable[Trade]:
        """The matches whose promises still stand and in which an address gives something."""
        return self._unsettled.of(maker)

    def trade_changed(self, trade: Trade, now: Now) -> None:
        """Say that a trade's settlement moved on."""
        trade.updated_s = now.s
        if trade.unsettled:  # again, where a reorganisation took its block away
            self._unsettled.add(trade)
        else:
            self._unsettled.remove(trade)
        for listener in self._listeners:
            listener.trade_changed(trade, now)

    def _drop(self, order: BookOrder) -> None:
        self._live.pop(order.id, None)
        self._dated.pop(order.id, None)

    def _count(self, order: BookOrder) -> None:
        self._sums.count(order, is_open=order.id in self._live or order.id in self._delayed)

    def _level_changed(self, order: BookOrder, now: Now) -> None:
        for listener in self._listeners:
            listener.level_changed(order.market, order.order.token_id, order.side, order.price, now)


def _too_little(order: BookOrder, fills: Iterable[Fill]) -> str:
    """Why a FOK or FAK that meets this is killed; empty where it is not."""
    filled = sum(fill.shares for fill in fills)
    if order.order_type == "FOK" and filled < order.shares:
        return _FOK_KILLED
    return _FAK_KILLED if order.order_type == "FAK" and not filled else ""
