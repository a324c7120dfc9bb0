"""What was traded with a builder's code, and what the builder takes of it (CLOB docs, builders)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from aiohttp import web

from harness.venue import texts
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.fees import builder_fee_of, fee_of
from harness.venue.money import human
from harness.venue.pages import page, start_of
from harness.venue.records import Trade
from harness.venue.rest_callers import require_read
from harness.venue.sidekeys import stamp
from harness.venue.tradequery import wanted
from harness.venue.views import rest_status, trade_price
from harness.venue.web import answer
from harness.venue.wordings import Wording
from harness.wire.clob import ZERO_BYTES32

PAGE: Final = 300
_CODE = re.compile(r"0x[0-9a-f]{64}")


class BuilderRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.get("/builder/trades", self.trades),
            web.get("/fees/builder-fees/{code}", self.fees),
        ]

    async def trades(self, request: web.Request) -> web.Response:
        """GET /builder/trades: the trades whose taker's order has the code, the newest first; public."""
        wrong = texts.INVALID_BUILDER_QUERY
        code = _code(request.query.get("builder_code", ""), wrong)
        start = start_of(request, wrong)
        trades = wanted(self._exchange.engine, request, wrong)
        require_read(self._exchange, request)
        rows = [trade for trade in trades if trade.taker.order.builder.lower() == code]
        asked, wordings = page(rows, start, PAGE), self._exchange.restrictions.wordings
        return answer({**asked, "data": [_builder_trade(trade, wordings) for trade in asked["data"]]})

    async def fees(self, request: web.Request) -> web.Response:
        """GET /fees/builder-fees/{code}: what it takes; of makers none takes anything."""
        code = _code(request.match_info["code"], texts.INVALID_BUILDER_QUERY)
        taker_bps = self._exchange.builder_bps.get(code, 0)
        return answer({"builder_maker_fee_rate_bps": 0, "builder_taker_fee_rate_bps": taker_bps})


def _code(text: str, wrong: str) -> str:
    code = text.lower()
    if not _CODE.fullmatch(code) or code == ZERO_BYTES32:
        raise RefusalError(400, wrong)
    return code


def _builder_trade(trade: Trade, wordings: Collection[Wording]) -> dict[str, Any]:
    taker, token = trade.taker, trade.taker.order.token_id
    matched_s, fee = trade.matched_ns // 1_000_000_000, fee_of(trade)
    return {
        "id": trade.id,
        "tradeType": "TAKER",
        "takerOrderHash": taker.id,
        "builder": taker.order.builder,
        "market": taker.market.condition,
        "assetId": str(token),
        "side": taker.side.name,
        "size": human(trade.shares),
        "sizeUsdc": human(trade.collateral),
        "price": trade_price(trade),
        "status": rest_status(trade, wordings),
        "outcome": taker.market.outcome(token),
        "outcomeIndex": 0 if token == taker.market.yes else 1,
        "owner": taker.owner,
        "maker": taker.order.maker,
        "transactionHash": trade.transaction_hash,
        "matchTime": str(matched_s),
        "bucketIndex": 0,
        "fee": human(fee),
        "feeUsdc": human(fee),
        "builderFee": human(builder_fee_of(trade)),
        "builderCode": taker.order.builder,
        "err_msg": trade.err_msg,
        "createdAt": stamp(matched_s),
        "updatedAt": stamp(trade.updated_s),
    }
