"""A port of the venue that stays open, with its connections, while what answers on it is exchanged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from email.utils import formatdate
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Middleware

from harness.venue import ports
from harness.venue.venueclock import VenueClock
from harness.venue.web import Handler, refusals


class Face:
    """The routes of one port. What is shown later must have the routes of what was shown first."""

    def __init__(self) -> None:
        self.clock = VenueClock()
        """The time of the `Date` header."""
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._routes: dict[tuple[str, str], web.RouteDef] = {}

    def show(self, routes: Iterable[web.RouteDef], *middlewares: Middleware) -> None:
        """Answer with these from now on; the first of the middlewares is the outermost."""
        for route in routes:
            handler: Handler = route.handler
            for middleware in reversed(middlewares):
                handler = partial(middleware, handler=handler)
            self._handlers[route.method, route.path] = handler
            self._routes.setdefault((route.method, route.path), route)

    async def open(self, stack: contextlib.AsyncExitStack, port: int) -> int:
        """Open the port, until the stack is left; returns it. Raises VenueError."""
        application = web.Application(middlewares=[refusals])
        application.add_routes(
            web.RouteDef(
                route.method, route.path, partial(self._answer, route.method, route.path), route.kwargs
            )
            for route in self._routes.values()
        )
        application.on_response_prepare.append(self._stamp)
        return await ports.opened(application, stack, port)

    async def _stamp(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = formatdate(self.clock.now_us() / 1_000_000, usegmt=True)

    async def _answer(self, method: str, path: str, request: web.Request) -> web.StreamResponse:
        return await self._handlers[method, path](request)
