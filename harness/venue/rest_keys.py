"""API keys over REST: made and derived with a wallet's signature (L1), the rest with a key's (L2)."""

from __future__ import annotations

from aiohttp import web

from harness.venue import texts
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.rest_callers import caller_of
from harness.venue.sidekeys import BuilderKeys, ReadonlyKeys
from harness.venue.web import answer, read_body


class KeyRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._readonly = ReadonlyKeys(exchange.chance)
        self._builder = BuilderKeys(exchange.chance)

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.post("/auth/api-key", self.create_key),
            web.get("/auth/derive-api-key", self.derive_key),
            web.get("/auth/api-keys", self.keys),
            web.delete("/auth/api-key", self.delete_key),
            web.post("/auth/readonly-api-key", self.create_readonly_key),
            web.get("/auth/readonly-api-keys", self.readonly_keys),
            web.delete("/auth/readonly-api-key", self.delete_readonly_key),
            web.post("/auth/builder-api-key", self.create_builder_key),
            web.get("/auth/builder-api-key", self.builder_keys),
            web.delete("/auth/builder-api-key", self.revoke_builder_key),
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

    async def delete_key(self, request: web.Request) -> web.Response:
        """DELETE /auth/api-key: the key that signed is none from now on; its orders stay."""
        self._exchange.keys.delete(await caller_of(self._exchange, request))
        return answer("OK")

    async def create_readonly_key(self, request: web.Request) -> web.Response:
        """POST /auth/readonly-api-key: a new key, which has no secret."""
        caller = await caller_of(self._exchange, request)
        return answer({"apiKey": self._readonly.create(caller.address)})

    async def readonly_keys(self, request: web.Request) -> web.Response:
        """GET /auth/readonly-api-keys: a list of texts."""
        caller = await caller_of(self._exchange, request)
        return answer(self._readonly.of_address(caller.address))

    async def delete_readonly_key(self, request: web.Request) -> web.Response:
        """DELETE /auth/readonly-api-key: whether there was one."""
        caller = await caller_of(self._exchange, request)
        body = await read_body(request, texts.INVALID_PAYLOAD)
        key = body.get("key") if isinstance(body, dict) else None
        if not isinstance(key, str):
            raise RefusalError(400, texts.INVALID_PAYLOAD)
        return answer(self._readonly.delete(caller.address, key))

    async def create_builder_key(self, request: web.Request) -> web.Response:
        """POST /auth/builder-api-key: a new key with its secret."""
        caller = await caller_of(self._exchange, request)
        return answer(self._builder.create(caller.address, self._exchange.now().s))

    async def builder_keys(self, request: web.Request) -> web.Response:
        """GET /auth/builder-api-key: all keys, without their secrets."""
        caller = await caller_of(self._exchange, request)
        return answer([row.view() for row in self._builder.of_address(caller.address)])

    async def revoke_builder_key(self, request: web.Request) -> web.Response:
        """DELETE /auth/builder-api-key: the key in the body; without one, the newest in force."""
        caller = await caller_of(self._exchange, request)
        key = await _revoked(request) or self._builder.newest(caller.address)
        if key is None:
            raise RefusalError(400, texts.NO_REVOKE_HEADERS)
        if not self._builder.revoke(caller.address, key, self._exchange.now().s):
            raise RefusalError(500, texts.NOT_REVOKED.format(key=key))
        return answer("OK")


async def _revoked(request: web.Request) -> str | None:
    if not await request.read():
        return None
    body = await read_body(request, texts.NO_REVOKE_BODY)
    key = body.get("key") if isinstance(body, dict) else None
    if not isinstance(key, str) or not key:
        raise RefusalError(400, texts.NO_REVOKE_BODY)
    return key
