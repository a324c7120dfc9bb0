"""Books and prices over REST: one at a time, many at once, and as they were."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from harness import exactjson
from harness.venue.rest_prices import BATCH

from .bench import Bench


class Traded(NamedTuple):
    """A market with 0.41 bid and 0.44 asked for Yes; the last trade was a sale at 0.42."""

    bench: Bench
    yes: str
    no: str
    matched_s: int

    def get(self, path: str) -> tuple[int, Any]:
        answer = self.bench.http.get(self.bench.ready["rest"] + path)
        return answer.status_code, exactjson.loads(answer.content)

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        answer = self.bench.http.post(self.bench.ready["rest"] + path, json=body)
        return answer.status_code, exactjson.loads(answer.content)


@pytest.fixture(scope="module")
def traded(bench: Bench) -> Traded:
    market = bench.market()
    maker = bench.customer(market, collateral="50", yes="50")
    taker = bench.customer(market, yes="50")
    maker.order(market["yes"], "BUY", 0.41, 10)
    maker.order(market["yes"], "BUY", 0.42, 5)
    maker.order(market["yes"], "SELL", 0.44, 10)
    reply = taker.order(market["yes"], "SELL", 0.42, 5)
    trade = taker.trade(reply["tradeIDs"][0])
    return Traded(bench, market["yes"], market["no"], int(trade["match_time"]))


def test_single_prices(traded: Traded) -> None:
    """BUY is the best bid and SELL the best ask; the spread is between them, the midpoint amid them."""
    token = traded.yes
    assert traded.get(f"/price?token_id={token}&side=BUY") == (200, {"price": "0.41"})
    assert traded.get(f"/price?token_id={token}&side=SELL") == (200, {"price": "0.44"})
    assert traded.get(f"/spread?token_id={token}") == (200, {"spread": "0.03"})
    assert traded.get(f"/midpoint?token_id={token}") == (200, {"mid": "0.425"})
    assert traded.get(f"/last-trade-price?token_id={token}") == (200, {"price": "0.42", "side": "SELL"})


def test_a_market_that_never_traded_has_a_default_price(bench: Bench, market: dict[str, str]) -> None:
    """Before the first trade the last price is 0.5 without a side; the spread of an empty book is 1."""
    for token in (market["yes"], market["no"]):
        url = bench.ready["rest"] + "/last-trade-price"
        assert bench.http.get(url, params={"token_id": token}).json() == {"price": "0.5", "side": ""}
        assert bench.http.get(bench.ready["rest"] + f"/spread?token_id={token}").json() == {"spread": "1"}


def test_many_at_once_are_what_each_is_alone(traded: Traded) -> None:
    """A list answers of each token what the single read does; a token that is not listed is left out."""
    tokens = [traded.no, traded.yes]
    rows = [{"token_id": token} for token in (*tokens, "5")]

    def singly(path: str, key: str) -> dict[str, Any]:
        return {token: traded.get(f"{path}?token_id={token}")[1][key] for token in tokens}

    assert traded.post("/midpoints", rows) == (200, singly("/midpoint", "mid"))
    assert traded.post("/spreads", rows) == (200, singly("/spread", "spread"))
    assert traded.post("/books", rows) == (
        200,
        [traded.get(f"/book?token_id={token}")[1] for token in tokens],
    )
    last = [{"token_id": token, **traded.get(f"/last-trade-price?token_id={token}")[1]} for token in tokens]
    assert traded.post("/last-trades-prices", rows) == (200, last)


def test_prices_by_token_and_side(traded: Traded) -> None:
    """POST /prices answers each side that was asked for, and only that."""
    asked = [("yes", "BUY"), ("yes", "SELL"), ("no", "SELL")]
    rows = [{"token_id": getattr(traded, name), "side": side} for name, side in asked]
    no = traded.get(f"/price?token_id={traded.no}&side=SELL")[1]["price"]
    assert traded.post("/prices", rows) == (
        200,
        {traded.yes: {"BUY": "0.41", "SELL": "0.44"}, traded.no: {"SELL": no}},
    )
    for wrong in ({}, {"side": "buy"}, {"side": 0}):
        body = [{"token_id": traded.yes, **wrong}]
        assert traded.post("/prices", body) == (400, {"error": "Invalid side"})


@pytest.mark.parametrize("path", ["/books", "/midpoints", "/prices", "/spreads", "/last-trades-prices"])
def test_lists_that_cannot_be_read(traded: Traded, path: str) -> None:
    """What is no list of tokens is an invalid payload, and a list of more than 500 exceeds the limit."""
    row = {"token_id": traded.yes, "side": "BUY"}
    for body in ({}, None, "x", [traded.yes], [{}], [{"token_id": 5, "side": "BUY"}], [{"token_id": "x"}]):
        assert traded.post(path, body) == (400, {"error": "Invalid payload"})
    raw = traded.bench.http.post(traded.bench.ready["rest"] + path, content=b"[")
    assert (raw.status_code, raw.json()) == (400, {"error": "Invalid payload"})
    assert traded.post(path, [row] * BATCH)[0] == 200
    assert traded.post(path, [row] * (BATCH + 1)) == (400, {"error": "Payload exceeds the limit"})
    assert traded.post(path, [])[0] == 200


@pytest.mark.parametrize("path", ["/book", "/midpoint", "/price", "/spread", "/last-trade-price"])
def test_prices_of_no_book(traded: Traded, path: str) -> None:
    """A token that is none answers 400, one without a book 404."""
    no_book = {"error": "No orderbook exists for the requested token id"}
    assert traded.get(f"{path}?token_id=5&side=BUY") == (404, no_book)
    for query in ("?side=BUY", "?token_id=0x5&side=BUY", "?token_id=&side=BUY"):
        assert traded.get(path + query) == (400, {"error": "Invalid token id"})


def test_prices_of_the_past(traded: Traded) -> None:
    """A history has the trades' prices as numbers at their times, in a window or an interval up to now."""
    point = {"t": traded.matched_s, "p": Decimal("0.42")}
    at, path = traded.matched_s, f"/prices-history?market={traded.yes}"
    for query in (
        "&interval=max",
        "&interval=1h&fidelity=5",
        f"&startTs={at}",
        f"&startTs={at - 5}&endTs={at}",
    ):
        assert traded.get(path + query) == (200, {"history": [point]})
    for query in (f"&startTs={at + 1}&endTs={at + 9}", f"&startTs=0&endTs={at - 1}"):
        assert traded.get(path + query) == (200, {"history": []})
    assert traded.get("/prices-history?market=5&interval=all") == (200, {"history": []})
    names = [traded.yes, "5"]
    batch = traded.post("/batch-prices-history", {"markets": names, "interval": "1d"})
    assert batch == (200, {"history": {traded.yes: [point], "5": []}})
    window = {"markets": names[:1], "start_ts": at, "end_ts": at, "fidelity": 1}
    assert traded.post("/batch-prices-history", window) == (200, {"history": {traded.yes: [point]}})


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("market=5", "startTs is required"),
        ("market=5&startTs=x", "startTs is required"),
        ("market=5&interval=2h", "invalid interval: 2h"),
        ("market=5&interval=1h&fidelity=0", "invalid fidelity: 0"),
        ("market=5&interval=1h&fidelity=1.5", "invalid fidelity: 1.5"),
        ("interval=1h", "Invalid token id"),
        ("market=0x5&interval=1h", "Invalid token id"),
    ],
)
def test_histories_that_cannot_be_read(traded: Traded, query: str, text: str) -> None:
    """A history needs a token and a start or an interval."""
    assert traded.get("/prices-history?" + query) == (400, {"error": text})


def test_batches_of_histories_that_cannot_be_read(traded: Traded) -> None:
    """A batch names one to twenty tokens."""
    path = "/batch-prices-history"
    for body in ({}, [], {"markets": []}, {"markets": "5"}):
        assert traded.post(path, body) == (400, {"error": "Invalid payload"})
    assert traded.post(path, {"markets": ["5"] * 20, "interval": "1h"})[0] == 200
    too_many = {"markets": ["5"] * 21, "interval": "1h"}
    assert traded.post(path, too_many) == (400, {"error": "Payload exceeds the limit"})
    assert traded.post(path, {"markets": [5], "interval": "1h"}) == (400, {"error": "Invalid token id"})


def test_a_mint_has_a_price_in_both_books(bench: Bench) -> None:
    """Where two bids mint, each token has its own last price, side and history."""
    market = bench.market()
    maker, taker = (bench.customer(market, collateral="20") for _ in range(2))
    maker.order(market["no"], "BUY", 0.4, 10)
    taker.order(market["yes"], "BUY", 0.6, 10)

    def get(path: str, **params: str) -> Any:
        return exactjson.loads(bench.http.get(bench.ready["rest"] + path, params=params).content)

    prices = {"yes": ("0.6", "BUY"), "no": ("0.4", "SELL")}
    for name, (price, side) in prices.items():
        assert get("/last-trade-price", token_id=market[name]) == {"price": price, "side": side}
        (point,) = get("/prices-history", market=market[name], interval="1h")["history"]
        assert point["p"] == Decimal(price)
    (row,) = get(f"/markets/live-activity/{market['condition']}")
    assert (row["side"], row["price"], row["outcome"], row["size"]) == ("BUY", "0.6", "Yes", "10")
