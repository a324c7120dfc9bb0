"""Heartbeats over REST (CLOB docs, manage orders: heartbeat)."""

from __future__ import annotations

from aiohttp import web

from harness.venue import texts
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.rest_callers import caller_of
from harness.venue.web import answer, read_body


class HeartbeatRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [web.post("/v1/heartbeats", self.beat), web.post("/heartbeats", self.beat_without_id)]

    async def beat(self, request: web.Request) -> web.Response:
        """POST /v1/heartbeats: the next id; another id than the expected one is told which that is."""
        key = (await caller_of(self._exchange, request)).key
        body = await read_body(request, texts.INVALID_PAYLOAD)
        sent = body.get("heartbeat_id", "") if isinstance(body, dict) else None
        if not isinstance(sent, str):
            raise RefusalError(400, texts.INVALID_PAYLOAD)
        heartbeats = self._exchange.heartbeats
        following = heartbeats.beat(key, sent, self._exchange.now())
        if following is None:
            wrong = {"error_msg": texts.INVALID_HEARTBEAT, "heartbeat_id": heartbeats.expected(key)}
            return answer(wrong, 400)
        return answer({"heartbeat_id": following})

    async def beat_without_id(self, request: web.Request) -> web.Response:
        """POST /heartbeats: the older form, without ids."""
        key = (await caller_of(self._exchange, request)).key
        self._exchange.heartbeats.beat_without_id(key, self._exchange.now())
        return answer({"status": "ok"})
