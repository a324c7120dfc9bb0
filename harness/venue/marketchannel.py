"""The market channel: books, prices and trades of tokens (CLOB docs: market channel)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Final

from harness.venue import marketevents
from harness.venue.book import other
from harness.venue.clobchannel import ClobChannel
from harness.venue.engine import Now
from harness.venue.exchange import Exchange
from harness.venue.marketfeed import News
from harness.venue.markets import Market, token_of
from harness.venue.records import Trade
from harness.venue.subscriptions import Subscriber, operation_of, texts
from harness.venue.views import book_view
from harness.wire.clob import Side

LEVELS: Final = (1, 2, 3)
"""What `level` may be. The exchange does not say what it changes; here it changes nothing."""
DUMP_LIMIT: Final = 500
"""A connection that follows more tokens is sent no books on subscription, as users report."""


class MarketChannel(ClobChannel):
    """Who is connected to it, and what they are told."""

    path = "/ws/market"

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self._best: dict[int, tuple[Decimal, Decimal]] = {}
        """The top of each token's book, as it was told last."""

    def first(self, message: dict[str, Any]) -> Subscriber | None:
        """Who subscribes with a connection's first message; None where it is no valid subscription."""
        ids, dump = message.get("assets_ids"), message.get("initial_dump", True)
        custom, level = message.get("custom_feature_enabled", False), message.get("level", 2)
        if message.get("type") != "market" or not texts(ids):
            return None
        if not isinstance(dump, bool) or not isinstance(custom, bool):
            return None
        if level not in LEVELS or isinstance(level, bool):
            return None
        subscriber = Subscriber(custom=custom)
        if self._exchange.parts.subscriptions.begin(subscriber, "market", ids) and dump:
            self._dump(subscriber, ids)
        return subscriber

    def update(self, subscriber: Subscriber, message: dict[str, Any]) -> bool:
        """Follow more tokens, or fewer; False where the message says neither."""
        operation, ids = operation_of(message), message.get("assets_ids")
        custom = message.get("custom_feature_enabled", subscriber.custom)
        if operation is None or not texts(ids) or not isinstance(custom, bool):
            return False
        subscriber.custom = custom
        if operation == "unsubscribe":
            subscriber.forget(set(ids))
        elif self._exchange.parts.subscriptions.add(subscriber, "market", set(ids)):
            self._dump(subscriber, ids)
        return True

    def left(self, subscriber: Subscriber) -> None:
        """A connection has ended."""
        for book in self._books(subscriber.followed):
            self._exchange.parts.snapshots.left(book)

    def _dump(self, subscriber: Subscriber, tokens: list[str]) -> None:
        if len(subscriber.followed) > DUMP_LIMIT:
            return
        shown = self._exchange.parts.snapshots.shown
        books = [shown(book) for book in self._books(dict.fromkeys(tokens))]
        if books:
            subscriber.send(books)

    def _books(self, names: Iterable[str]) -> Iterator[dict[str, Any]]:
        """The books of those names that are listed tokens."""
        for text in names:
            token = token_of(text)
            market = None if token is None else self._exchange.markets.by_token(token)
            if token is not None and market is not None:
                yield self._book(market, token)

    def level_changed(self, market: Market, token: int, side: Side, price: Decimal, now: Now) -> None:
        """Tell the market: price_change."""
        self._levels(market, token, [(side, price)], now)

    def tick_changed(self, market: Market, old: Decimal, now: Now) -> None:
        """Tell the market: tick_size_change, for each token."""
        for token in market.tokens:
            self._tell(token, marketevents.tick_change_event(market, token, old, now.ms))

    def market_opened(self, market: Market, now: Now) -> None:
        """Tell whoever asked for custom features: new_market. Nobody can follow its tokens yet."""
        for token in market.tokens:
            self._best[token] = marketevents.best_prices(self._exchange.engine.book(token))
        event = marketevents.new_market_event(market, now.ms)
        for subscriber in self.subscribers:
            if subscriber.custom:
                subscriber.send(event)

    def market_resolved(self, market: Market, now: Now) -> None:
        """Tell who asked for custom features and follows one of its tokens, or none at all."""
        event = marketevents.resolved_event(market, now.ms)
        for subscriber in self.subscribers:
            about = not subscriber.followed or any(subscriber.copies(str(token)) for token in market.tokens)
            if subscriber.custom and about:
                subscriber.send(event)

    def matched(self, trade: Trade, now: Now) -> None:
        """Tell the market each price, the levels taken from and the book."""
        for step in self._exchange.parts.market_feed.match_steps(trade):
            say = partial(self._say, step.news, trade, now)
            if step.after_ms:
                self._exchange.clock.after(step.after_ms, say)
            else:
                say()

    def _say(self, news: News, trade: Trade, now: Now) -> None:
        market, token = trade.taker.market, trade.taker.order.token_id
        match news:
            case News.TRADES:
                for fill in trade.fills:
                    for traded, event in marketevents.last_trade_events(trade, fill, now.ms):
                        self._tell(traded, event)
            case News.LEVELS:
                side = other(trade.taker.side)
                taken = dict.fromkeys((side, fill.taker_price) for fill in trade.fills)
                self._levels(market, token, taken, now)
            case News.BOOK:
                for told in (token, market.other(token)):
                    if self.subscribers.follow_any([str(told)]):
                        self._tell(told, self._book(market, told))

    def _levels(self, market: Market, token: int, levels: Iterable[tuple[Side, Decimal]], now: Now) -> None:
        tokens = (token, market.other(token))
        book, mirror = (self._exchange.engine.book(each) for each in tokens)
        if self.subscribers.follow_any(map(str, tokens)):
            hashes = (self._book(market, token)["hash"], self._book(market, tokens[1])["hash"])
            event = marketevents.price_change_event(market, book, mirror, hashes, levels, now.ms)
            self.subscribers.tell_levels(event)
        for each in (book, mirror):
            best = marketevents.best_prices(each)
            if best != self._best[each.token]:
                self._best[each.token] = best
                self._tell(each.token, marketevents.best_event(market, each.token, best, now.ms), custom=True)

    def _book(self, market: Market, token: int) -> dict[str, Any]:
        exchange = self._exchange
        tick = exchange.parts.ticks.shown(exchange.markets, token)
        return {"event_type": "book", **book_view(market, token, exchange.engine.book(token), tick)}

    def _tell(self, token: int, event: dict[str, Any], *, custom: bool = False) -> None:
        self.subscribers.tell(str(token), event, custom=custom)
