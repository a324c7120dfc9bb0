"""Refuses orders and cancels over REST before anything else is looked at: halts, and restricted regions."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from harness.venue.exchange import Exchange
from harness.venue.restrictions import Region
from harness.venue.web import Handler

_ORDERS: Final = ("/order", "/orders")
_CANCELS: Final = (*_ORDERS, "/cancel-all", "/cancel-market-orders")

_PAGE: Final = """<!DOCTYPE html>
<html lang="en-US">
<head><title>Attention Required! | Cloudflare</title></head>
<body>
<h1>Sorry, you have been blocked</h1>
<h2>You are unable to access polymarket.com</h2>
</body>
</html>
"""
"""What the edge answers instead of the exchange; its words are the real page's, the rest is cut."""


def halted(exchange: Exchange) -> Middleware:
    """A middleware over the exchange's halts; post-only mode is judged where an order is placed."""

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        now_ns = exchange.now().ns
        if request.method == "POST" and request.path in _ORDERS:
            walled = exchange.restrictions.region is Region.WAF
            if walled or exchange.parts.edge.blocks_order(request.headers.get("POLY_API_KEY", "")):
                return web.Response(text=_PAGE, status=403, content_type="text/html")
            exchange.restrictions.require_region()
            exchange.halts.require_orders(now_ns, post_only=True)
        elif request.method == "DELETE" and request.path in _CANCELS:
            exchange.halts.require_cancels(now_ns)
        return await handler(request)

    return refuse
