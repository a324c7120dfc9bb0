"""Who may call: both kinds of authentication, and how they fail."""

from __future__ import annotations

import time
from typing import Any

import pytest
from eth_account import Account

from harness.wire import clob
from harness.wire.clob import Side

from .bench import Bench, Customer, Ship, both
from .desk import call, make, post, refused


@pytest.mark.parametrize(
    "change",
    [
        {"api_key": "3f0f0f0f-0000-4000-8000-000000000000"},
        {"passphrase": "wrong"},
        {"signature": "AAAA"},
        {"address": "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"},
        {"timestamp": "soon"},
        {"late_s": 120},
        {"late_s": -30},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_request_with_one_wrong_header_is_unauthorized(
    bench: Bench, buyer: Customer, change: dict[str, Any]
) -> None:
    """A wrong key, passphrase, signature, address or time answers 401 with one and the same text."""
    assert call(bench, buyer, "GET", "/data/orders", **change) == (
        401,
        {"error": "Unauthorized/Invalid api key"},
    )


@both
def test_esc_1004(ship: Ship, healthy: bool) -> None:
    """Right headers are always let in; the broken build turns each key's every tenth request away."""
    bench = ship("ESC-1004", healthy)
    first, other = bench.customer(), bench.customer()
    for customer in (first, other):
        seen = []
        for number in range(1, 23):
            if number == 5:  # wrong headers are refused, and not counted
                assert call(bench, customer, "GET", "/auth/api-keys", passphrase="wrong")[0] == 401
            seen.append(call(bench, customer, "GET", "/auth/api-keys"))

        right = (200, {"apiKeys": [customer.client.creds.api_key]})
        wrong = (401, {"error": "Unauthorized/Invalid api key"})
        assert seen == [right if healthy or number % 10 else wrong for number in range(1, 23)]


def test_esc_1004_does_nothing_of_what_it_refuses(ship: Ship) -> None:
    """An order that the broken build turns away is not placed, and is taken when it is sent again."""
    bench = ship("ESC-1004", False)
    market = bench.market()
    buyer = bench.customer(market, collateral="10")
    for _ in range(9):
        assert call(bench, buyer, "GET", "/data/orders")[0] == 200
    order = make(buyer, market["yes"], Side.BUY, "0.1", "10")

    assert post(bench, buyer, order)[0] == 401

    assert buyer.client.get_open_orders() == []
    assert post(bench, buyer, order)[1]["status"] == "live"


def test_the_query_is_not_signed(bench: Bench, buyer: Customer) -> None:
    """The signature covers the path without its query."""
    assert call(bench, buyer, "GET", "/data/orders?next_cursor=MA%3D%3D")[0] == 200


def test_unsigned_requests_are_unauthorized(bench: Bench) -> None:
    """A request without headers answers 401, for both kinds of authentication."""
    rest = bench.ready["rest"]
    assert bench.http.get(rest + "/data/trades").status_code == 401
    answer = bench.http.post(rest + "/auth/api-key")
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid L1 Request headers"})


def test_api_keys_by_wallet_and_nonce(bench: Bench) -> None:
    """A wallet makes one key a nonce, derives it again, and cannot derive what it never made."""
    account = Account.create()

    def l1(method: str, path: str, nonce: int, late_s: int = 0, address: str = "") -> tuple[int, Any]:
        stamp_s = int(time.time()) - late_s
        digest = clob.auth_digest(account.address, stamp_s, nonce, 137)
        headers = {
            "POLY_ADDRESS": address or account.address,
            "POLY_SIGNATURE": "0x" + Account.unsafe_sign_hash(digest, account.key).signature.hex(),
            "POLY_TIMESTAMP": str(stamp_s),
            "POLY_NONCE": str(nonce),
        }
        answer = bench.http.request(method, bench.ready["rest"] + path, headers=headers)
        return answer.status_code, answer.json()

    wrong = (401, {"error": "Invalid L1 Request headers"})
    assert l1("GET", "/auth/derive-api-key", 7) == refused("Could not derive api key!")
    status, made = l1("POST", "/auth/api-key", 7)
    assert status == 200
    assert l1("POST", "/auth/api-key", 7) == refused("Could not create api key")
    assert l1("GET", "/auth/derive-api-key", 7) == (200, made)
    assert l1("POST", "/auth/api-key", 8, late_s=120) == wrong
    assert l1("POST", "/auth/api-key", 8, address="0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A") == wrong
