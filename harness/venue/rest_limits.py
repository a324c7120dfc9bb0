"""The rate limits over REST: addresses wait before anything is looked at, signers pay when they are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from harness.venue.auth import ApiKey
from harness.venue.buckets import Kind
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.web import Handler

_S_NS: Final = 1_000_000_000
_TOLD: Final = "rate limit headers"


def limited(exchange: Exchange) -> Middleware:
    """A middleware that lets each address' requests in at their turn, and tells signers of their buckets."""

    @web.middleware
    async def wait(request: web.Request, handler: Handler) -> web.StreamResponse:
        wait_ns = exchange.limits.wait_ns(
            request.remote or "", request.method, request.path, exchange.now().ns
        )
        if wait_ns:
            await exchange.clock.sleep(wait_ns / _S_NS)
        try:
            reply = await handler(request)
        except RefusalError as refusal:
            refusal.headers.update(request.get(_TOLD, {}))
            raise
        reply.headers.update(request.get(_TOLD, {}))
        return reply

    return wait


def charge(exchange: Exchange, request: web.Request, caller: ApiKey, kind: Kind, cost: int) -> None:
    """Take a request's cost of its signer's bucket. Raises RefusalError 429 where limits are enforced."""
    _tell(request, exchange.limits.charge(caller.address, kind, cost, exchange.now().ns))


def charge_cancelled(exchange: Exchange, request: web.Request, caller: ApiKey, count: int) -> None:
    """Take what a cancel of everything did of its signer's bucket, which may owe it."""
    told = exchange.limits.charge_cancelled(caller.address, count, exchange.now().ns)
    warned = request.get(_TOLD, {})
    _tell(request, {**warned, **told})


def _tell(request: web.Request, headers: Mapping[str, str]) -> None:
    request[_TOLD] = headers
