"""The public half of the REST API: service and markets (CLOB docs, market data)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from harness.venue import marketviews, texts
from harness.venue.engine import Engine
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.lookup import named_condition, named_token
from harness.venue.markets import Market
from harness.venue.pages import page, start_of
from harness.venue.web import answer

PAGE: Final = 1000
_ACTIVITY: Final = 100
_View = Callable[[Market, Engine], dict[str, Any]]


class MarketRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._markets = exchange.markets

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.get("/", self.version),
            web.get("/ok", self.ok),
            web.get("/time", self.time),
            web.get("/version", self.version),
            web.get("/tick-size", self.tick_size),
            web.get("/tick-size/{token}", self.tick_size),
            web.get("/neg-risk", self.neg_risk),
            web.get("/fee-rate", self.fee_rate),
            web.get("/fee-rate/{token}", self.fee_rate),
            web.get("/markets", self.markets),
            web.get("/simplified-markets", self.simplified_markets),
            web.get("/sampling-markets", self.sampling_markets),
            web.get("/sampling-simplified-markets", self.sampling_simplified_markets),
            web.get("/markets/live-activity/{condition}", self.live_activity),
            web.get("/markets/{condition}", self.market),
            web.get("/markets-by-token/{token}", self.market_by_token),
            web.get("/clob-markets/{condition}", self.clob_market),
        ]

    async def ok(self, _: web.Request) -> web.Response:
        """GET /ok: `"OK"`."""
        return answer("OK")

    async def time(self, _: web.Request) -> web.Response:
        """GET /time: unix seconds."""
        return answer(self._exchange.now().s)

    async def version(self, _: web.Request) -> web.Response:
        """GET /version: 2."""
        return answer({"version": 2})

    async def tick_size(self, request: web.Request) -> web.Response:
        """GET /tick-size: the tick as a number; 404 for an unknown token."""
        _, token = named_token(request, self._markets, texts.NO_MARKET)
        return answer({"minimum_tick_size": self._exchange.parts.ticks.shown(self._markets, token)})

    async def neg_risk(self, request: web.Request) -> web.Response:
        """GET /neg-risk: which exchange contract the token's orders are signed for."""
        market, _ = named_token(request, self._markets, texts.NO_MARKET)
        if not self._exchange.parts.lookups.tells_neg_risk(market, self._markets):
            raise RefusalError(400, texts.INVALID_TOKEN)
        return answer({"neg_risk": market.neg_risk})

    async def fee_rate(self, request: web.Request) -> web.Response:
        """GET /fee-rate: the taker's rate in bps; the curve is told by /clob-markets."""
        market, _ = named_token(request, self._markets, texts.NO_FEE_RATE)
        return answer({"base_fee": market.taker_bps})

    async def markets(self, request: web.Request) -> web.Response:
        """GET /markets: a page of all markets, as they were listed."""
        return self._page(request, marketviews.full_market)

    async def simplified_markets(self, request: web.Request) -> web.Response:
        """GET /simplified-markets: as /markets, with a few keys of each."""
        return self._page(request, marketviews.simplified_market)

    async def sampling_markets(self, request: web.Request) -> web.Response:
        """GET /sampling-markets: a page of the markets that take orders."""
        return self._page(request, marketviews.full_market, sampling=True)

    async def sampling_simplified_markets(self, request: web.Request) -> web.Response:
        """GET /sampling-simplified-markets: as /sampling-markets, with a few keys of each."""
        return self._page(request, marketviews.simplified_market, sampling=True)

    async def live_activity(self, request: web.Request) -> web.Response:
        """GET /markets/live-activity/{condition}: the newest fills of a market, the newest first."""
        market = named_condition(request, self._markets)
        trades = reversed(self._exchange.engine.trades.values())
        mine = (trade for trade in trades if trade.taker.market.condition == market.condition)
        fills = [marketviews.activity(trade, fill) for trade in mine for fill in reversed(trade.fills)]
        return answer(fills[:_ACTIVITY])

    async def market(self, request: web.Request) -> web.Response:
        """GET /markets/{condition}: one full market."""
        market = named_condition(request, self._markets)
        return answer(marketviews.full_market(market, self._exchange.engine))

    async def market_by_token(self, request: web.Request) -> web.Response:
        """GET /markets-by-token/{token}: the condition and both tokens."""
        market, _ = named_token(request, self._markets, texts.NO_MARKET)
        ids = {"primary_token_id": str(market.yes), "secondary_token_id": str(market.no)}
        return answer({"condition_id": market.condition, **ids})

    async def clob_market(self, request: web.Request) -> web.Response:
        """GET /clob-markets/{condition}: the market in short keys."""
        return answer(marketviews.clob_market(named_condition(request, self._markets)))

    def _page(self, request: web.Request, view: _View, *, sampling: bool = False) -> web.Response:
        start = start_of(request, texts.INVALID_CURSOR)
        if start < 0:
            raise RefusalError(400, texts.NEGATIVE_CURSOR)
        markets = [market for market in self._markets if not (sampling and market.resolved)]
        asked = page(markets, start, PAGE)
        return answer({**asked, "data": [view(market, self._exchange.engine) for market in asked["data"]]})
