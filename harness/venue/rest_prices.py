"""Books and prices over REST, one token at a time and many at once (CLOB docs, order book and pricing)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from harness.venue import texts
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.lookup import named_token
from harness.venue.markets import Market, token_of
from harness.venue.money import plain
from harness.venue.rest_callers import require_read
from harness.venue.views import book_view
from harness.venue.web import answer, read_body
from harness.wire.clob import Side

BATCH: Final = 500
"""How many a list may name: documented for /last-trades-prices, and taken for all of them."""


class PriceRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.get("/book", self.book),
            web.post("/books", self.books),
            web.get("/midpoint", self.midpoint),
            web.post("/midpoints", self.midpoints),
            web.get("/price", self.price),
            web.post("/prices", self.prices),
            web.get("/spread", self.spread),
            web.post("/spreads", self.spreads),
            web.get("/last-trade-price", self.last_trade_price),
            web.post("/last-trades-prices", self.last_trades_prices),
        ]

    async def book(self, request: web.Request) -> web.Response:
        """GET /book: the best levels last."""
        market, token = self._priced(request)
        require_read(self._exchange, request)
        return answer(self._book(market, token))

    async def books(self, request: web.Request) -> web.Response:
        """POST /books: the books in the order in which they were asked for."""
        return answer([self._book(market, token) for market, token, _ in await self._listed(request)])

    async def midpoint(self, request: web.Request) -> web.Response:
        """GET /midpoint: an empty side counts as 0 and 1."""
        _, token = self._priced(request)
        return answer({"mid": self._midpoint(token)})

    async def midpoints(self, request: web.Request) -> web.Response:
        """POST /midpoints: by token."""
        return answer({str(token): self._midpoint(token) for _, token, _ in await self._listed(request)})

    async def price(self, request: web.Request) -> web.Response:
        """GET /price: BUY is the best bid, SELL the best ask."""
        side = _side(request.query.get("side"))
        _, token = self._priced(request)
        return answer({"price": self._price(token, side)})

    async def prices(self, request: web.Request) -> web.Response:
        """POST /prices: by token and side."""
        found: dict[str, dict[str, str]] = {}
        for _, token, side in await self._listed(request, sides=True):
            found.setdefault(str(token), {})[side] = self._price(token, _side(side))
        return answer(found)

    async def spread(self, request: web.Request) -> web.Response:
        """GET /spread: the best ask less the best bid."""
        _, token = self._priced(request)
        return answer({"spread": self._spread(token)})

    async def spreads(self, request: web.Request) -> web.Response:
        """POST /spreads: by token."""
        return answer({str(token): self._spread(token) for _, token, _ in await self._listed(request)})

    async def last_trade_price(self, request: web.Request) -> web.Response:
        """GET /last-trade-price: with the side of who took; 0.5 and no side before the first trade."""
        _, token = self._priced(request)
        require_read(self._exchange, request)
        return answer(self._exchange.history.last(token))

    async def last_trades_prices(self, request: web.Request) -> web.Response:
        """POST /last-trades-prices: a list of what /last-trade-price answers, each with its token."""
        rows = [(token, self._exchange.history.last(token)) for _, token, _ in await self._listed(request)]
        return answer([{"token_id": str(token), **last} for token, last in rows])

    def _book(self, market: Market, token: int) -> dict[str, Any]:
        exchange = self._exchange
        tick = exchange.parts.ticks.shown(exchange.markets, token)
        return book_view(market, token, exchange.engine.book(token), tick)

    def _price(self, token: int, side: Side) -> str:
        best = self._exchange.engine.book(token).best(side)
        return "0" if best is None else plain(best)

    def _midpoint(self, token: int) -> str:
        bid, ask = self._best(token)
        return plain((bid + ask) / 2)

    def _spread(self, token: int) -> str:
        bid, ask = self._best(token)
        return plain(ask - bid)

    def _best(self, token: int) -> tuple[Decimal, Decimal]:
        book = self._exchange.engine.book(token)
        bid, ask = book.best(Side.BUY), book.best(Side.SELL)
        return Decimal(0) if bid is None else bid, Decimal(1) if ask is None else ask

    def _priced(self, request: web.Request) -> tuple[Market, int]:
        return named_token(request, self._exchange.markets, texts.NO_ORDERBOOK)

    async def _listed(self, request: web.Request, *, sides: bool = False) -> list[tuple[Market, int, str]]:
        """The listed tokens that a body names, each with its `side`; unknown ones are left out."""
        rows = await read_body(request, texts.INVALID_PAYLOAD)
        if not isinstance(rows, list):
            raise RefusalError(400, texts.INVALID_PAYLOAD)
        if len(rows) > BATCH:
            raise RefusalError(400, texts.TOO_MANY)
        found = []
        for row in rows:
            text = row.get("token_id") if isinstance(row, dict) else None
            token = token_of(text) if isinstance(text, str) else None
            if token is None:
                raise RefusalError(400, texts.INVALID_PAYLOAD)
            side = _side(row.get("side")).name if sides else ""
            market = self._exchange.markets.by_token(token)
            if market is not None:
                found.append((market, token, side))
        return found


def _side(text: object) -> Side:
    if not isinstance(text, str) or text not in Side.__members__:
        raise RefusalError(400, texts.INVALID_SIDE)
    return Side[text]
