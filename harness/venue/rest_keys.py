"""API keys over REST: made and derived with a wallet's signature (L1), listed with a key's (L2)."""

from __future__ import annotations

from aiohttp import web

from harness.venue.exchange import Exchange
from harness.venue.rest_callers import caller_of
from harness.venue.web import answer


class KeyRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.post("/auth/api-key", self.create_key),
            web.get("/auth/derive-api-key", self.derive_key),
            web.get("/auth/api-keys", self.keys),
        ]

    async def create_key(self, request: web.Request) -> web.Response:
        """POST /auth/api-key (L1): a new key."""
        return answer(self._exchange.keys.create(request.headers, self._exchange.now().s).view())

    async def derive_key(self, request: web.Request) -> web.Response:
        """GET /auth/derive-api-key (L1): the key made before."""
        return answer(self._exchange.keys.derive(request.headers, self._exchange.now().s).view())

    async def keys(self, request: web.Request) -> web.Response:
        """GET /auth/api-keys: the wallet's keys."""
        caller = await caller_of(self._exchange, request)
        return answer({"apiKeys": self._exchange.keys.of_address(caller.address)})
