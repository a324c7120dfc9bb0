"""The market and user WebSockets (CLOB docs: market channel, user channel)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeGuard

from aiohttp import WSMsgType, web

from harness import exactjson
from harness.venue import views
from harness.venue.engine import Now
from harness.venue.exchange import Exchange
from harness.venue.markets import Market, token_of
from harness.venue.records import BookOrder, Trade
from harness.wire.clob import Side

_REFUSED_CODE: Final = 1008
_REFUSED_REASON: Final = b"invalid subscription payload"
_NOT_NOW: Final = "INVALID OPERATION"


@dataclass(slots=True, eq=False)
class Subscriber:
    """One connection and what it follows: token ids or condition ids; None follows everything."""

    wanted: set[str] | None
    address: str = ""
    outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def wants(self, name: str) -> bool:
        """Whether it follows a token or condition."""
        return self.wanted is None or name in self.wanted

    def send(self, value: Any) -> None:
        """Queue a frame: a text as it is, anything else as JSON."""
        self.outbox.put_nowait(value if isinstance(value, str) else exactjson.dumps(value))


class Sockets:
    """Both channels over one exchange; it listens to the engine."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._market: set[Subscriber] = set()
        self._user: set[Subscriber] = set()
        self._open: set[web.WebSocketResponse] = set()
        exchange.engine.listen(self)

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each channel."""
        return [web.get("/ws/market", self.market), web.get("/ws/user", self.user)]

    async def close(self) -> None:
        """Say goodbye to every connection."""
        for socket in list(self._open):
            await socket.close(code=1001)

    async def market(self, request: web.Request) -> web.WebSocketResponse:
        """The market channel, /ws/market."""
        return await self._serve(request, self._market, self._first_market, "assets_ids")

    async def user(self, request: web.Request) -> web.WebSocketResponse:
        """The user channel, /ws/user."""
        return await self._serve(request, self._user, self._first_user, "markets")

    def _first_market(self, first: Any) -> Subscriber | None:
        ids = first.get("assets_ids")
        if first.get("type") != "market" or not _texts(ids):
            return None
        subscriber = Subscriber(set(ids))
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
        return Subscriber({name.lower() for name in markets} if markets else None, key.address)

    async def _serve(
        self,
        request: web.Request,
        group: set[Subscriber],
        first_of: Callable[[Any], Subscriber | None],
        names: str,
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
                    group.add(subscriber)
                    writer = asyncio.create_task(_write(socket, subscriber))
                elif frame.data == "PING":
                    subscriber.send("PONG")
                elif message is None or not self._update(subscriber, message, names):
                    subscriber.send(_NOT_NOW)
        finally:
            self._open.discard(socket)
            if subscriber is not None:
                group.discard(subscriber)
            if writer is not None:
                writer.cancel()
        return socket

    def _update(self, subscriber: Subscriber, message: dict[str, Any], names: str) -> bool:
        ids, operation = message.get(names), message.get("operation")
        if operation not in ("subscribe", "unsubscribe") or not _texts(ids):
            return False
        named = {name.lower() for name in ids}
        if subscriber.wanted is not None:  # who follows everything goes on doing so
            adding = operation == "subscribe"
            subscriber.wanted = subscriber.wanted | named if adding else subscriber.wanted - named
        if operation == "subscribe" and names == "assets_ids":
            self._dump(subscriber, ids)
        return True

    def _dump(self, subscriber: Subscriber, tokens: list[str]) -> None:
        books = []
        for text in tokens:
            token = token_of(text)
            market = None if token is None else self._exchange.markets.by_token(token)
            if token is not None and market is not None:
                books.append(self._book(market, token))
        if books:
            subscriber.send(books)

    def _book(self, market: Market, token: int) -> dict[str, Any]:
        view = views.book_view(market, token, self._exchange.engine.book(token))
        return {"event_type": "book", **view}

    def _to_market(self, token: int, value: dict[str, Any]) -> None:
        text = exactjson.dumps(value)
        for subscriber in self._market:
            if subscriber.wants(str(token)):
                subscriber.send(text)

    def _to_user(self, address: str, condition: str, value: dict[str, Any]) -> None:
        for subscriber in self._user:
            if subscriber.address == address and subscriber.wants(condition):
                subscriber.send(value)

    def _order(self, order: BookOrder, kind: str, now: Now) -> None:
        event = views.order_event(order, kind, now.ms)
        self._to_user(order.order.maker, order.market.condition, event)

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
        self._to_user(order.order.maker, order.market.condition, event)

    def level_changed(self, market: Market, token: int, side: Side, price: Decimal, now: Now) -> None:
        """Tell the market: price_change."""
        book = self._exchange.engine.book(token)
        self._to_market(token, views.price_change_event(market, token, book, side, price, now.ms))

    def matched(self, trade: Trade, now: Now) -> None:
        """Tell the market each price and the book after it, and the parties the trade."""
        token = trade.taker.order.token_id
        for fill in trade.fills:
            self._to_market(token, views.last_trade_event(trade, fill, now.ms))
        self._to_market(token, self._book(trade.taker.market, token))
        self.trade_changed(trade, now)

    def trade_changed(self, trade: Trade, now: Now) -> None:
        """Tell the parties where the trade stands."""
        for address in trade.addresses():
            event = views.trade_event(trade, address, now.ms)
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
