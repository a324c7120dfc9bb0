"""The REST of the profiles that have one of their own, over the same exchange: its words are their data.

An order is of a market, by its symbol (`ticker`), and buys or sells one of its sides, at a whole price of
one; every answer has the price of both sides, whole and in dollars (docs.kalshi.com, API reference).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from harness.venue.auth import ApiKey
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.fix.parts import FixPrices
from harness.venue.markets import Market
from harness.venue.profile_keys import NotSignedError, ProfileKey, ProfileKeys
from harness.venue.profiles import RestProfile, rest_profiles
from harness.venue.records import BookOrder
from harness.venue.spenders import exchange_of
from harness.venue.web import Handler, answer, read_body
from harness.wire.clob import BASE_UNITS, Order, PostedOrder, Side

_SIDES: Final = ("yes", "no")
_ACTIONS: Final = {"buy": Side.BUY, "sell": Side.SELL}
_LARGEST: Final = 10**9
_Serve = Callable[[web.Request, ProfileKey], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class _Asked:
    market: Market
    token: int
    side: Side
    price: Decimal
    count: int
    order_type: str
    post_only: bool


class ProfileRoutes:
    """Handlers of one profile over one exchange."""

    def __init__(self, exchange: Exchange, keys: ProfileKeys, name: str, rest: RestProfile) -> None:
        self._exchange = exchange
        self._keys = keys
        self._name = name
        self._rest = rest
        self._salt = 0
        self._named: dict[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        base = self._rest.base
        return [
            web.get(f"{base}/markets/{{ticker}}/orderbook", self._refusing(self.orderbook)),
            web.post(f"{base}/portfolio/orders", self._signed(self.post_order)),
            web.get(f"{base}/portfolio/orders/{{id}}", self._signed(self.order)),
            web.delete(f"{base}/portfolio/orders/{{id}}", self._signed(self.cancel)),
            web.get(f"{base}/portfolio/balance", self._signed(self.balance)),
        ]

    async def orderbook(self, request: web.Request) -> web.Response:
        """GET /markets/{ticker}/orderbook: bids for each side, the best last: whole price and count."""
        market = self._market(request.match_info["ticker"])
        books = {side: self._exchange.engine.book(token) for side, token in _tokens(market).items()}
        told = {
            side: [
                [int(price / self._rest.price_unit), shares // BASE_UNITS]
                for price, shares in sorted(book.levels(Side.BUY))
            ]
            for side, book in books.items()
        }
        return answer({"orderbook": told})

    async def post_order(self, request: web.Request, caller: ProfileKey) -> web.Response:
        """POST /portfolio/orders: places a limit order."""
        body = await read_body(request)
        asked = self._read(body)
        self._salt += 1
        exchange, address = self._exchange, caller.signer.address
        owner = next(iter(exchange.keys.of_address(address)), "")
        shares = asked.count * BASE_UNITS
        paid = int(asked.price * shares)
        gives, gets = (paid, shares) if asked.side is Side.BUY else (shares, paid)
        order = Order(
            self._salt, address, address, asked.token, gives, gets, asked.side, 0, exchange.now().ms
        )
        unsigned = PostedOrder(order, "", owner, asked.order_type, asked.post_only, False)
        posted, order_id = caller.signer.sign(
            unsigned, exchange_of(exchange.markets.of_token(asked.token), exchange.chain.contracts)
        )
        self._named[order_id] = str(body.get("client_order_id", ""))
        placed, _ = await exchange.place(posted, ApiKey(owner, "", "", address))
        return answer({"order": self._view(placed)}, self._rest.created)

    async def order(self, request: web.Request, caller: ProfileKey) -> web.Response:
        """GET /portfolio/orders/{id}: one order, whatever became of it."""
        return answer({"order": self._view(self._own(request, caller))})

    async def cancel(self, request: web.Request, caller: ProfileKey) -> web.Response:
        """DELETE /portfolio/orders/{id}: takes the rest of an order, `reduced_by`, off the book."""
        order = self._own(request, caller)
        left = order.shares_left
        if not self._exchange.engine.cancel(order, self._exchange.now()):
            raise RefusalError(404, "order not found")
        return answer({"order": self._view(order), "reduced_by": left // BASE_UNITS})

    async def balance(self, _: web.Request, caller: ProfileKey) -> web.Response:
        """GET /portfolio/balance: what the account has, in whole units of price, rounded down."""
        dollars, _allowances = await self._exchange.purse(caller.signer.address, None)
        return answer({"balance": int(Decimal(dollars) / BASE_UNITS / self._rest.price_unit)})

    def _signed(self, serve: _Serve) -> Handler:
        async def let_in(request: web.Request) -> web.StreamResponse:
            rest, now_ms = self._rest, self._exchange.now().ms
            path = request.rel_url.raw_path
            try:
                caller = self._keys.caller(self._name, rest, request.headers, request.method, path, now_ms)
            except NotSignedError as error:
                code, details = rest.unsigned[str(error)]
                return _refused(401, code, code, details)
            return await serve(request, caller)

        return self._refusing(let_in)

    def _refusing(self, serve: Handler) -> Handler:
        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                return await serve(request)
            except RefusalError as refusal:
                reply = _refused(refusal.status, self._rest.code(refusal.text), refusal.text, "")
                reply.headers.update(refusal.headers)
                return reply

        return answered

    def _market(self, ticker: object) -> Market:
        for market in self._exchange.markets:
            if market.symbol == ticker:
                return market
        raise RefusalError(404, "market not found")

    def _own(self, request: web.Request, caller: ProfileKey) -> BookOrder:
        order = self._exchange.engine.orders.get(request.match_info["id"])
        if order is None or order.trader != caller.signer.address:
            raise RefusalError(404, "order not found")
        return order

    def _read(self, body: Any) -> _Asked:
        """The order that a body asks for. Raises RefusalError 400, and 404 where there is no such market."""
        if not isinstance(body, dict):
            raise RefusalError(400, "the body is no object")
        market = self._market(body.get("ticker"))
        side = _one_of(body, "side", _SIDES)
        action = _one_of(body, "action", tuple(_ACTIONS))
        _one_of({"type": "limit", **body}, "type", ("limit",))
        lasts = {"time_in_force": next(iter(self._rest.order_types)), **body}
        order_type = self._rest.order_types[_one_of(lasts, "time_in_force", tuple(self._rest.order_types))]
        prices = [name for name in _SIDES if f"{name}_price" in body]
        if len(prices) != 1:
            raise RefusalError(400, "exactly one of yes_price and no_price is needed")
        whole = int(1 / self._rest.price_unit)
        price = self._rest.price_unit * _number(body, f"{prices[0]}_price", whole - 1)
        return _Asked(
            market,
            _tokens(market)[side],
            _ACTIONS[action],
            price if prices[0] == side else 1 - price,
            _number(body, "count", _LARGEST),
            order_type,
            body.get("post_only") is True,
        )

    def _view(self, order: BookOrder) -> dict[str, Any]:
        """An order as every answer has it."""
        prices, unit = self._exchange.parts.fix_prices, self._rest.price_unit
        no = order.order.token_id == order.market.no
        of_yes = 1 - order.price if no else order.price
        return {
            "order_id": order.id,
            "client_order_id": self._named.get(order.id, ""),
            "ticker": order.market.symbol,
            "side": _SIDES[no],
            "action": "buy" if order.side is Side.BUY else "sell",
            "type": "limit",
            "status": self._rest.status(order.status.value),
            **_priced("yes_price", of_yes, unit, prices),
            **_priced("no_price", 1 - of_yes, unit, prices),
            "initial_count": order.shares // BASE_UNITS,
            "fill_count": order.shares_matched // BASE_UNITS,
            "remaining_count": order.shares_left // BASE_UNITS,
        }


def profile_routes(exchange: Exchange, keys: ProfileKeys) -> list[web.RouteDef]:
    """Path and handler of every endpoint of every profile."""
    return [
        route
        for name, rest in rest_profiles().items()
        for route in ProfileRoutes(exchange, keys, name, rest).routes()
    ]


def _tokens(market: Market) -> dict[str, int]:
    return dict(zip(_SIDES, market.tokens, strict=True))


def _priced(name: str, dollars: Decimal, unit: Decimal, prices: FixPrices) -> dict[str, Any]:
    return {name: prices.whole(dollars, unit), f"{name}_dollars": f"{dollars:.4f}"}


def _one_of(body: dict[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = body.get(name)
    if value not in known:
        raise RefusalError(400, f"{name} must be one of {', '.join(known)}")
    return str(value)


def _number(body: dict[str, Any], name: str, most: int) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise RefusalError(400, f"{name} must be a whole number from 1 to {most}")
    return value


def _refused(status: int, code: str, message: str, details: str) -> web.Response:
    said = {"code": code, "message": message, **({"details": details} if details else {})}
    return answer({"error": said}, status)
