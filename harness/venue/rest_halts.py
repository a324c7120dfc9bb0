"""Refuses orders and cancels over REST before anything else is looked at, while the exchange takes none."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from harness.venue.exchange import Exchange
from harness.venue.web import Handler

_ORDERS: Final = ("/order", "/orders")
_CANCELS: Final = (*_ORDERS, "/cancel-all", "/cancel-market-orders")


def halted(exchange: Exchange) -> Middleware:
    """A middleware over the exchange's halts; post-only mode is judged where an order is placed."""

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        now_ns = exchange.now().ns
        if request.method == "POST" and request.path in _ORDERS:
            exchange.halts.require_orders(now_ns, post_only=True)
        elif request.method == "DELETE" and request.path in _CANCELS:
            exchange.halts.require_cancels(now_ns)
        return await handler(request)

    return refuse
