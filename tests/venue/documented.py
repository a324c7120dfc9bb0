"""Every refusal that is documented or reported, with a request that the venue answers so.

CLOB docs: error codes, orders, matching engine, rate limits. `SAID` is the table: a row says for which
endpoint a text is documented, with which status, and its function is the customer who gets it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from py_clob_client_v2.headers.headers import create_level_1_headers

from harness.wire import clob
from harness.wire.clob import CONTRACTS_137, Order, Side

from .bench import Bench, Customer
from .desk import call, make, post, signed_body

Answer = tuple[int, Any]
NOBODY = "0x" + "00" * 32
BALANCE = "not enough balance / allowance: the balance is not enough -> balance: "


@dataclass(slots=True)
class Desk:
    """A venue that may be troubled, with a market and a customer; what a text names is noted in `names`."""

    bench: Bench
    names: dict[str, Any] = field(default_factory=dict)
    market: dict[str, Any] = field(init=False)
    alice: Customer = field(init=False)

    def __post_init__(self) -> None:
        self.market = self.bench.market()
        self.alice = self.bench.customer(self.market, collateral="10", yes="10")

    def ask(self, method: str, path: str, body: Any = "") -> Answer:
        """A signed request; a body that is no text is sent as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        return call(self.bench, self.alice, method, path, text)

    def plainly(self, method: str, path: str, body: str = "") -> Answer:
        """A request without any header of ours."""
        answer = self.bench.http.request(method, self.bench.ready["rest"] + path, content=body)
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.status_code, answer.json() if is_json else answer.text

    def verb(self, name: str, **body: Any) -> None:
        self.bench.control(f"/verbs/{name}", body)

    def fails(self, error: str, **more: Any) -> None:
        self.verb("fail", error=error, **more)

    def order(self, side: Side = Side.BUY, price: str = "0.4", size: str = "5", **change: Any) -> Order:
        """An order of the customer's that would rest, but for what is changed."""
        order = make(self.alice, self.market["yes"], side, price, size, **change)
        self.names["id"] = clob.order_id(order, chain_id=137, exchange=CONTRACTS_137.exchange)
        return order

    def post(self, order: Order | None = None, kind: str = "GTC", **change: Any) -> Answer:
        return post(self.bench, self.alice, order or self.order(), kind, **change)

    def batch(self, *orders: Order) -> Answer:
        return self.ask("POST", "/orders", [signed_body(self.alice, order) for order in orders])

    def offered(self, price: float = 0.5, size: float = 10, market: dict[str, Any] | None = None) -> None:
        """Somebody sells."""
        where = market or self.market
        self.bench.customer(where, yes="20").order(where["yes"], "SELL", price, size)

    def first_version(self) -> dict[str, Any]:
        """The body of an order with nonce and fee rate."""
        body = signed_body(self.alice, self.order())
        gone = ("timestamp", "metadata", "builder")
        kept = {key: value for key, value in body["order"].items() if key not in gone}
        return {**body, "order": {**kept, "taker": "0x" + "00" * 20, "nonce": "0", "feeRateBps": "0"}}


Ask = Callable[[Desk], Answer]


@dataclass(frozen=True, slots=True)
class Row:
    """One documented refusal. `{…}` in its text is in the desk's names once it was asked for."""

    at: str
    status: int
    text: str
    ask: Ask

    def __str__(self) -> str:
        return f"{self.at} {self.status} {self.text}"[:70]


SAID: list[Row] = []


def says(at: str, status: int, text: str) -> Callable[[Ask], Ask]:
    """Note a row of the table."""

    def noted(ask: Ask) -> Ask:
        SAID.append(Row(at, status, text, ask))
        return ask

    return noted


def asking(method: str, path: str, status: int, text: str, body: Any = "", *, at: str = "") -> None:
    """A row that one signed request gets, whatever went before."""
    where = at or f"{method} {path.partition('?')[0]}"
    SAID.append(Row(where, status, text, lambda desk: desk.ask(method, path, body)))


def failing(at: str, status: int, error: str, body: Any = "") -> None:
    """A row of which nothing but the exchange's own trouble is the reason."""

    def ask(desk: Desk) -> Answer:
        desk.fails(error, at=at)
        path = at.partition(" ")[2].replace("{id}", NOBODY)
        more = {"/book": "?token_id=", "/last-trade-price": "?token_id="}.get(path)
        path += f"{more}{desk.market['yes']}" if more else ""
        path += f"?builder_code=0x{'5a' * 32}" if path == "/builder/trades" else ""
        return desk.ask(at.partition(" ")[0], path, body)

    SAID.append(Row(at, status, error, ask))


# books, prices, markets

for _path in ("/book", "/price", "/midpoint", "/spread", "/last-trade-price"):
    asking("GET", f"{_path}?side=BUY&token_id=x", 400, "Invalid token id")
    asking("GET", f"{_path}?side=BUY&token_id=5", 404, "No orderbook exists for the requested token id")
for _path in ("/books", "/prices", "/midpoints", "/spreads", "/last-trades-prices"):
    _row = {"token_id": "5", "side": "BUY"}
    asking("POST", _path, 400, "Invalid payload", "{")
    asking("POST", _path, 400, "Payload exceeds the limit", [_row] * 501)
asking("GET", "/price?token_id=5&side=HOLD", 400, "Invalid side")
asking("POST", "/prices", 400, "Invalid side", [{"token_id": "5", "side": "HOLD"}])
for _path in ("/tick-size", "/neg-risk"):
    asking("GET", f"{_path}?token_id=x", 400, "Invalid token id")
    asking("GET", f"{_path}?token_id=5", 404, "market not found")
asking("GET", "/fee-rate?token_id=5", 404, "fee rate not found for market")
asking("GET", "/markets/0x12", 400, "Invalid market", at="GET /markets/{condition}")
asking("GET", f"/markets/{NOBODY}", 404, "market not found", at="GET /markets/{condition}")
asking("GET", "/prices-history?market=5", 400, "startTs is required")
asking("GET", "/prices-history?market=5&interval=1h&fidelity=0", 400, "invalid fidelity: 0")
asking("GET", "/prices-history?market=5&interval=2h", 400, "invalid interval: 2h")
for _cursor, _text in (
    ("LTE=", "next item should be greater than or equal to 0"),
    ("x", "invalid next_cursor"),
):
    asking("GET", f"/markets?next_cursor={_cursor}", 400, _text)
asking("GET", "/nowhere", 404, "Not Found")
asking("PUT", "/order", 405, "Method Not Allowed")
failing("GET /book", 500, "error getting the orderbook")
failing("GET /last-trade-price", 500, "Internal server error")

# keys

_L1 = "Invalid L1 Request headers"
SAID += [
    Row("POST /auth/api-key", 401, _L1, lambda desk: desk.plainly("POST", "/auth/api-key")),
    Row("GET /auth/derive-api-key", 401, _L1, lambda desk: desk.plainly("GET", "/auth/derive-api-key")),
]
_L2 = "Unauthorized/Invalid api key"
for _method, _path in (("GET", "/auth/api-keys"), ("POST", "/order"), ("DELETE", "/cancel-all")):
    SAID.append(
        Row(f"{_method} {_path}", 401, _L2, lambda desk, m=_method, p=_path: desk.plainly(m, p))  # type: ignore[misc]
    )


def level_one(customer: Customer, nonce: int) -> dict[str, str]:
    """The headers of a request that a wallet signs, by the official client."""
    return dict(create_level_1_headers(customer.client.signer, nonce))


@says("POST /auth/api-key", 400, "Could not create api key")
def _(desk: Desk) -> Answer:
    url = desk.bench.ready["rest"] + "/auth/api-key"
    answer = desk.bench.http.post(url, headers=level_one(desk.alice, 0))
    return answer.status_code, answer.json()


@says("GET /auth/derive-api-key", 400, "Could not derive api key!")
def _(desk: Desk) -> Answer:
    url = desk.bench.ready["rest"] + "/auth/derive-api-key"
    answer = desk.bench.http.get(url, headers=level_one(desk.alice, 99))
    return answer.status_code, answer.json()


failing("GET /auth/api-keys", 500, "Could not retrieve API keys")
failing("DELETE /auth/api-key", 500, "Could not delete API key")
failing("POST /auth/builder-api-key", 500, "could not create builder api key")
failing("GET /auth/builder-api-key", 500, "could not get builder api keys")
_BUILDER = "/auth/builder-api-key"
asking("DELETE", _BUILDER, 400, "invalid revoke builder api key body", "{")
asking("DELETE", _BUILDER, 400, "invalid revoke builder api key headers")
asking("DELETE", _BUILDER, 500, "could not revoke the builder api key: none", {"key": "none"})

# an account

asking("GET", "/data/order/0x12", 400, "Invalid orderID", at="GET /data/order/{id}")
asking("GET", f"/data/order/{NOBODY}", 404, "Order not found", at="GET /data/order/{id}")
asking("GET", "/data/orders?next_cursor=!", 400, "invalid order params payload")
asking("GET", "/data/trades?before=soon", 400, "Invalid trade params payload")
for _at in ("GET /data/order/{id}", "GET /data/orders", "GET /data/trades"):
    failing(_at, 500, "Internal server error")
asking("GET", "/builder/trades", 400, "invalid builder trade params")
failing("GET /builder/trades", 500, "could not fetch builder trades")
asking("GET", "/balance-allowance?asset_type=GOLD", 400, "Invalid asset type")
asking("GET", "/balance-allowance?asset_type=COLLATERAL&signature_type=9", 400, "Invalid signature_type")
asking("POST", "/v1/heartbeats", 400, "Invalid Heartbeat ID", {"heartbeat_id": "another"})

# cancels

for _path in ("/order", "/orders", "/cancel-market-orders"):
    asking("DELETE", _path, 400, "Invalid order payload", "{")
asking("DELETE", "/order", 400, "Invalid orderID", {"orderID": "0x12"})
asking("DELETE", "/orders", 400, "Invalid orderID", [NOBODY, "0x12"])
asking("DELETE", "/orders", 400, "Too many orders in payload, max allowed: 1000", [NOBODY] * 1001)
