"""The WebSocket connections: what is said before, with and after a subscription (CLOB docs, WebSocket)."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final, Protocol

from aiohttp import WSMsgType, web

from harness import exactjson
from harness.venue.exchange import Exchange
from harness.venue.marketchannel import MarketChannel
from harness.venue.subscriptions import Subscriber, Subscribers
from harness.venue.userchannel import UserChannel

_REFUSED_CODE: Final = 1008
_REFUSED_REASON: Final = b"invalid subscription payload"
_NOT_NOW: Final = "INVALID OPERATION"


class Channel(Protocol):
    """What the connections of one path subscribe to."""

    path: str
    subscribers: Subscribers

    def first(self, message: dict[str, Any]) -> Subscriber | None:
        """Who subscribes with a connection's first message; None where it is no valid subscription."""

    def update(self, subscriber: Subscriber, message: dict[str, Any]) -> bool:
        """Take a later message in; False where it is none that the channel knows."""


class Sockets:
    """All connections of the channels over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.market = MarketChannel(exchange)
        self._channels: tuple[Channel, ...] = (self.market, UserChannel(exchange))
        self._open: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each channel."""
        return [web.get(channel.path, partial(self._serve, channel)) for channel in self._channels]

    async def close(self, code: int = 1001, reason: bytes = b"") -> None:
        """Say goodbye to every connection that is open now."""
        await asyncio.gather(*(socket.close(code=code, message=reason) for socket in list(self._open)))

    async def _serve(self, channel: Channel, request: web.Request) -> web.WebSocketResponse:
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
                    subscriber = None if message is None else channel.first(message)
                    if subscriber is None:
                        await socket.close(code=_REFUSED_CODE, message=_REFUSED_REASON)
                        break
                    channel.subscribers.add(subscriber)
                    writer = asyncio.create_task(_write(socket, subscriber))
                elif frame.data == "PING":
                    subscriber.send("PONG")
                elif message is None or not channel.update(subscriber, message):
                    subscriber.send(_NOT_NOW)
        finally:
            self._open.discard(socket)
            if subscriber is not None:
                channel.subscribers.discard(subscriber)
            if writer is not None:
                writer.cancel()
        return socket


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
