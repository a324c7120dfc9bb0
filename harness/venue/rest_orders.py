"""Orders and cancels over REST (CLOB docs, trading)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from harness.venue.auth import ApiKey
from harness.venue.buckets import Kind
from harness.venue.engine import GONE, STILL_DELAYED
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.limiting import TOO_MANY_OF_A_TOKEN
from harness.venue.money import human
from harness.venue.orderchecks import FIRST_VERSION, is_first_version
from harness.venue.records import OrderStatus
from harness.venue.rest_callers import caller_of, is_of, order_id_of, own_orders
from harness.venue.rest_limits import charge, charge_cancelled
from harness.venue.web import answer, read_body
from harness.venue.wordings import OLDER_VERSION, Wording
from harness.wire.clob import PostedOrder

ORDERS_LIMIT: Final = 15
_UNFILLED: Final = {OrderStatus.DELAYED: "delayed", OrderStatus.UNMATCHED: "unmatched"}
_REFUSED: Final = (400, 500)  # it is the order's, and not the request's
CANCELS_LIMIT: Final = 1000  # changelog of 2026-06-15; the guide still says 3000


class OrderRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each signed endpoint."""
        return [
            web.post("/order", self.post_order),
            web.post("/orders", self.post_orders),
            web.delete("/order", self.cancel_order),
            web.delete("/orders", self.cancel_orders),
            web.delete("/cancel-all", self.cancel_all),
            web.delete("/cancel-market-orders", self.cancel_market_orders),
        ]

    async def post_order(self, request: web.Request) -> web.Response:
        """POST /order: places an order; `status` is `live` or `matched`."""
        caller = await caller_of(self._exchange, request)
        posted = self._read(await read_body(request))
        charge(self._exchange, request, caller, Kind.ORDER, 1)
        try:
            return answer(await self._place(posted, caller))
        except RefusalError as refusal:
            if refusal.status not in _REFUSED or Wording.REPLY not in self._exchange.restrictions.wordings:
                raise
            return answer({"success": False, "errorMsg": refusal.text, "orderID": "", "status": ""})

    async def post_orders(self, request: web.Request) -> web.Response:
        """POST /orders: places orders one after another; one that is refused says why and stops no other."""
        caller = await caller_of(self._exchange, request)
        body = await read_body(request)
        if not isinstance(body, list) or not body:
            raise RefusalError(400, "Invalid order payload")
        if len(body) > ORDERS_LIMIT:
            text = f"Too many orders in payload: {len(body)}, max allowed: {ORDERS_LIMIT}"
            raise RefusalError(400, text)
        orders = [self._read(row) for row in body]
        charge(self._exchange, request, caller, Kind.ORDER, len(orders))
        seen: Counter[int] = Counter()
        return answer([await self._place_or_say(posted, caller, seen) for posted in orders])

    def _read(self, body: Any) -> PostedOrder:
        try:
            return self._exchange.parts.intake.read(body)
        except ValueError:
            if is_first_version(body):
                older = Wording.VERSION in self._exchange.restrictions.wordings
                raise RefusalError(400, OLDER_VERSION if older else FIRST_VERSION) from None
            raise RefusalError(400, "Invalid order payload") from None

    async def _place(self, posted: PostedOrder, caller: ApiKey) -> dict[str, Any]:
        order, trade = await self._exchange.place(posted, caller)
        wordings = self._exchange.restrictions.wordings
        if order.status is OrderStatus.DELAYED and Wording.WAITING in wordings:
            await self._exchange.until(lambda: order.status is not OrderStatus.DELAYED)
            trades = (self._exchange.engine.trades[trade_id] for trade_id in order.trades)
            trade = next((row for row in trades if row.taker is order), None)
        reply = {"success": True, "errorMsg": "", "orderID": order.id}
        if trade is None:
            status = _UNFILLED.get(order.status, "live")
            return {**reply, "status": status, "makingAmount": "", "takingAmount": ""}
        gives, gets = trade.taker_gives, trade.shares + trade.collateral - trade.taker_gives
        amounts = {"makingAmount": human(gives), "takingAmount": human(gets)}
        told = {**reply, "status": "matched", **amounts, "tradeIDs": [trade.id]}
        if Wording.HASHES not in wordings:
            return told
        await self._exchange.until(lambda: trade.transaction_hash != "")
        return {**told, "transactionsHashes": [trade.transaction_hash]}

    async def _place_or_say(self, posted: PostedOrder, caller: ApiKey, seen: Counter[int]) -> dict[str, Any]:
        """As `_place`; a refusal of this order, or for want of post-only, is said in its place.

        `seen` counts the orders of each token in this batch.
        """
        token = posted.order.token_id
        seen[token] += 1
        if self._exchange.limits.over_token(seen[token]):
            text = TOO_MANY_OF_A_TOKEN.format(token=token)
            return {"success": False, "orderID": "", "status": "delayed", "errorMsg": text}
        try:
            return await self._place(posted, caller)
        except RefusalError as refusal:
            if refusal.status not in _REFUSED and refusal.more.get("code") != "post_only_mode":
                raise
            empty = {"orderID": "", "takingAmount": "", "makingAmount": "", "status": ""}
            return {"errorMsg": refusal.text, **empty, "success": True}

    async def cancel_order(self, request: web.Request) -> web.Response:
        """DELETE /order: cancels one order."""
        caller = await caller_of(self._exchange, request)
        body = await read_body(request)
        if not isinstance(body, dict) or "orderID" not in body:
            raise RefusalError(400, "Invalid order payload")
        wanted = order_id_of(body["orderID"])
        charge(self._exchange, request, caller, Kind.CANCEL, 1)
        return answer(self._cancel(caller, [wanted]))

    async def cancel_orders(self, request: web.Request) -> web.Response:
        """DELETE /orders: cancels a list of orders."""
        caller = await caller_of(self._exchange, request)
        body = await read_body(request)
        if not isinstance(body, list) or not all(isinstance(row, str) for row in body):
            raise RefusalError(400, "Invalid order payload")
        if len(body) > CANCELS_LIMIT:
            raise RefusalError(400, f"Too many orders in payload, max allowed: {CANCELS_LIMIT}")
        wanted = [order_id_of(row) for row in body]
        charge(self._exchange, request, caller, Kind.CANCEL, len(wanted))
        return answer(self._cancel(caller, wanted))

    async def cancel_all(self, request: web.Request) -> web.Response:
        """DELETE /cancel-all: cancels all live orders of the wallet."""
        caller = await caller_of(self._exchange, request)
        return self._cancel_of(request, caller, {})

    async def cancel_market_orders(self, request: web.Request) -> web.Response:
        """DELETE /cancel-market-orders: cancels the live orders of a market, of a token, or of both."""
        caller = await caller_of(self._exchange, request)
        body = await read_body(request)
        wanted = body if isinstance(body, dict) else {}
        named = {name: wanted[name] for name in ("market", "asset_id") if wanted.get(name)}
        if not named or not all(isinstance(value, str) for value in named.values()):
            raise RefusalError(400, "Invalid order payload")
        return self._cancel_of(request, caller, named)

    def _cancel_of(self, request: web.Request, caller: ApiKey, named: Mapping[str, str]) -> web.Response:
        """Cancel the caller's live orders of a market or token; what that costs is known afterwards."""
        charge(self._exchange, request, caller, Kind.CANCEL, 1)
        live = own_orders(self._exchange, caller, live=True)
        cancelled = self._cancel(caller, [row.id for row in live if is_of(row, named)])
        charge_cancelled(self._exchange, request, caller, len(cancelled["canceled"]))
        return answer(cancelled)

    def _cancel(self, caller: ApiKey, ids: Sequence[str]) -> dict[str, Any]:
        canceled, refused = [], {}
        for order_id in ids:
            order = self._exchange.engine.orders.get(order_id)
            own = order is not None and order.trader == caller.address
            if order is not None and own and self._exchange.engine.cancel(order, self._exchange.now()):
                canceled.append(order_id)
            elif order_id not in canceled:
                delayed = order is not None and own and order.status is OrderStatus.DELAYED
                refused[order_id] = STILL_DELAYED if delayed else GONE
        return {"canceled": canceled, "not_canceled": refused}
