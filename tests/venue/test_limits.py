"""The rate limits over REST: warnings, refusals, and the verb that sets them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from harness.wire import clob
from harness.wire.clob import Side

from .bench import Bench, Customer
from .desk import make, signed_body


@pytest.fixture
def strict(troubled: Bench) -> Iterator[Bench]:
    """A healthy venue whose limits are put back after the test."""
    yield troubled
    assert troubled.http.delete(f"{troubled.ready['control']}/verbs").status_code == 200


def ask(bench: Bench, customer: Customer, method: str, path: str, value: Any = None) -> httpx.Response:
    """A signed request with its whole answer."""
    body = "" if value is None else json.dumps(value, separators=(",", ":"))
    creds = customer.client.creds
    headers = clob.l2_headers(
        address=customer.address,
        api_key=creds.api_key,
        secret=creds.api_secret,
        passphrase=creds.api_passphrase,
        timestamp_s=int(time.time()),
        method=method,
        path=path,
        body=body,
    )
    return bench.http.request(method, bench.ready["rest"] + path, content=body, headers=headers)


def told(answer: httpx.Response) -> dict[str, str]:
    """The headers that speak of limits, but for the moment."""
    names = ("poly-ratelimit-remaining", "poly-ratelimit-tier", "poly-ratelimit-warning", "retry-after")
    return {name: answer.headers[name] for name in names if name in answer.headers}


def bids(customer: Customer, market: dict[str, str], count: int) -> list[dict[str, Any]]:
    made = [make(customer, market["yes"], Side.BUY, "0.1", "5") for _ in range(count)]
    return [signed_body(customer, order) for order in made]


def test_what_is_too_much_is_told_and_done(strict: Bench) -> None:
    """As long as the exchange only warns, a request beyond the bucket passes with a warning."""
    market = strict.market()
    alice = strict.customer(market, collateral="10")
    strict.control("/verbs/limits", {"scale": "0.05"})
    first = ask(strict, alice, "POST", "/orders", bids(alice, market, 3))
    assert told(first) == {"poly-ratelimit-remaining": "0", "poly-ratelimit-tier": "Standard"}
    more = ask(strict, alice, "POST", "/orders", bids(alice, market, 4))
    assert [row["status"] for row in more.json()] == ["live"] * 4
    assert told(more)["poly-ratelimit-warning"] == "true"
    assert "retry-after" not in more.headers


def test_what_is_too_much_is_refused(strict: Bench) -> None:
    """Where limits are enforced a batch passes whole or not at all, with 429 and when to come again."""
    market = strict.market()
    alice = strict.customer(market, collateral="10")
    strict.control("/verbs/limits", {"scale": "0.05", "mode": "enforce"})
    assert ask(strict, alice, "POST", "/orders", bids(alice, market, 3)).status_code == 200
    before_s = int(time.time())
    refused = ask(strict, alice, "POST", "/orders", bids(alice, market, 3))
    assert (refused.status_code, refused.text) == (429, '{"error":"Too Many Requests"}')
    assert told(refused)["retry-after"] in ("1", "2")
    assert before_s <= int(refused.headers["poly-ratelimit-reset"]) <= before_s + 4
    never = ask(strict, alice, "POST", "/orders", bids(alice, market, 4))
    assert (never.status_code, "retry-after" in never.headers) == (429, False)
    assert len(alice.client.get_open_orders()) == 3
    cancelled = ask(strict, alice, "DELETE", "/cancel-all")
    assert len(cancelled.json()["canceled"]) == 3
    assert told(cancelled) == {"poly-ratelimit-remaining": "2", "poly-ratelimit-tier": "Standard"}


def test_a_cancel_of_everything_leaves_a_debt(strict: Bench) -> None:
    """What was cancelled is debited afterwards, and the next cancel is refused until it is paid."""
    market = strict.market()
    alice = strict.customer(market, collateral="10")
    ask(strict, alice, "POST", "/orders", bids(alice, market, 9))
    strict.control("/verbs/limits", {"scale": "0.0125", "mode": "enforce"})
    cancelled = ask(strict, alice, "DELETE", "/cancel-market-orders", {"market": market["condition"]})
    assert len(cancelled.json()["canceled"]) == 9
    assert told(cancelled)["poly-ratelimit-remaining"] == "-9"
    refused = ask(strict, alice, "DELETE", "/orders", ["0x" + "00" * 32])
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 9


def test_a_refusal_for_another_reason_tells_of_the_bucket(strict: Bench) -> None:
    """Every reply that was weighed has the headers; what was never weighed has none."""
    market = strict.market()
    alice = strict.customer(market, collateral="1")
    strict.control("/verbs/limits", {"address": alice.address, "tier": "gold"})
    poor = ask(
        strict, alice, "POST", "/order", signed_body(alice, make(alice, market["yes"], Side.BUY, "0.5", "5"))
    )
    assert poor.status_code == 400
    assert told(poor) == {"poly-ratelimit-remaining": "599", "poly-ratelimit-tier": "Gold"}
    assert told(ask(strict, alice, "POST", "/order", [])) == {}
    assert told(ask(strict, alice, "GET", "/data/orders")) == {}
    strict.control("/verbs/limits", {"mode": "off"})
    assert told(ask(strict, alice, "DELETE", "/cancel-all")) == {}


def test_an_address_that_asks_too_often_waits(strict: Bench) -> None:
    """More requests than the window takes come late, and what would come too late is refused."""
    strict.control("/verbs/limits", {"of": "address", "scale": "0.0003"})
    url = strict.ready["rest"] + "/time"
    assert [strict.http.get(url).status_code for _ in range(2)] == [200, 200]
    refused = strict.http.get(url)
    assert (refused.status_code, refused.json()) == (429, {"error": "Too Many Requests"})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"tier": "wood"}, "tier is 'wood': send one of standard, copper"),
        ({"mode": "on"}, "mode is 'on': send one of warning, enforce, off"),
        ({"of": "all"}, "of is 'all': send one of signer, address"),
        ({"of": "address", "tier": "gold"}, "unknown tier: the keys are of, scale, mode"),
        ({"scale": 2}, "scale is 2: send a text such as 0.05, up to 1000"),
        ({"scale": "1/0"}, "scale is '1/0': send a text"),
        ({"scale": "0"}, "scale is '0': send a text"),
        ({"address": "alice", "tier": "gold"}, "alice"),
        ({"address": "0x" + "22" * 20, "scale": "1"}, "unknown scale: the keys are of, address, tier"),
    ],
)
def test_a_bad_argument_of_limits(strict: Bench, body: dict[str, Any], text: str) -> None:
    """A bad argument answers 400 with the reason and what to send."""
    answer = strict.http.post(f"{strict.ready['control']}/verbs/limits", json=body)
    assert answer.status_code == 400
    assert text in answer.json()["error"]
