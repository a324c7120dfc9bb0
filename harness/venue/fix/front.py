"""The gateway's port: it reads who is calling and carries the bytes to that session's acceptor and back.

The port belongs to the venue and not to the acceptor's process, so that it stays when that process dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from harness.venue.fix.parts import FixWire
from harness.venue.ports import HOST, not_opened

_CHUNK_BYTES: Final = 65536
_FIRST_LIMIT_BYTES: Final = 65536
_FIRST_LIMIT_S: Final = 10  # quickfix gives a client as long to log on
_END: Final = re.compile(rb"\x0110=[0-9]{3}\x01")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a caller's bytes go: its session, and the port of that session's acceptor."""

    session_id: str
    port: int


@dataclass(frozen=True, slots=True)
class Goodbye:
    """What a caller is told before it is hung up on."""

    data: bytes


Route = Callable[[str, str, str, bytes], Awaitable[Way | Goodbye | None]]


class Front:
    """Listens for clients. `route` finds the way for BeginString, sender and target of the first message;
    `counted` is told of a session's connections, one more or one less."""

    def __init__(
        self, route: Route, wire: Callable[[], FixWire], counted: Callable[[str, int], None]
    ) -> None:
        self._route = route
        self._wire = wire
        self._counted = counted
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, port: int) -> int:
        """Open the port and return it. Raises VenueError."""
        try:
            self._server = await asyncio.start_server(self._accept, HOST, port)
        except OSError as error:
            raise not_opened(port, error) from None
        opened: int = self._server.sockets[0].getsockname()[1]
        return opened

    def close(self) -> None:
        """Close the port; connections stay."""
        if self._server is not None:
            self._server.close()

    async def stop(self) -> None:
        """Close the port and every connection."""
        self.close()
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await _first(reader)
            caller = _caller(first)
            way = None if caller is None else await self._route(*caller, first)
            if isinstance(way, Goodbye):
                writer.write(way.data)
                await writer.drain()
            elif way is not None:
                self._counted(way.session_id, 1)
                try:
                    await self._carry(first, way.port, reader, writer)
                finally:
                    self._counted(way.session_id, -1)
        except (OSError, TimeoutError):
            pass  # the client or the acceptor went away; closing is all there is to do
        finally:
            await _close(writer)

    async def _carry(
        self, first: bytes, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        tap = self._wire().tap()
        theirs, ours = await asyncio.open_connection(HOST, port)
        ours.write(tap.inbound(first))
        pumps = {
            asyncio.create_task(_pump(reader, ours, tap.inbound)),
            asyncio.create_task(_pump(theirs, writer, tap.outbound)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await _close(ours)


async def _first(reader: asyncio.StreamReader) -> bytes:
    """Everything up to the end of the first message, and what came with it."""
    data = b""
    async with asyncio.timeout(_FIRST_LIMIT_S):
        while not _END.search(data) and len(data) < _FIRST_LIMIT_BYTES:
            more = await reader.read(_CHUNK_BYTES)
            if not more:
                break
            data += more
    return data


def _caller(first: bytes) -> tuple[str, str, str] | None:
    """BeginString, SenderCompID and TargetCompID of the first message; None where one is missing."""
    found = [re.search(rb"(?:^|\x01)" + tag + rb"=([^\x01]+)\x01", first) for tag in (b"8", b"49", b"56")]
    texts = [match[1].decode("latin-1") for match in found if match is not None]
    return (texts[0], texts[1], texts[2]) if len(texts) == len(found) else None


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Callable[[bytes], bytes]
) -> None:
    while data := await reader.read(_CHUNK_BYTES):
        writer.write(change(data))
        await writer.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
