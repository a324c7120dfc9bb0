"""Who signed a REST request, and which orders are theirs: what all signed endpoints ask first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from harness.venue import texts
from harness.venue.auth import ApiKey
from harness.venue.exchange import Exchange
from harness.venue.failures import ORDERS
from harness.venue.faults import RefusalError
from harness.venue.records import BookOrder, OrderStatus

_ORDER_ID: Final = re.compile(r"0x[0-9a-f]{64}")


async def caller_of(exchange: Exchange, request: web.Request) -> ApiKey:
    """The API key that signed a request (L2). Raises RefusalError 401."""
    body = (await request.read()).decode("utf-8", "replace")
    path = request.rel_url.raw_path
    caller = exchange.keys.caller(request.headers, request.method, path, body, exchange.now().s)
    if not exchange.parts.entrance.admits(caller.key):
        raise RefusalError(401, texts.L2_REFUSED)
    require_read(exchange, request)
    return caller


def require_read(exchange: Exchange, request: web.Request) -> None:
    """Let a request fail whose endpoint was told to. Raises RefusalError.

    Orders fail where they are judged.
    """
    resource = request.match_info.route.resource
    at = f"{request.method} {'' if resource is None else resource.canonical}"
    if at != ORDERS:
        exchange.restrictions.failures.require(at)


async def wallet_of(exchange: Exchange, request: web.Request, caller: ApiKey) -> str:
    """The caller's wallet of `signature_type`, the key's own without one. Raises RefusalError 400."""
    wallets = await exchange.owners.wallets(caller.address)
    kind = request.query.get("signature_type", "0")
    if kind not in map(str, range(len(wallets))):
        raise RefusalError(400, texts.INVALID_SIGNATURE_TYPE)
    return wallets[int(kind)]


def order_id_of(value: object) -> str:
    """An order's id as the wire writes it. Raises RefusalError 400 for anything else."""
    if not isinstance(value, str) or not _ORDER_ID.fullmatch(value):
        raise RefusalError(400, texts.INVALID_ORDER_ID)
    return value


def own_orders(exchange: Exchange, caller: ApiKey, *, live: bool) -> list[BookOrder]:
    """The orders of the caller's wallets, as placed; all of them, or the live ones."""
    orders = exchange.engine.orders.values()
    own = [order for order in orders if order.trader == caller.address]
    return [order for order in own if order.status is OrderStatus.LIVE] if live else own


def is_of(order: BookOrder, wanted: Mapping[str, str]) -> bool:
    """Whether an order is of the `market` and of the `asset_id` that are wanted, where they are."""
    token = str(order.order.token_id)
    return (
        wanted.get("market", order.market.condition).lower() == order.market.condition
        and wanted.get("asset_id", token) == token
    )
