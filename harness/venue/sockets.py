"""The WebSocket connections: what is said before, with and after a subscription (CLOB docs, WebSocket)."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final, Protocol

from aiohttp import WSMessage, WSMsgType, web

from harness import exactjson
from harness.venue.exchange import Exchange
from harness.venue.marketchannel import MarketChannel
from harness.venue.rtds import RtdsStream
from harness.venue.silence import Patience, Silence
from harness.venue.sports import PATH, SportsFeed
from harness.venue.subscriptions import Subscriber, Subscribers
from harness.venue.userchannel import UserChannel
from harness.venue.venueclock import VenueClock

MESSAGE_LIMIT_BYTES: Final = 1 << 20
"""A longer message ends its connection with 1009; one that names 10,000 tokens has some 800 kB."""
_GOODBYE_S: Final = 1.0
_REFUSED_CODE: Final = 1008
_REFUSED_REASON: Final = b"invalid subscription payload"
_OVER: Final = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


class Channel(Protocol):
    """What the connections of one path subscribe to."""

    path: str
    subscribers: Subscribers

    def greet(self) -> Subscriber | None:
        """Who is connected before anything is said; None where a subscription has to come first."""

    def first(self, message: dict[str, Any]) -> Subscriber | None:
        """Who subscribes with a connection's first message; None where it is no valid subscription."""

    def update(self, subscriber: Subscriber, message: dict[str, Any]) -> bool:
        """Take a later message in; False where it is none that the channel knows."""

    def refuse(self, subscriber: Subscriber) -> None:
        """Answer a message that is none."""

    def left(self, subscriber: Subscriber) -> None:
        """A connection that had subscribed has ended."""


class Sockets:
    """All connections of the channels over one exchange."""

    def __init__(self, exchange: Exchange, patience: Patience) -> None:
        self._patience = patience
        self._clock = VenueClock()  # the machine's: a client is silent in its own time
        channels = (MarketChannel(exchange), UserChannel(exchange), RtdsStream(exchange))
        self._channels: tuple[Channel, ...] = channels
        self.sports = SportsFeed()
        self._open: dict[web.WebSocketResponse, asyncio.Transport] = {}

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each channel."""
        named = [web.get(channel.path, partial(self._serve, channel)) for channel in self._channels]
        return [*named, web.get(PATH, self._serve_sports)]

    async def close(self, code: int = 1001, reason: bytes = b"") -> None:
        """Say goodbye to every connection that is open now; one that does not listen is dropped."""
        await asyncio.gather(*(self._goodbye(socket, code, reason) for socket in list(self._open)))

    async def _goodbye(self, socket: web.WebSocketResponse, code: int, reason: bytes) -> None:
        transport = self._open[socket]
        try:
            async with asyncio.timeout(_GOODBYE_S):  # a client that reads nothing keeps it waiting for ever
                await socket.close(code=code, message=reason)
        except TimeoutError:
            transport.abort()

    async def _serve(self, channel: Channel, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=MESSAGE_LIMIT_BYTES)
        await socket.prepare(request)
        transport = request.transport
        if transport is None:  # it has gone already
            return socket
        self._open[socket] = transport
        subscriber = channel.greet()
        writer: asyncio.Task[None] | None = None
        silence = Silence(self._patience, self._clock.now_us())
        try:
            if subscriber is not None:
                writer = self._joined(channel, subscriber, socket, transport)
            while (frame := await self._next(socket, silence)) is not None:
                message = _object(frame.data)
                if subscriber is None:
                    subscriber = None if message is None else channel.first(message)
                    if subscriber is None:
                        await socket.close(code=_REFUSED_CODE, message=_REFUSED_REASON)
                        break
                    silence.broken(self._clock.now_us())
                    writer = self._joined(channel, subscriber, socket, transport)
                elif frame.data == "PING":
                    silence.broken(self._clock.now_us())
                    subscriber.send("PONG")
                elif message is None or not channel.update(subscriber, message):
                    channel.refuse(subscriber)
        finally:
            del self._open[socket]
            if subscriber is not None:
                channel.subscribers.discard(subscriber)
                channel.left(subscriber)
            if writer is not None:
                writer.cancel()
            if not socket.closed:
                transport.abort()  # without a goodbye, as the exchange drops a connection
        return socket

    async def _serve_sports(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=MESSAGE_LIMIT_BYTES)
        await socket.prepare(request)
        transport = request.transport
        if transport is None:  # it has gone already
            return socket
        self._open[socket] = transport
        subscriber = Subscriber(drop=transport.abort)
        writer = asyncio.create_task(_write(socket, subscriber))
        try:
            await self.sports.serve(socket, subscriber, int(self._patience.ping_s * 1_000_000) // 2)
        finally:
            del self._open[socket]
            writer.cancel()
            if not socket.closed:
                transport.abort()
        return socket

    def _joined(
        self, channel: Channel, who: Subscriber, socket: web.WebSocketResponse, transport: asyncio.Transport
    ) -> asyncio.Task[None]:
        """Tell a subscriber of what happens from now on."""
        who.drop = transport.abort
        channel.subscribers.add(who)
        return asyncio.create_task(_write(socket, who))

    async def _next(self, socket: web.WebSocketResponse, silence: Silence) -> WSMessage | None:
        """The next message of a connection; None where it has ended, or been silent for too long."""
        while left_us := silence.left_us(self._clock.now_us()):
            try:
                frame = await socket.receive(left_us / 1_000_000)
            except TimeoutError:
                continue
            if frame.type in _OVER:
                return None
            if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                return frame
        return None


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
