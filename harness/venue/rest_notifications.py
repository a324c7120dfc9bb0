"""Notifications over REST (CLOB docs, notifications)."""

from __future__ import annotations

from aiohttp import web

from harness.venue import texts
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.rest_callers import caller_of, wallet_of
from harness.venue.web import answer

_DIGITS = 20


class NotificationRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [web.get("/notifications", self.notifications), web.delete("/notifications", self.drop)]

    async def notifications(self, request: web.Request) -> web.Response:
        """GET /notifications: of the wallet of `signature_type`, of all the caller's wallets without it."""
        caller = await caller_of(self._exchange, request)
        wallets = await self._exchange.owners.wallets(caller.address)
        makers = (
            (await wallet_of(self._exchange, request, caller),)
            if "signature_type" in request.query
            else wallets
        )
        kept = self._exchange.notifications.kept(caller.address, makers, self._exchange.now())
        return answer([row.view() for row in kept])

    async def drop(self, request: web.Request) -> web.Response:
        """DELETE /notifications: those in `ids`; unknown ones and another account's are passed over."""
        caller = await caller_of(self._exchange, request)
        named = [text for text in request.query.get("ids", "").split(",") if text]
        if not all(text.isascii() and text.isdigit() and len(text) <= _DIGITS for text in named):
            raise RefusalError(400, texts.INVALID_PAYLOAD)
        self._exchange.notifications.drop(caller.address, {int(text) for text in named})
        return answer("OK")
