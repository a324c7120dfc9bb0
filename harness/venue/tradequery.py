"""The filters of lists of trades: GET /data/trades and GET /builder/trades (CLOB docs, trades)."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web

from harness.venue.engine import Engine
from harness.venue.faults import RefusalError
from harness.venue.records import Trade


def wanted(engine: Engine, request: web.Request, wrong: str) -> Iterator[Trade]:
    """The trades that a query asks for, the newest first. Raises RefusalError 400 with `wrong`."""
    before, after = (_seconds(request.query.get(name), wrong) for name in ("before", "after"))
    for trade in reversed(engine.trades.values()):
        matched_s = trade.matched_ns // 1_000_000_000
        timely = (before is None or matched_s < before) and (after is None or matched_s > after)
        if timely and _fits(trade, request):
            yield trade


def _fits(trade: Trade, request: web.Request) -> bool:
    """Whether a trade has the id, market and asset (its taker's) and one of the makers that are asked for."""
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
