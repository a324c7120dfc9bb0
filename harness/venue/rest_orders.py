"""The signed half of the REST API: keys, orders, cancels, account queries (CLOB docs, trading)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from harness.venue.allowances import Asset
from harness.venue.auth import L2_REFUSED, ApiKey
from harness.venue.engine import GONE
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.markets import token_of
from harness.venue.money import human
from harness.venue.records import BookOrder, OrderStatus, Trade
from harness.venue.views import order_view, trade_view
from harness.venue.web import answer, read_body
from harness.wire.clob import PostedOrder

PAGE: Final = 100
LAST_PAGE: Final = "LTE="
ORDERS_LIMIT: Final = 15
CANCELS_LIMIT: Final = 1000  # changelog of 2026-06-15; the guide still says 3000
_ORDER_ID = re.compile(r"0x[0-9a-f]{64}")


class OrderRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each signed endpoint."""
        return [
            web.post("/auth/api-key", self.create_key),
            web.get("/auth/derive-api-key", self.derive_key),
            web.get("/auth/api-keys", self.keys),
            web.post("/order", self.post_order),
            web.post("/orders", self.post_orders),
            web.delete("/order", self.cancel_order),
            web.delete("/orders", self.cancel_orders),
            web.delete("/cancel-all", self.cancel_all),
            web.delete("/cancel-market-orders", self.cancel_market_orders),
            web.get("/data/order/{id}", self.order),
            web.get("/data/orders", self.orders),
            web.get("/data/trades", self.trades),
            web.get("/balance-allowance", self.balance_allowance),
            web.get("/balance-allowance/update", self.update_balance_allowance),
        ]

    async def create_key(self, request: web.Request) -> web.Response:
        """POST /auth/api-key (L1): a new key."""
        return answer(self._exchange.keys.create(request.headers, self._exchange.now().s).view())

    async def derive_key(self, request: web.Request) -> web.Response:
        """GET /auth/derive-api-key (L1): the key made before."""
        return answer(self._exchange.keys.derive(request.headers, self._exchange.now().s).view())

    async def keys(self, request: web.Request) -> web.Response:
        """GET /auth/api-keys: the wallet's keys."""
        caller = await self._caller(request)
        return answer({"apiKeys": self._exchange.keys.of_address(caller.address)})

    async def post_order(self, request: web.Request) -> web.Response:
        """POST /order: places an order; `status` is `live` or `matched`."""
        caller = await self._caller(request)
        return answer(await self._place(self._read(await read_body(request)), caller))

    async def post_orders(self, request: web.Request) -> web.Response:
        """POST /orders: places orders one after another; one that is refused says why and stops no other."""
        caller = await self._caller(request)
        body = await read_body(request)
        if not isinstance(body, list) or not body:
            raise RefusalError(400, "Invalid order payload")
        if len(body) > ORDERS_LIMIT:
            text = f"Too many orders in payload: {len(body)}, max allowed: {ORDERS_LIMIT}"
            raise RefusalError(400, text)
        orders = [self._read(row) for row in body]
        return answer([await self._place_or_say(posted, caller) for posted in orders])

    def _read(self, body: Any) -> PostedOrder:
        try:
            return self._exchange.parts.intake.read(body)
        except ValueError:
            raise RefusalError(400, "Invalid order payload") from None

    async def _place(self, posted: PostedOrder, caller: ApiKey) -> dict[str, Any]:
        order, trade = await self._exchange.place(posted, caller)
        reply = {"success": True, "errorMsg": "", "orderID": order.id}
        if trade is None:
            return {**reply, "status": "live", "makingAmount": "", "takingAmount": ""}
        gives, gets = trade.taker_gives, trade.shares + trade.collateral - trade.taker_gives
        amounts = {"makingAmount": human(gives), "takingAmount": human(gets)}
        return {**reply, "status": "matched", **amounts, "tradeIDs": [trade.id]}

    async def _place_or_say(self, posted: PostedOrder, caller: ApiKey) -> dict[str, Any]:
        """As `_place`; a refusal of this order, or for want of post-only, is said in its place."""
        try:
            return await self._place(posted, caller)
        except RefusalError as refusal:
            if refusal.status != 400 and refusal.more.get("code") != "post_only_mode":
                raise
            empty = {"orderID": "", "takingAmount": "", "makingAmount": "", "status": ""}
            return {"errorMsg": refusal.text, **empty, "success": True}

    async def cancel_order(self, request: web.Request) -> web.Response:
        """DELETE /order: cancels one order."""
        caller = await self._caller(request)
        body = await read_body(request)
        if not isinstance(body, dict) or "orderID" not in body:
            raise RefusalError(400, "Invalid order payload")
        if not isinstance(body["orderID"], str) or not _ORDER_ID.fullmatch(body["orderID"]):
            raise RefusalError(400, "Invalid orderID")
        return self._cancel(caller, [body["orderID"]])

    async def cancel_orders(self, request: web.Request) -> web.Response:
        """DELETE /orders: cancels a list of orders."""
        caller = await self._caller(request)
        body = await read_body(request)
        if not isinstance(body, list) or not all(isinstance(row, str) for row in body):
            raise RefusalError(400, "Invalid order payload")
        if len(body) > CANCELS_LIMIT:
            raise RefusalError(400, f"Too many orders in payload, max allowed: {CANCELS_LIMIT}")
        return self._cancel(caller, body)

    async def cancel_all(self, request: web.Request) -> web.Response:
        """DELETE /cancel-all: cancels all live orders of the wallet."""
        caller = await self._caller(request)
        return self._cancel(caller, [order.id for order in self._own(caller, live=True)])

    async def cancel_market_orders(self, request: web.Request) -> web.Response:
        """DELETE /cancel-market-orders: cancels the live orders of a market, of a token, or of both."""
        caller = await self._caller(request)
        body = await read_body(request)
        wanted = body if isinstance(body, dict) else {}
        named = {name: wanted[name] for name in ("market", "asset_id") if wanted.get(name)}
        if not named or not all(isinstance(value, str) for value in named.values()):
            raise RefusalError(400, "Invalid order payload")
        return self._cancel(caller, [row.id for row in self._own(caller, live=True) if _is_of(row, named)])

    def _cancel(self, caller: ApiKey, ids: Sequence[str]) -> web.Response:
        canceled, refused = [], {}
        for order_id in ids:
            order = self._exchange.engine.orders.get(order_id)
            own = order is not None and order.trader == caller.address
            if order is not None and own and self._exchange.engine.cancel(order, self._exchange.now()):
                canceled.append(order_id)
            elif order_id not in canceled:
                refused[order_id] = GONE
        return answer({"canceled": canceled, "not_canceled": refused})

    async def order(self, request: web.Request) -> web.Response:
        """GET /data/order/{id}: one order, whatever became of it."""
        caller = await self._caller(request)
        order_id = request.match_info["id"]
        if not _ORDER_ID.fullmatch(order_id):
            raise RefusalError(400, "Invalid orderID")
        order = self._exchange.engine.orders.get(order_id)
        if order is None or order.trader != caller.address:
            raise RefusalError(404, "Order not found")
        return answer(order_view(order))

    async def orders(self, request: web.Request) -> web.Response:
        """GET /data/orders: live orders; with `id` an order that is not live, too."""
        caller = await self._caller(request)
        wanted = request.query
        rows = [
            order
            for order in self._own(caller, live="id" not in wanted)
            if self._listed(order) and wanted.get("id", order.id) == order.id and _is_of(order, wanted)
        ]
        return _page(request, [order_view(row) for row in rows], "invalid order params payload")

    async def trades(self, request: web.Request) -> web.Response:
        """GET /data/trades: the newest first."""
        caller = await self._caller(request)
        wrong = "Invalid trade params payload"
        before, after = (_seconds(request.query.get(name), wrong) for name in ("before", "after"))
        rows = []
        for trade in reversed(self._exchange.engine.trades.values()):
            matched_s = trade.matched_ns // 1_000_000_000
            timely = (before is None or matched_s < before) and (after is None or matched_s > after)
            if timely and caller.address in trade.traders() and _wanted(trade, request):
                rows.append(trade_view(trade, caller.address))
        return _page(request, rows, wrong)

    async def balance_allowance(self, request: web.Request) -> web.Response:
        """GET /balance-allowance: base units of the caller's wallet of that `signature_type`."""
        caller = await self._caller(request)
        balance, allowance = await self._purse(request, caller)
        spender = self._exchange.chain.contracts.exchange
        return answer({"balance": str(balance), "allowances": {spender: str(allowance)}})

    async def update_balance_allowance(self, request: web.Request) -> web.Response:
        """GET /balance-allowance/update: an empty body; there is no cache to refresh."""
        caller = await self._caller(request)
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

    async def _caller(self, request: web.Request) -> ApiKey:
        body = (await request.read()).decode("utf-8", "replace")
        path = request.rel_url.raw_path
        now_s = self._exchange.now().s
        caller = self._exchange.keys.caller(request.headers, request.method, path, body, now_s)
        if not self._exchange.parts.entrance.admits(caller.key):
            raise RefusalError(401, L2_REFUSED)
        return caller

    def _own(self, caller: ApiKey, *, live: bool) -> list[BookOrder]:
        orders = self._exchange.engine.orders.values()
        own = [order for order in orders if order.trader == caller.address]
        return [order for order in own if order.status is OrderStatus.LIVE] if live else own

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


def _is_of(order: BookOrder, wanted: Mapping[str, str]) -> bool:
    """Whether an order is of the `market` and of the `asset_id` that are wanted, where they are."""
    token = str(order.order.token_id)
    return (
        wanted.get("market", order.market.condition).lower() == order.market.condition
        and wanted.get("asset_id", token) == token
    )


def _seconds(text: str | None, wrong: str) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise RefusalError(400, wrong)
    return int(text)


def _page(request: web.Request, rows: list[dict[str, Any]], wrong: str) -> web.Response:
    try:
        start = int(base64.b64decode(request.query.get("next_cursor", "MA=="), validate=True))
    except ValueError:
        raise RefusalError(400, wrong) from None
    if start < 0:
        start = len(rows)
    data = rows[start : start + PAGE]
    end = start + PAGE
    cursor = base64.b64encode(str(end).encode()).decode() if end < len(rows) else LAST_PAGE
    return answer({"limit": PAGE, "count": len(data), "next_cursor": cursor, "data": data})
