"""The data host: who holds what, for the front end and for robots (data API docs, positions)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.markets import Market
from harness.venue.positions import PositionIndex
from harness.venue.web import answer
from harness.wire.clob import BASE_UNITS
from harness.wire.ctf import checksum_address

_NO_USER: Final = "required query param 'user' not provided"


class PositionRoutes:
    """Handlers over the index; names and prices are the exchange's."""

    def __init__(self, exchange: Exchange, index: PositionIndex) -> None:
        self._exchange = exchange
        self._index = index

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [web.get("/positions", self.positions)]

    async def positions(self, request: web.Request) -> web.Response:
        """GET /positions?user=0x…: what an address holds of listed markets; `market` picks conditions."""
        user = request.query.get("user", "")
        if not user:
            raise RefusalError(400, _NO_USER)
        try:
            checksum_address(user)
        except ValueError as error:
            raise RefusalError(400, str(error)) from None
        wanted = {name.lower() for name in request.query.get("market", "").split(",") if name}
        rows = []
        for token, shares in self._index.holdings(user).items():
            market = self._exchange.markets.by_token(token)
            if market is not None and (not wanted or market.condition in wanted):
                rows.append(self._position(user.lower(), market, token, shares))
        return answer(rows)

    def _position(self, user: str, market: Market, token: int, shares: int) -> dict[str, Any]:
        index = 0 if token == market.yes else 1
        other = market.no if token == market.yes else market.yes
        payout = self._index.payout(market.condition)
        both = self._index.holdings(user).get(other, 0) > 0
        size = Decimal(shares) / BASE_UNITS
        price = self._price(token, index, payout)
        return {
            "proxyWallet": user,
            "asset": str(token),
            "conditionId": market.condition,
            "size": size,
            "currentValue": size * price,
            "curPrice": price,
            "redeemable": payout is not None,
            "mergeable": both,
            "title": market.question,
            "slug": market.slug,
            "outcome": market.outcome(token),
            "outcomeIndex": index,
            "oppositeOutcome": market.outcome(other),
            "oppositeAsset": str(other),
            "negativeRisk": self._exchange.parts.indexing.negative_risk(market.neg_risk, payout is not None),
        }

    def _price(self, token: int, index: int, payout: tuple[int, ...] | None) -> Decimal:
        if payout is not None:
            return Decimal(payout[index]) / sum(payout)
        last = self._exchange.engine.book(token).last_price
        return Decimal("0.5") if last is None else last
