"""What every HTTP face of the venue shares: JSON in and out, and refusals as answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from harness import exactjson
from harness.venue.faults import RefusalError, VenueError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(text=exactjson.dumps(value), status=status, content_type="application/json")


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a refusal with its status and text, an unknown path with 404, our own trouble with 500."""
    try:
        return await handler(request)
    except RefusalError as refusal:
        said = {"error": refusal.text, **refusal.more}
        refused = answer(said, refusal.status) if refusal.text else web.Response(status=refusal.status)
        refused.headers.update(refusal.headers)
        return refused
    except VenueError as error:
        return answer({"error": str(error)}, 500)
    except web.HTTPException as error:
        return answer({"error": error.reason}, error.status)


async def read_body(request: web.Request, text: str = "Invalid order payload") -> Any:
    """The request's JSON body. Raises RefusalError 400 with `text` where it is not JSON."""
    try:
        return exactjson.loads(await request.read())
    except (ValueError, RecursionError):
        raise RefusalError(400, text) from None
