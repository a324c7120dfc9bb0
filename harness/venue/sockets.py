"""The market and user WebSockets (CLOB docs: market channel, user channel)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeGuard

from aiohttp import WSMsgType, web

from harness import exactjson
from harness.venue import views
from harness.venue.engine import Now
from harness.venue.exchange import Exchange
from harness.venue.marketfeed import News
from harness.venue.markets import Market, token_of
from harness.venue.records import BookOrder, Trade
from harness.venue.subscriptions import Subscriber
from harness.wire.clob import Side

_REFUSED_CODE: Final = 1008
_REFUSED_REASON: Final = b"invalid subscription payload"
_NOT_NOW: Final = "INVALID OPERATION"


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One of the two channels: its name, the key of what is subscribed, and who is connected."""

    name: str
    key: str
    subscribers: set[Subscriber] = field(default_factory=set)

    def tell(self, topic: str, value: dict[str, Any], address: str = "") -> None:
        """Send a message to who follows a token or condition; on the user channel, to one account's."""
        text = exactjson.dumps(value)
        for subscriber in self.subscribers:
            if subscriber.address == address:
                for _ in range(subscriber.copies(topic)):
                    subscriber.send(text)


class Sockets:
    """Both channels over one exchange; it listens to the engine."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._market = Channel("market", "assets_ids")
        self._user = Channel("user", "markets")
        self._open: set[web.WebSocketResponse] = set()
        exchange.engine.listen(self)

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each channel."""
        return [web.get("/ws/market", self.market), web.get("/ws/user", self.user)]

    async def close(self, code: int = 1001, reason: bytes = b"") -> None:
        """Say goodbye to every connection that is open now."""
        await asyncio.gather(*(socket.close(code=code, message=reason) for socket in list(self._open)))

    async def market(self, request: web.Request) -> web.WebSocketResponse:
        """The market channel, /ws/market."""
        return await self._serve(request, self._market, self._first_market)

    async def user(self, request: web.Request) -> web.WebSocketResponse:
        """The user channel, /ws/user."""
        return await self._serve(request, self._user, self._first_user)

    def _first_market(self, first: Any) -> Subscriber | None:
        ids = first.get("assets_ids")
        if first.get("type") != "market" or not _texts(ids):
            return None
        subscriber = Subscriber()
        subscriber.follow(ids)
        if first.get("initial_dump", True):
            self._dump(subscriber, ids)
        return subscriber

    def _first_user(self, first: Any) -> Subscriber | None:
        auth, markets = first.get("auth"), first.get("markets")
        if first.get("type") != "user" or not isinstance(auth, dict):
            return None
        if markets is not None and not _texts(markets):
            return None
        key = self._exchange.keys.in_clear(auth.get("apiKey"), auth.get("secret"), auth.get("passphrase"))
        if key is None:
            return None
        subscriber = Subscriber(key.address, everything=not markets)
        subscriber.follow(name.lower() for name in markets or ())
        return subscriber

    async def _serve(
        self, request: web.Request, channel: Channel, first_of: Callable[[Any], Subscriber | None]
    ) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.add(socket)
        subscriber: Subscriber | None = None
        writer: asyncio.Task[None] | None = None
        try:
            async for frame in socket:
                if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    continue
                message = _object(frame.data)
                if subscriber is None:
                    subscriber = None if message is None else first_of(message)
                    if subscriber is None:
                        await socket.close(code=_REFUSED_CODE, message=_REFUSED_REASON)
                        break
                    channel.subscribers.add(subscriber)
                    writer = asyncio.create_task(_write(socket, subscriber))
                elif frame.data == "PING":
                    subscriber.send("PONG")
                elif message is None or not self._update(subscriber, message, channel):
                    subscriber.send(_NOT_NOW)
        finally:
            self._open.discard(socket)
            if subscriber is not None:
                channel.subscribers.discard(subscriber)
            if writer is not None:
                writer.cancel()
        return socket

    def _update(self, subscriber: Subscriber, message: dict[str, Any], channel: Channel) -> bool:
        ids, operation = message.get(channel.key), message.get("operation")
        if operation not in ("subscribe", "unsubscribe") or not _texts(ids):
            return False
        named = {name.lower() for name in ids}
        if operation == "unsubscribe":
            subscriber.forget(named)
            return True
        added = self._exchange.parts.subscriptions.add(subscriber, channel.name, named)
        if added and channel is self._market:
            self._dump(subscriber, ids)
        return True

    def _dump(self, subscriber: Subscriber, tokens: list[str]) -> None:
        books = []
        for text in dict.fromkeys(tokens):
            token = token_of(text)
            market = None if token is None else self._exchange.markets.by_token(token)
            if token is not None and market is not None:
                books.append(self._book(market, token))
        if books:
            subscriber.send(books)

    def _book(self, market: Market, token: int) -> dict[str, Any]:
        exchange = self._exchange
        tick = exchange.parts.ticks.shown(exchange.markets, token)
        return {"event_type": "book", **views.book_view(market, token, exchange.engine.book(token), tick)}

    def _to_market(self, token: int, value: dict[str, Any]) -> None:
        self._market.tell(str(token), value)

    def _to_user(self, address: str, condition: str, value: dict[str, Any]) -> None:
        self._user.tell(condition, value, address)

    def _order(self, order: BookOrder, kind: str, now: Now) -> None:
        event = views.order_event(order, kind, now.ms)
        self._to_user(order.trader, order.market.condition, event)

    def order_placed(self, order: BookOrder, now: Now) -> None:
        """Tell its owner: PLACEMENT."""
        self._order(order, "PLACEMENT", now)

    def order_updated(self, order: BookOrder, now: Now) -> None:
        """Tell its owner: UPDATE."""
        self._order(order, "UPDATE", now)

    def order_canceled(self, order: BookOrder, now: Now) -> None:
        """Tell its owner: CANCELLATION."""
        self._order(order, "CANCELLATION", now)

    def order_killed(self, order: BookOrder, reason: str, now: Now) -> None:
        """Tell its owner: CANCELLATION, with the reason in the status."""
        event = views.killed_event(order, reason, now.ms)
        self._to_user(order.trader, order.market.condition, event)

    def level_changed(self, market: Market, token: int, side: Side, price: Decimal, now: Now) -> None:
        """Tell the market: price_change."""
        self._levels(market, token, [(side, price)], now)

    def _levels(self, market: Market, token: int, levels: Iterable[tuple[Side, Decimal]], now: Now) -> None:
        view, book = self._book(market, token), self._exchange.engine.book(token)
        self._to_market(token, views.price_change_event(view, book, levels, now.ms))

    def tick_changed(self, market: Market, old: Decimal, now: Now) -> None:
        """Tell the market: tick_size_change, for each token; `old` is the tick until now."""
        for token in (market.yes, market.no):
            self._to_market(token, views.tick_change_event(market, token, old, now.ms))

    def matched(self, trade: Trade, now: Now) -> None:
        """Tell the market each price, the levels taken from and the book, and the parties the trade."""
        for step in self._exchange.parts.market_feed.match_steps(trade):
            say = partial(self._say, step.news, trade, now)
            if step.after_ms:
                asyncio.get_running_loop().call_later(step.after_ms / 1000, say)
            else:
                say()
        self.trade_changed(trade, now)

    def _say(self, news: News, trade: Trade, now: Now) -> None:
        market, token = trade.taker.market, trade.taker.order.token_id
        match news:
            case News.TRADES:
                for fill in trade.fills:
                    self._to_market(token, views.last_trade_event(trade, fill, now.ms))
            case News.LEVELS:
                taken = dict.fromkeys((fill.maker.side, fill.maker.price) for fill in trade.fills)
                self._levels(market, token, taken, now)
            case News.BOOK:
                self._to_market(token, self._book(market, token))

    def trade_changed(self, trade: Trade, now: Now) -> None:
        """Tell the parties where the trade stands."""
        for address in trade.traders():
            event = views.trade_event(trade, address, now.ms, self._exchange.parts.trade_telling)
            self._to_user(address, trade.taker.market.condition, event)


def _texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _object(data: str | bytes) -> dict[str, Any] | None:
    try:
        value = exactjson.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


async def _write(socket: web.WebSocketResponse, subscriber: Subscriber) -> None:
    while not socket.closed:
        try:
            await socket.send_str(await subscriber.outbox.get())
        except ConnectionError:
            return
