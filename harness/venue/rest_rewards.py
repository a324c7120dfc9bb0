"""Rewards and scoring over REST: no market has rewards here, so nobody earns and no order scores.

CLOB docs, rewards; the official clients.
"""

from __future__ import annotations

from aiohttp import web

from harness.venue import texts
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.pages import page, start_of
from harness.venue.rest_callers import caller_of, order_id_of
from harness.venue.web import answer, read_body

_PAGE = 100


class RewardRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.get("/order-scoring", self.order_scoring),
            web.post("/orders-scoring", self.orders_scoring),
            web.get("/rewards/user", self.own_page),
            web.get("/rewards/user/total", self.total),
            web.get("/rewards/user/percentages", self.percentages),
            web.get("/rewards/user/markets", self.own_page),
            web.get("/rewards/markets/current", self.page),
            web.get("/rewards/markets/{condition}", self.page),
        ]

    async def order_scoring(self, request: web.Request) -> web.Response:
        """GET /order-scoring: whether an order earns rewards."""
        caller = await caller_of(self._exchange, request)
        order = self._exchange.engine.orders.get(order_id_of(request.query.get("order_id")))
        if order is None or order.trader != caller.address:
            raise RefusalError(404, texts.NO_ORDER)
        return answer({"scoring": False})

    async def orders_scoring(self, request: web.Request) -> web.Response:
        """POST /orders-scoring: the same of a list of ids, by id."""
        await caller_of(self._exchange, request)
        ids = await read_body(request, texts.INVALID_PAYLOAD)
        if not isinstance(ids, list) or not all(isinstance(row, str) for row in ids):
            raise RefusalError(400, texts.INVALID_PAYLOAD)
        return answer(dict.fromkeys(ids, False))

    async def own_page(self, request: web.Request) -> web.Response:
        """GET /rewards/user, /rewards/user/markets: an empty last page."""
        await caller_of(self._exchange, request)
        return await self.page(request)

    async def total(self, request: web.Request) -> web.Response:
        """GET /rewards/user/total: an empty list."""
        await caller_of(self._exchange, request)
        return answer([])

    async def percentages(self, request: web.Request) -> web.Response:
        """GET /rewards/user/percentages: of no market."""
        await caller_of(self._exchange, request)
        return answer({})

    async def page(self, request: web.Request) -> web.Response:
        """GET /rewards/markets/…: an empty last page, without a signature."""
        return answer(page([], start_of(request, texts.INVALID_CURSOR), _PAGE))
