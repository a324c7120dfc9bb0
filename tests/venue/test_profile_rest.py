"""The profile kalshi over REST: its conventions on the same book, with signatures of Node's crypto."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from .bench import Bench, Customer, Ship, both
from .signing import new_keys, sign

BASE = "/trade-api/v2"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return new_keys(tmp_path_factory.mktemp("keys"))


@dataclass(slots=True)
class Caller:
    """A customer with an API key of the profile; the key's file signs with Node."""

    bench: Bench
    customer: Customer
    file: str
    key: str

    @classmethod
    def of(cls, bench: Bench, customer: Customer, keys: tuple[str, str]) -> Caller:
        body = {"profile": "kalshi", "private_key": customer.key, "public_key": keys[1]}
        return cls(bench, customer, keys[0], bench.control("/profile-keys", body)["key"])

    def ask(self, method: str, path: str, body: Any = None, **wrong: Any) -> httpx.Response:
        """A signed request; `wrong` are another `key`, `late_ms`, or what `signs` in place of the path."""
        stamp = str(time.time_ns() // 1_000_000 - wrong.get("late_ms", 0))
        headers = {
            "KALSHI-ACCESS-KEY": wrong.get("key", self.key),
            "KALSHI-ACCESS-TIMESTAMP": stamp,
            "KALSHI-ACCESS-SIGNATURE": sign(
                self.file, stamp + method + wrong.get("signs", BASE + path.partition("?")[0])
            ),
        }
        url = self.bench.ready["rest"] + BASE + path
        return self.bench.http.request(method, url, json=body, headers=headers)

    def order(self, market: dict[str, str], side: str, price: int, count: int = 10, **more: Any) -> Any:
        body = {"ticker": market["symbol"], "side": side, "action": "buy", "count": count, **more}
        return self.ask("POST", "/portfolio/orders", {**body, f"{side}_price": price})


def trader(bench: Bench, keys: tuple[str, str]) -> Caller:
    return Caller.of(bench, bench.customer(collateral="100"), keys)


def test_an_order_rests_is_read_and_cancelled(
    bench: Bench, market: dict[str, str], keys: tuple[str, str]
) -> None:
    """Prices are whole cents of both sides, and the same in dollars; a cancel says by how much it reduced."""
    alice = trader(bench, keys)
    assert alice.ask("GET", "/portfolio/balance").json() == {"balance": 10_000}
    placed = alice.order(market, "no", 52, client_order_id="mine")
    assert placed.status_code == 201, placed.text
    order = placed.json()["order"]
    assert order == {
        "order_id": order["order_id"],
        "client_order_id": "mine",
        "ticker": market["symbol"],
        "side": "no",
        "action": "buy",
        "type": "limit",
        "status": "resting",
        "yes_price": 48,
        "yes_price_dollars": "0.4800",
        "no_price": 52,
        "no_price_dollars": "0.5200",
        "initial_count": 10,
        "fill_count": 0,
        "remaining_count": 10,
    }
    path = f"/portfolio/orders/{order['order_id']}"
    assert alice.ask("GET", path + "?depth=1").json() == {"order": order}
    book = bench.http.get(f"{bench.ready['rest']}{BASE}/markets/{market['symbol']}/orderbook").json()
    assert book == {"orderbook": {"yes": [], "no": [[52, 10]]}}
    assert trader(bench, keys).ask("GET", path).json()["error"]["code"] == "not_found"
    gone = alice.ask("DELETE", path).json()
    assert (gone["order"]["status"], gone["reduced_by"]) == ("canceled", 10)
    assert alice.ask("DELETE", path).status_code == 404


def test_it_is_the_same_book(bench: Bench, market: dict[str, str], keys: tuple[str, str]) -> None:
    """A bid for YES over one exchange's REST fills a bid for NO over the other's."""
    alice, bob = trader(bench, keys), bench.customer(collateral="100")
    resting = alice.order(market, "no", 52).json()["order"]
    assert bob.order(market["yes"], "BUY", 0.48, 10, "FOK")["status"] == "matched"
    read = alice.ask("GET", f"/portfolio/orders/{resting['order_id']}").json()["order"]
    assert (read["status"], read["fill_count"], read["remaining_count"]) == ("executed", 10, 0)


@pytest.mark.parametrize(
    ("wrong", "code", "details"),
    [
        ({"key": "b9e2f8d0"}, "authentication_error", "NOT_FOUND"),
        ({"late_ms": 30_000}, "header_timestamp_expired", None),
        ({"late_ms": -30_000}, "header_timestamp_expired", None),
        ({"signs": "/portfolio/balance"}, "authentication_error", "INCORRECT_API_KEY_SIGNATURE"),
        ({"signs": BASE + "/portfolio/balance?a=1"}, "authentication_error", "INCORRECT_API_KEY_SIGNATURE"),
    ],
)
def test_what_is_not_signed_is_401(
    bench: Bench, keys: tuple[str, str], wrong: dict[str, Any], code: str, details: str | None
) -> None:
    """Another key, another time, a path without its base or with its query: code and details say which."""
    refused = trader(bench, keys).ask("GET", "/portfolio/balance?a=1", **wrong)
    said = refused.json()["error"]
    assert (refused.status_code, said["code"], said.get("details")) == (401, code, details)


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"count": 1000}, 400, "insufficient_balance"),
        ({"count": 0}, 400, "invalid_order"),
        ({"count": True}, 400, "invalid_order"),
        ({"type": "market"}, 400, "invalid_order"),
        ({"no_price": 52}, 400, "invalid_order"),
        ({"time_in_force": "fill_or_kill"}, 400, "fill_or_kill_insufficient_resting_volume"),
        ({"ticker": "NOBODY"}, 404, "not_found"),
    ],
)
def test_refusals_are_codes(
    bench: Bench, market: dict[str, str], keys: tuple[str, str], more: dict[str, Any], status: int, code: str
) -> None:
    """What the exchange says otherwise is a code here, with its words as the message."""
    refused = trader(bench, keys).order(market, "yes", 48, **more)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code), refused.text


@both
def test_esc_1043_over_rest(ship: Ship, healthy: bool, keys: tuple[str, str]) -> None:
    """The whole number beside the dollars is cents; the broken build gives whole dollars, 0."""
    bench = ship("ESC-1043", healthy)
    order = trader(bench, keys).order(bench.market(), "yes", 48).json()["order"]
    assert (order["yes_price"], order["no_price"]) == ((48, 52) if healthy else (0, 0))
    assert order["yes_price_dollars"] == "0.4800"
