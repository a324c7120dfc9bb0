"""What a customer asks of their account over REST: orders, trades, balances (CLOB docs, trading)."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from harness.venue.allowances import Asset
from harness.venue.auth import ApiKey
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.markets import token_of
from harness.venue.pages import page, start_of
from harness.venue.records import BookOrder, OrderStatus, Trade
from harness.venue.rest_callers import caller_of, is_of, order_id_of, own_orders
from harness.venue.views import order_view, trade_view
from harness.venue.web import answer

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
            web.get("/data/trades", self.trades),
            web.get("/balance-allowance", self.balance_allowance),
            web.get("/balance-allowance/update", self.update_balance_allowance),
        ]

    async def order(self, request: web.Request) -> web.Response:
        """GET /data/order/{id}: one order, whatever became of it."""
        caller = await caller_of(self._exchange, request)
        order = self._exchange.engine.orders.get(order_id_of(request.match_info["id"]))
        if order is None or order.trader != caller.address:
            raise RefusalError(404, "Order not found")
        return answer(order_view(order))

    async def orders(self, request: web.Request) -> web.Response:
        """GET /data/orders: live orders; with `id` an order that is not live, too."""
        caller = await caller_of(self._exchange, request)
        start, wanted = start_of(request, "invalid order params payload"), request.query
        rows = [
            order
            for order in own_orders(self._exchange, caller, live="id" not in wanted)
            if self._listed(order) and wanted.get("id", order.id) == order.id and is_of(order, wanted)
        ]
        return answer(page([order_view(row) for row in rows], start, PAGE))

    async def trades(self, request: web.Request) -> web.Response:
        """GET /data/trades: the newest first."""
        caller = await caller_of(self._exchange, request)
        wrong = "Invalid trade params payload"
        start = start_of(request, wrong)
        before, after = (_seconds(request.query.get(name), wrong) for name in ("before", "after"))
        rows = []
        for trade in reversed(self._exchange.engine.trades.values()):
            matched_s = trade.matched_ns // 1_000_000_000
            timely = (before is None or matched_s < before) and (after is None or matched_s > after)
            if timely and caller.address in trade.traders() and _wanted(trade, request):
                rows.append(trade_view(trade, caller.address))
        return answer(page(rows, start, PAGE))

    async def balance_allowance(self, request: web.Request) -> web.Response:
        """GET /balance-allowance: base units of the caller's wallet of that `signature_type`."""
        caller = await caller_of(self._exchange, request)
        balance, allowance = await self._purse(request, caller)
        spender = self._exchange.chain.contracts.exchange
        return answer({"balance": str(balance), "allowances": {spender: str(allowance)}})

    async def update_balance_allowance(self, request: web.Request) -> web.Response:
        """GET /balance-allowance/update: an empty body; there is no cache to refresh."""
        caller = await caller_of(self._exchange, request)
        await self._purse(request, caller)
        return web.Response()

    async def _purse(self, request: web.Request, caller: ApiKey) -> tuple[int, int]:
        query, wallets = request.query, await self._exchange.owners.wallets(caller.address)
        kind = query.get("signature_type", "0")
        if kind not in map(str, range(len(wallets))):
            raise RefusalError(400, "Invalid signature_type")
        match query.get("asset_type"):
            case Asset.COLLATERAL:
                return await self._exchange.purse(wallets[int(kind)], None)
            case Asset.CONDITIONAL:
                token = token_of(query.get("token_id", ""))
                if token is None:
                    raise RefusalError(400, "Invalid token id")
                return await self._exchange.purse(wallets[int(kind)], token)
        raise RefusalError(400, "Invalid asset type")

    def _listed(self, order: BookOrder) -> bool:
        exchange = self._exchange
        live = order.status is OrderStatus.LIVE
        return not live or exchange.parts.open_orders.lists(order, exchange.before_restart)


def _wanted(trade: Trade, request: web.Request) -> bool:
    """The filters of GET /data/trades; market and asset are the taker's."""
    query, taker = request.query, trade.taker
    makers = {order.order.maker for order in (taker, *(fill.maker for fill in trade.fills))}
    return (
        query.get("id", trade.id) == trade.id
        and query.get("market", taker.market.condition) == taker.market.condition
        and query.get("asset_id", str(taker.order.token_id)) == str(taker.order.token_id)
        and ("maker_address" not in query or query["maker_address"] in makers)
    )


def _seconds(text: str | None, wrong: str) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise RefusalError(400, wrong)
    return int(text)
