"""The public half of the REST API: service, markets, books and prices (CLOB docs, market data)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aiohttp import web

from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.markets import OUTCOMES, Market, token_of
from harness.venue.money import plain
from harness.venue.views import book_view
from harness.venue.web import answer
from harness.wire.clob import BASE_UNITS, Side


class MarketRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each public endpoint."""
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
            web.get("/book", self.book),
            web.get("/midpoint", self.midpoint),
            web.get("/price", self.price),
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
        _, token = self._token(request, "market not found")
        return answer({"minimum_tick_size": self._tick(token)})

    async def neg_risk(self, request: web.Request) -> web.Response:
        """GET /neg-risk: which exchange contract the token's orders are signed for."""
        market, _ = self._token(request, "market not found")
        return answer({"neg_risk": market.neg_risk})

    async def fee_rate(self, request: web.Request) -> web.Response:
        """GET /fee-rate: the taker's rate in bps; the curve is told by /clob-markets."""
        market, _ = self._token(request, "fee rate not found for market")
        return answer({"base_fee": _taker_bps(market)})

    async def book(self, request: web.Request) -> web.Response:
        """GET /book: the best levels last."""
        market, token = self._priced(request)
        return answer(book_view(market, token, self._exchange.engine.book(token), self._tick(token)))

    async def midpoint(self, request: web.Request) -> web.Response:
        """GET /midpoint: an empty side counts as 0 and 1."""
        _, token = self._priced(request)
        book = self._exchange.engine.book(token)
        bid, ask = book.best(Side.BUY) or Decimal(0), book.best(Side.SELL) or Decimal(1)
        return answer({"mid": plain((bid + ask) / 2)})

    async def price(self, request: web.Request) -> web.Response:
        """GET /price: BUY is the best bid, SELL the best ask."""
        side = request.query.get("side", "")
        if side not in Side.__members__:
            raise RefusalError(400, "Invalid side")
        _, token = self._priced(request)
        best = self._exchange.engine.book(token).best(Side[side])
        return answer({"price": "0" if best is None else plain(best)})

    async def market(self, request: web.Request) -> web.Response:
        """GET /markets/{condition}: one full market."""
        market = self._condition(request)
        return answer(_full_market(market, self._exchange))

    async def market_by_token(self, request: web.Request) -> web.Response:
        """GET /markets-by-token/{token}: the condition and both tokens."""
        market, _ = self._token(request, "market not found")
        ids = {"primary_token_id": str(market.yes), "secondary_token_id": str(market.no)}
        return answer({"condition_id": market.condition, **ids})

    async def clob_market(self, request: web.Request) -> web.Response:
        """GET /clob-markets/{condition}: the market in short keys."""
        market = self._condition(request)
        tokens = (market.yes, market.no)
        view: dict[str, Any] = {
            "c": market.condition,
            "t": [{"t": str(token), "o": market.outcome(token)} for token in tokens],
            "mts": market.tick,
            "mos": market.min_size // BASE_UNITS,
            "ao": not market.resolved,
            "mbf": 0,
            "tbf": _taker_bps(market),
            "sd": market.seconds_delay,
        }
        if market.fee is not None:
            view["fd"] = {"r": market.fee.rate, "e": market.fee.exponent, "to": market.fee.taker_only}
        flags = {"nr": market.neg_risk, "itode": market.delay_ms > 0}
        return answer(view | {name: True for name, said in flags.items() if said})  # left out when false

    def _tick(self, token: int) -> Decimal:
        return self._exchange.parts.ticks.shown(self._exchange.markets, token)

    def _token(self, request: web.Request, unknown: str) -> tuple[Market, int]:
        text = request.match_info.get("token") or request.query.get("token_id", "")
        token = token_of(text)
        market = None if token is None else self._exchange.markets.by_token(token)
        if token is None or market is None:
            raise RefusalError(404, unknown)
        return market, token

    def _priced(self, request: web.Request) -> tuple[Market, int]:
        if token_of(request.query.get("token_id", "")) is None:
            raise RefusalError(400, "Invalid token id")
        return self._token(request, "No orderbook exists for the requested token id")

    def _condition(self, request: web.Request) -> Market:
        text = request.match_info["condition"]
        if not text.startswith("0x") or len(text) != 66:
            raise RefusalError(400, "Invalid market")
        market = self._exchange.markets.by_condition(text)
        if market is None:
            raise RefusalError(404, "market not found")
        return market


def _taker_bps(market: Market) -> int:
    return 0 if market.fee is None else market.fee.base_bps


def _full_market(market: Market, exchange: Exchange) -> dict[str, Any]:
    tokens = []
    for token, outcome in zip((market.yes, market.no), OUTCOMES, strict=True):
        last = exchange.engine.book(token).last_price
        price = Decimal("0.5") if last is None else last
        won = token == market.winner
        if market.resolved:
            price = Decimal(won)
        tokens.append({"token_id": str(token), "outcome": outcome, "price": price, "winner": won})
    return {
        "enable_order_book": not market.resolved,
        "active": True,
        "closed": market.resolved,
        "archived": False,
        "accepting_orders": not market.resolved,
        "accepting_order_timestamp": None,
        "minimum_order_size": market.min_size // BASE_UNITS,
        "minimum_tick_size": market.tick,
        "condition_id": market.condition,
        "question_id": market.question_id,
        "question": market.question,
        "description": "",
        "market_slug": market.slug,
        "end_date_iso": None,
        "game_start_time": None,
        "seconds_delay": market.seconds_delay,
        "fpmm": "",
        "maker_base_fee": 0,
        "taker_base_fee": _taker_bps(market),
        "notifications_enabled": False,
        "neg_risk": market.neg_risk,
        "neg_risk_market_id": "",
        "neg_risk_request_id": "",
        "icon": "",
        "image": "",
        "rewards": {"rates": None, "min_size": 0, "max_spread": 0},
        "is_50_50_outcome": False,
        "tokens": tokens,
        "tags": [],
    }
