"""Every endpoint answers with exactly the documented keys, each of its kind: one table of all routes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from harness import exactjson
from harness.venue.chance import Chance
from harness.venue.exchange import Exchange
from harness.venue.rest import rest_routes
from harness.wire import clob
from harness.wire.clob import Side

from .bench import Bench, Customer, eventually
from .bothclients import BUILDER
from .desk import make, post, signed_body
from .documented import level_one
from .shapes import (
    ACTIVITY,
    ADDRESS,
    BASE64,
    BOOK,
    BUILDER_KEY,
    BUILDERS_TRADE,
    CANCELLED,
    CLOB_MARKET,
    CREDENTIALS,
    EMPTY,
    HASH,
    HEX_TEXT,
    HISTORY,
    LIVE,
    MARKET,
    NO_TEXT,
    NOTICE,
    NUMBER,
    ORDER,
    POINT,
    SHORT,
    SIDE,
    TOKEN,
    TRADE,
    UUID,
    Each,
    misfits,
    page,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A customer with a confirmed trade, an order that rests and one that was cancelled, and keys."""

    bench: Bench
    market: dict[str, Any]
    buyer: Customer
    rests: str

    def url(self, path: str) -> str:
        named = {"condition": self.market["condition"], "token": self.market["yes"], "id": self.rests}
        return self.bench.ready["rest"] + path.format(**named, code=BUILDER)

    def ask(self, method: str, path: str, body: Any = "") -> httpx.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        url = httpx.URL(self.url(path))
        creds = self.buyer.client.creds
        now_s = int(self.bench.http.get(self.url("/time")).text)
        headers = clob.l2_headers(
            address=self.buyer.address,
            api_key=creds.api_key,
            secret=creds.api_secret,
            passphrase=creds.api_passphrase,
            timestamp_s=now_s,
            method=method,
            path=url.path,
            body=text,
        )
        return self.bench.http.request(method, url, headers=headers, content=text)

    def beside(self) -> Scene:
        """Another market and customer, with an order that rests."""
        market = self.bench.market()
        customer = self.bench.customer(market, collateral="10")
        rests = customer.order(market["yes"], "BUY", 0.3, 10)["orderID"]
        return Scene(self.bench, market, customer, rests)

    def order(self, **more: Any) -> dict[str, Any]:
        return signed_body(self.buyer, make(self.buyer, self.market["yes"], Side.BUY, "0.1", "5"), **more)


@pytest.fixture(scope="module")
def scene(bench: Bench) -> Scene:
    market = bench.market(fee_rate="0.05")
    yes = market["yes"]
    seller, buyer = bench.customer(market, yes="50"), bench.customer(market, collateral="100")
    seller.order(yes, "SELL", 0.5, 20)
    order = make(buyer, yes, Side.BUY, "0.5", "6", builder=BUILDER)
    (trade_id,) = post(bench, buyer, order)[1]["tradeIDs"]
    buyer.until_status(trade_id, "CONFIRMED")
    rests = buyer.order(yes, "BUY", 0.3, 10)["orderID"]
    gone = buyer.order(yes, "BUY", 0.2, 10)["orderID"]
    buyer.client.cancel_orders([gone])
    buyer.client.create_readonly_api_key()
    buyer.client.create_builder_api_key()
    eventually(lambda: len(buyer.client.get_notifications()) == 2 or None)
    return Scene(bench, market, buyer, rests)


Q_TOKEN, Q_MARKET = "?token_id={token}", "?market={token}&interval=max"


def tokens(scene: Scene) -> list[dict[str, str]]:
    return [{"token_id": scene.market["yes"], "side": "BUY"}]


def builder_key(scene: Scene) -> dict[str, str]:
    return {"key": scene.buyer.client.create_builder_api_key()["key"]}


def signed_by_wallet(nonce: int) -> Callable[[Scene, str, str], httpx.Response]:
    def ask(scene: Scene, method: str, path: str) -> httpx.Response:
        return scene.bench.http.request(method, scene.url(path), headers=level_one(scene.buyer, nonce))

    return ask


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint: its path as the route has it, what is asked beyond it, and the shape of the answer.

    What changes an account is asked by a fresh one, which has a market and an order of its own.
    """

    method: str
    path: str
    shape: Any
    query: str = ""
    body: Callable[[Scene], Any] = lambda scene: ""
    ask: Callable[[Scene, str, str], httpx.Response] | None = None
    fresh: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


ROWS = (
    Row("GET", "/", {"version": 2}),
    Row("GET", "/version", {"version": 2}),
    Row("GET", "/ok", "OK"),
    Row("GET", "/time", int),
    Row("GET", "/tick-size", {"minimum_tick_size": Decimal}, Q_TOKEN),
    Row("GET", "/tick-size/{token}", {"minimum_tick_size": Decimal}),
    Row("GET", "/neg-risk", {"neg_risk": False}, Q_TOKEN),
    Row("GET", "/fee-rate", {"base_fee": 500}, Q_TOKEN),
    Row("GET", "/fee-rate/{token}", {"base_fee": 500}),
    Row("GET", "/markets", page(MARKET, 1000)),
    Row("GET", "/sampling-markets", page(MARKET, 1000)),
    Row("GET", "/simplified-markets", page(SHORT, 1000)),
    Row("GET", "/sampling-simplified-markets", page(SHORT, 1000)),
    Row("GET", "/markets/{condition}", MARKET),
    Row("GET", "/markets/live-activity/{condition}", [ACTIVITY]),
    Row(
        "GET",
        "/markets-by-token/{token}",
        {"condition_id": HASH, "primary_token_id": TOKEN, "secondary_token_id": TOKEN},
    ),
    Row("GET", "/clob-markets/{condition}", CLOB_MARKET),
    Row("GET", "/book", BOOK, Q_TOKEN),
    Row("POST", "/books", [BOOK], body=tokens),
    Row("GET", "/midpoint", {"mid": NUMBER}, Q_TOKEN),
    Row("POST", "/midpoints", Each(TOKEN, NUMBER), body=tokens),
    Row("GET", "/price", {"price": NUMBER}, Q_TOKEN + "&side=BUY"),
    Row("POST", "/prices", Each(TOKEN, {"BUY": NUMBER}), body=tokens),
    Row("GET", "/spread", {"spread": NUMBER}, Q_TOKEN),
    Row("POST", "/spreads", Each(TOKEN, NUMBER), body=tokens),
    Row("GET", "/last-trade-price", {"price": NUMBER, "side": SIDE}, Q_TOKEN),
    Row("POST", "/last-trades-prices", [{"token_id": TOKEN, "price": NUMBER, "side": SIDE}], body=tokens),
    Row("GET", "/prices-history", HISTORY, Q_MARKET),
    Row(
        "POST",
        "/batch-prices-history",
        {"history": Each(TOKEN, [POINT])},
        body=lambda scene: {"markets": [scene.market["yes"]], "interval": "max"},
    ),
    Row("POST", "/auth/api-key", CREDENTIALS, ask=signed_by_wallet(3)),
    Row("GET", "/auth/derive-api-key", CREDENTIALS, ask=signed_by_wallet(0)),
    Row("GET", "/auth/api-keys", {"apiKeys": [UUID]}),
    Row("POST", "/auth/readonly-api-key", {"apiKey": UUID}),
    Row("GET", "/auth/readonly-api-keys", [UUID]),
    Row("DELETE", "/auth/readonly-api-key", False, body=lambda scene: {"key": "none"}),
    Row("POST", "/auth/builder-api-key", {"key": UUID, "secret": BASE64, "passphrase": HEX_TEXT}),
    Row("GET", "/auth/builder-api-key", [BUILDER_KEY]),
    Row("DELETE", "/auth/builder-api-key", "OK", body=builder_key, fresh=True),
    Row("GET", "/auth/ban-status/closed-only", {"closed_only": False}),
    Row("POST", "/order", LIVE, body=lambda scene: scene.order()),
    Row("POST", "/orders", [LIVE], body=lambda scene: [scene.order(), scene.order()]),
    Row("GET", "/data/order/{id}", ORDER),
    Row("GET", "/data/orders", page(ORDER), "?market={condition}"),
    Row("GET", "/data/pre-migration-orders", EMPTY),
    Row("GET", "/data/trades", page(TRADE)),
    Row(
        "GET",
        "/balance-allowance",
        {"balance": NUMBER, "allowances": Each(ADDRESS, NUMBER)},
        "?asset_type=COLLATERAL&signature_type=0",
    ),
    Row("GET", "/balance-allowance/update", NO_TEXT, "?asset_type=COLLATERAL&signature_type=0"),
    Row("GET", "/notifications", [NOTICE], "?signature_type=0"),
    Row("DELETE", "/notifications", "OK", "?ids=999999"),
    Row("POST", "/heartbeats", {"status": "ok"}, fresh=True),
    Row(
        "POST", "/v1/heartbeats", {"heartbeat_id": UUID}, body=lambda scene: {"heartbeat_id": ""}, fresh=True
    ),
    Row("GET", "/builder/trades", page(BUILDERS_TRADE, 300), "?builder_code={code}&market={condition}"),
    Row(
        "GET",
        "/fees/builder-fees/{code}",
        {"builder_maker_fee_rate_bps": 0, "builder_taker_fee_rate_bps": 0},
    ),
    Row("GET", "/order-scoring", {"scoring": False}, "?order_id={id}"),
    Row("POST", "/orders-scoring", Each(HASH, False), body=lambda scene: [scene.rests]),
    *(Row("GET", f"/rewards/{name}", EMPTY) for name in ("user", "user/markets", "markets/current")),
    Row("GET", "/rewards/markets/{condition}", EMPTY),
    Row("GET", "/rewards/user/total", []),
    Row("GET", "/rewards/user/percentages", {}),
    Row("DELETE", "/order", CANCELLED, body=lambda scene: {"orderID": scene.rests}, fresh=True),
    Row(
        "DELETE",
        "/orders",
        {"canceled": [HASH], "not_canceled": Each(HASH, str)},
        body=lambda scene: [scene.rests, "0x" + "ab" * 32],
        fresh=True,
    ),
    Row(
        "DELETE",
        "/cancel-market-orders",
        CANCELLED,
        body=lambda scene: {"market": scene.market["condition"]},
        fresh=True,
    ),
    Row("DELETE", "/cancel-all", CANCELLED, fresh=True),
    Row("DELETE", "/auth/api-key", "OK", fresh=True),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_endpoint_answers_in_its_shape(scene: Scene, row: Row) -> None:
    """200, with the documented keys and no other, each of its kind and unit; lists have something in them."""
    if row.fresh:
        scene = scene.beside()
    path = row.path + row.query
    reply = row.ask(scene, row.method, path) if row.ask else scene.ask(row.method, path, row.body(scene))
    assert reply.status_code == 200, reply.text
    assert misfits(exactjson.loads(reply.content) if reply.content else "", row.shape) == []


def test_no_endpoint_is_without_its_shape() -> None:
    """The table has each route of the exchange's REST API, and nothing else."""
    exchange = SimpleNamespace(chance=Chance(), markets=None)
    routes = {(route.method, route.path) for route in rest_routes(cast("Exchange", exchange))}
    assert sorted((row.method, row.path) for row in ROWS) == sorted(routes)
