"""A port of the venue on this machine alone, and what is said where it cannot be had."""

from __future__ import annotations

import contextlib
from typing import Final

from aiohttp import web

from harness.venue.faults import VenueError

HOST: Final = "127.0.0.1"
_CLOSE_LIMIT_S: Final = 1.0


async def opened(application: web.Application, stack: contextlib.AsyncExitStack, port: int) -> int:
    """Serve on a port (0: any) until the stack is left; returns the port. Raises VenueError."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_CLOSE_LIMIT_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as error:
        raise not_opened(port, error) from None
    opened: int = runner.addresses[0][1]
    return opened


def not_opened(port: int, error: OSError) -> VenueError:
    """The error of a port that the system does not give."""
    text = error.strerror or str(error)
    return VenueError(f"port {port} cannot be opened ({text}): name another, or 0")
