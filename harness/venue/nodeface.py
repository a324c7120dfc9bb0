"""The node as customers reach it: everything is passed on, unless a test has it lag or deny what it took.

JSON-RPC over HTTP, alone and in batches, and over a WebSocket. What is passed on stays as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiohttp
from aiohttp import web

from harness import exactjson
from harness.venue import ports
from harness.venue.lagging import Lagging
from harness.venue.nodemoods import Denials, NodeMoods

Moods = Callable[[], tuple[NodeMoods, int]]
"""What is in force, and now (unix nanoseconds)."""

_FIRST: Final = 1  # the contracts stand from there on: nothing was read before
_SENDING: Final = ("eth_sendRawTransaction", "eth_sendTransaction")
_OURS: Final = ("host", "content-length", "connection", "keep-alive", "transfer-encoding", "upgrade")
"""What is said of one connection, and not of what goes over it (RFC 9110, section 7.6.1)."""
_FREE: Final = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
"""What our client would add."""


class NodeFace:
    """The port in front of the node at `url`."""

    def __init__(self, url: str, moods: Moods) -> None:
        self._url = url
        self._moods = moods
        self._session: aiohttp.ClientSession

    async def open(self, stack: contextlib.AsyncExitStack, port: int) -> int:
        """Open the port, until the stack is left; returns it. Raises VenueError."""
        connector = aiohttp.TCPConnector(limit=0)
        no_limit = aiohttp.ClientTimeout(total=None)
        self._session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, timeout=no_limit, auto_decompress=False)
        )
        application = web.Application(client_max_size=0)  # the node has its own limit
        application.router.add_route("*", "/{path:.*}", self._answer)
        return await ports.opened(application, stack, port)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._converse(request)
        body = await request.read()
        try:
            said = await self._moody(body)
            return await self._passed(request, body) if said is None else _json(said)
        except aiohttp.ClientError as error:
            raise web.HTTPBadGateway(text=f"the EVM node does not answer ({error})") from None

    async def _passed(self, request: web.Request, body: bytes) -> web.Response:
        async with self._session.request(
            request.method,
            self._url + request.raw_path,
            data=body or None,
            headers=_passed_on(request.headers, "content-encoding"),  # it was undone by reading the body
            skip_auto_headers=_FREE,
            allow_redirects=False,
        ) as reply:
            return web.Response(
                status=reply.status, body=await reply.read(), headers=_passed_on(reply.headers)
            )

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket on each side, until either is closed."""
        near = web.WebSocketResponse(max_msg_size=0)
        await near.prepare(request)
        async with self._session.ws_connect(self._url + request.raw_path, max_msg_size=0) as far:

            async def inwards() -> None:
                async for message in near:
                    said = await self._moody(message.data)
                    await (
                        far.send_str(_text(message.data)) if said is None else near.send_str(said.decode())
                    )

            async def outwards() -> None:
                async for message in far:
                    await near.send_str(_text(message.data))

            tasks = [asyncio.create_task(way()) for way in (inwards, outwards)]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await near.close()
        return near

    async def _moody(self, body: str | bytes) -> bytes | None:
        """What is answered to a request that a mood is about; None where the node answers."""
        moods, now_ns = self._moods()
        behind = moods.behind(now_ns)
        if not behind and not moods.customers.waiting:
            return None
        try:
            asked = exactjson.loads(body)
        except (ValueError, RecursionError):
            return None
        rows = asked if isinstance(asked, list) else [asked]
        if not rows or not all(_is_call(row) for row in rows):
            return None
        node: Lagging | None = None
        if behind:
            newest = int((await self._ask("eth_blockNumber", []))["result"], 16)
            node = Lagging(max(newest - behind, min(newest, _FIRST)), self._ask)
        replies = [
            {"jsonrpc": "2.0", "id": row["id"], **await self._said(row, node, moods.customers)}
            for row in rows
        ]
        return exactjson.dumps(replies if isinstance(asked, list) else replies[0]).encode()

    async def _said(self, row: dict[str, Any], node: Lagging | None, denials: Denials) -> dict[str, Any]:
        method, parameters = row["method"], row.get("params", [])
        if method in _SENDING:
            reply = await self._ask(method, parameters)
            text = None if "error" in reply else denials.next()
            return reply if text is None else {"error": {"code": -32000, "message": text}}
        return await (self._ask(method, parameters) if node is None else node.answer(method, parameters))

    async def _ask(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        call = exactjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
        headers = {"Content-Type": "application/json"}
        async with self._session.post(
            self._url, data=call, headers=headers, skip_auto_headers=("Accept-Encoding",)
        ) as answer:
            reply = exactjson.loads(await answer.read())
        return {name: reply[name] for name in ("result", "error") if name in reply}


def _json(body: bytes) -> web.Response:
    headers = {"access-control-allow-origin": "*"}  # as the node says it
    return web.Response(body=body, content_type="application/json", headers=headers)


def _is_call(row: Any) -> bool:
    """Whether it is a call that wants an answer, of the usual form: all others are the node's to judge."""
    return (
        isinstance(row, dict)
        and isinstance(row.get("method"), str)
        and "id" in row
        and isinstance(row.get("params", []), list)
    )


def _passed_on(headers: Mapping[str, str], *more: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.lower() not in (*_OURS, *more)]


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode(errors="replace")
