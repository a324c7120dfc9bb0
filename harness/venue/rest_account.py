"""What a customer asks of their account over REST: orders, trades, balances (CLOB docs, trading)."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from harness.venue import texts
from harness.venue.allowances import Asset
from harness.venue.auth import ApiKey
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.markets import token_of
from harness.venue.pages import page, start_of
from harness.venue.records import BookOrder, OrderStatus
from harness.venue.rest_callers import caller_of, is_of, order_id_of, own_orders, wallet_of
from harness.venue.tradequery import wanted
from harness.venue.views import order_view, trade_view
from harness.venue.web import answer
from harness.venue.wordings import Wording

PAGE: Final = 100


class AccountRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.get("/data/order/{id}", self.order),
            web.get("/data/orders", self.orders),
            web.get("/data/pre-migration-orders", self.pre_migration_orders),
            web.get("/data/trades", self.trades),
            web.get("/auth/ban-status/closed-only", self.closed_only),
            web.get("/balance-allowance", self.balance_allowance),
            web.get("/balance-allowance/update", self.update_balance_allowance),
        ]

    async def order(self, request: web.Request) -> web.Response:
        """GET /data/order/{id}: one order, whatever became of it."""
        caller = await caller_of(self._exchange, request)
        order = self._exchange.engine.orders.get(order_id_of(request.match_info["id"]))
        if order is None or order.trader != caller.address:
            raise RefusalError(404, texts.NO_ORDER)
        return answer(order_view(order))

    async def orders(self, request: web.Request) -> web.Response:
        """GET /data/orders: live orders; with `id` an order that is not live, too."""
        caller = await caller_of(self._exchange, request)
        start, query = self._start(request, texts.INVALID_ORDERS_QUERY), request.query
        rows = [
            order
            for order in own_orders(self._exchange, caller, live="id" not in query)
            if self._listed(order) and query.get("id", order.id) == order.id and is_of(order, query)
        ]
        return answer(page([order_view(row) for row in rows], start, PAGE))

    async def pre_migration_orders(self, request: web.Request) -> web.Response:
        """GET /data/pre-migration-orders: none; nobody traded here before."""
        await caller_of(self._exchange, request)
        return answer(page([], start_of(request, texts.INVALID_ORDERS_QUERY), PAGE))

    async def closed_only(self, request: web.Request) -> web.Response:
        """GET /auth/ban-status/closed-only: whether the caller may only close positions."""
        caller = await caller_of(self._exchange, request)
        return answer({"closed_only": self._exchange.restrictions.closed_only(caller.address)})

    async def trades(self, request: web.Request) -> web.Response:
        """GET /data/trades: the newest first."""
        caller = await caller_of(self._exchange, request)
        wrong = texts.INVALID_TRADES_QUERY
        start = self._start(request, wrong)
        trades = wanted(self._exchange.engine, request, wrong)
        asked = page([trade for trade in trades if caller.address in trade.traders()], start, PAGE)
        legs, wordings = self._exchange.parts.maker_legs, self._exchange.restrictions.wordings
        rows = [trade_view(trade, caller.address, legs, wordings) for trade in asked["data"]]
        return answer({**asked, "data": rows})

    async def balance_allowance(self, request: web.Request) -> web.Response:
        """GET /balance-allowance: base units of the caller's wallet of that `signature_type`."""
        caller = await caller_of(self._exchange, request)
        balance, allowances = await self._purse(request, caller)
        told = {spender: str(allowance) for spender, allowance in allowances.items()}
        if Wording.ALLOWANCE in self._exchange.restrictions.wordings:
            return answer(
                {"balance": str(balance), "allowance": told[self._exchange.chain.contracts.exchange]}
            )
        return answer({"balance": str(balance), "allowances": told})

    async def update_balance_allowance(self, request: web.Request) -> web.Response:
        """GET /balance-allowance/update: an empty body; there is no cache to refresh."""
        caller = await caller_of(self._exchange, request)
        await self._purse(request, caller)
        return web.Response()

    async def _purse(self, request: web.Request, caller: ApiKey) -> tuple[int, dict[str, int]]:
        query, wallet = request.query, await wallet_of(self._exchange, request, caller)
        match query.get("asset_type"):
            case Asset.COLLATERAL:
                return await self._exchange.purse(wallet, None)
            case Asset.CONDITIONAL:
                token = token_of(query.get("token_id", ""))
                if token is None:
                    raise RefusalError(400, texts.INVALID_TOKEN)
                return await self._exchange.purse(wallet, token)
        raise RefusalError(400, texts.INVALID_ASSET_TYPE)

    def _start(self, request: web.Request, wrong: str) -> int:
        filtered = not set(request.query) <= {"next_cursor"}
        return self._exchange.parts.walk.start(start_of(request, wrong), filtered=filtered)

    def _listed(self, order: BookOrder) -> bool:
        exchange = self._exchange
        live = order.status is OrderStatus.LIVE
        return not live or exchange.parts.open_orders.lists(order, exchange.before_restart)
