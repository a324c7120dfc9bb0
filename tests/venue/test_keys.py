"""Keys: made, derived, listed, deleted; read-only and builder keys; and what each failure answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.exceptions import PolyApiException

from harness.venue.auth import Keys
from harness.venue.chance import Chance
from harness.venue.faults import RefusalError
from harness.wire.clob import Side

from .bench import Bench, Customer
from .desk import call, make, post

WALLET, VECTOR_S = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", 1_760_000_000
BY_NONCE = {
    0: "0x95da8bdccaf0091205a2dfb3d1fdee53ab50699ede77f476b89b5c94c69f61b3"
    "0369b2b8cd307712ef8290ec7e8fb9436b77f1eff27b49a36263cd242c4f60771c",
    7: "0x7f288c2e5c525919a24f2b8b7726f7f2d3e1355ec80644e92f6bbaa59a982c83"
    "169a12cf0046f6cdb4de1d87f99ffa00e52f28e8bfcb69bf79efc5ae5466090b1c",
}
UNAUTHORIZED = (401, {"error": "Unauthorized/Invalid api key"})
INVALID = (400, {"error": "Invalid payload"})


def keys_of(chain_id: int) -> Keys:
    """The keys of an exchange, none made yet."""
    return Keys(chain_id, Chance())


def signed(nonce: int, /, **change: str) -> dict[str, str]:
    """The headers of the published vector, with some changed by name."""
    headers = {
        "POLY_ADDRESS": WALLET,
        "POLY_SIGNATURE": BY_NONCE[nonce],
        "POLY_TIMESTAMP": str(VECTOR_S),
        "POLY_NONCE": str(nonce),
    }
    return headers | {f"POLY_{name.upper()}": value for name, value in change.items()}


@pytest.mark.parametrize("nonce", BY_NONCE)
def test_the_published_signatures_make_a_key(nonce: int) -> None:
    """The published L1 vectors make a key, derive the same one, and make none twice."""
    keys = keys_of(137)
    made = keys.create(signed(nonce), VECTOR_S)
    assert made.address == WALLET
    assert keys.derive(signed(nonce), VECTOR_S) is made
    with pytest.raises(RefusalError, match=r"^Could not create api key$"):
        keys.create(signed(nonce), VECTOR_S)


def test_the_nonce_selects_the_key() -> None:
    """Each nonce of a wallet has a key of its own."""
    keys = keys_of(137)
    first, second = (keys.create(signed(nonce), VECTOR_S) for nonce in BY_NONCE)
    assert first.key != second.key
    assert keys.derive(signed(0), VECTOR_S) is first
    assert keys.derive(signed(7), VECTOR_S) is second
    assert keys.of_address(WALLET) == [first.key, second.key]


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "7"},
        {"nonce": "-1"},
        {"timestamp": str(VECTOR_S + 1)},
        {"timestamp": ""},
        {"signature": "0x"},
        {"signature": "0x" + "00" * 65},
        {"signature": "not hex"},
        {"address": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"},
        {"address": ""},
    ],
    ids=lambda change: "-".join(map(str, *change.items())),
)
def test_wrong_wallet_signatures(change: dict[str, str]) -> None:
    """Whatever is wrong with a wallet's headers is one and the same 401, for making and deriving."""
    for ask in (keys_of(137).create, keys_of(137).derive):
        with pytest.raises(RefusalError, match=r"^Invalid L1 Request headers$") as refusal:
            ask(signed(0, **change), VECTOR_S)
        assert refusal.value.status == 401


@pytest.mark.parametrize(("now_s", "admitted"), [(60, True), (61, False), (-10, True), (-11, False)])
def test_the_window_of_a_wallets_signature(now_s: int, admitted: bool) -> None:
    """A wallet's headers hold for sixty seconds, and ten ahead of the exchange's clock."""
    keys = keys_of(137)
    if admitted:
        assert keys.create(signed(0), VECTOR_S + now_s)
    else:
        with pytest.raises(RefusalError, match=r"^Invalid L1 Request headers$"):
            keys.create(signed(0), VECTOR_S + now_s)


def test_a_signature_for_another_chain_is_refused() -> None:
    """A signature binds the chain id."""
    with pytest.raises(RefusalError, match=r"^Invalid L1 Request headers$"):
        keys_of(80002).create(signed(0), VECTOR_S)


def test_a_deleted_key_opens_nothing(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """After DELETE the key is unauthorized for reads and writes, underivable, unlisted; its nonce is free."""
    old = buyer.client.creds
    second = ClobClient(bench.ready["rest"], 137, key=buyer.key)
    second.set_api_creds(second.create_api_key(1))
    order = make(buyer, market["yes"], Side.BUY, "0.1", "10")

    assert call(bench, buyer, "DELETE", "/auth/api-key") == (200, "OK")

    assert call(bench, buyer, "GET", "/data/orders") == UNAUTHORIZED
    assert call(bench, buyer, "DELETE", "/auth/api-key") == UNAUTHORIZED
    assert post(bench, buyer, order) == UNAUTHORIZED
    assert second.get_api_keys() == {"apiKeys": [second.creds.api_key]}
    with pytest.raises(PolyApiException, match="Could not derive api key!"):
        buyer.client.derive_api_key()
    assert buyer.client.create_api_key().api_key != old.api_key


def test_a_deleted_keys_orders_stay(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """Orders are the wallet's: another key of it lists and cancels what a deleted key has placed."""
    order_id = buyer.order(market["yes"], "BUY", 0.1, 10)["orderID"]
    second = ClobClient(bench.ready["rest"], 137, key=buyer.key)
    second.set_api_creds(second.create_api_key(1))
    buyer.client.delete_api_key()
    assert [row["id"] for row in second.get_open_orders()] == [order_id]
    assert second.cancel_all() == {"canceled": [order_id], "not_canceled": {}}


def test_a_deleted_key_cannot_subscribe(bench: Bench, buyer: Customer) -> None:
    """The user channel takes a deleted key as little as REST does."""
    buyer.client.delete_api_key()
    with bench.socket("user") as socket:
        socket.send(json.dumps({"type": "user", "auth": buyer.auth()}))
        with pytest.raises(Exception, match="1008"):
            socket.recv(15)


def test_readonly_keys(bench: Bench, buyer: Customer) -> None:
    """Read-only keys are made, listed as texts and deleted, each account's own; they sign nothing."""
    (status, made), (_, other) = (call(bench, buyer, "POST", "/auth/readonly-api-key") for _ in range(2))
    assert (status, list(made)) == (200, ["apiKey"])
    assert call(bench, buyer, "GET", "/auth/readonly-api-keys") == (200, [made["apiKey"], other["apiKey"]])
    assert call(bench, buyer, "GET", "/data/orders", api_key=made["apiKey"]) == UNAUTHORIZED
    body = json.dumps({"key": made["apiKey"]})
    assert call(bench, bench.customer(), "DELETE", "/auth/readonly-api-key", body) == (200, False)
    assert call(bench, buyer, "DELETE", "/auth/readonly-api-key", body) == (200, True)
    assert call(bench, buyer, "DELETE", "/auth/readonly-api-key", body) == (200, False)
    assert call(bench, buyer, "GET", "/auth/readonly-api-keys") == (200, [other["apiKey"]])
    for wrong in ("", "{}", '{"key":5}', "[]"):
        assert call(bench, buyer, "DELETE", "/auth/readonly-api-key", wrong) == INVALID


def test_builder_keys(bench: Bench, buyer: Customer) -> None:
    """Builder keys come with a secret once, stay listed when revoked, and are revoked newest first."""
    path = "/auth/builder-api-key"
    assert call(bench, buyer, "GET", path) == (200, [])
    status, first = call(bench, buyer, "POST", path)
    assert (status, sorted(first)) == (200, ["key", "passphrase", "secret"])
    second = call(bench, buyer, "POST", path)[1]

    def revoked() -> list[Any]:
        rows = call(bench, buyer, "GET", path)[1]
        assert [sorted(row) for row in rows] == [["createdAt", "key", "revokedAt"]] * 2
        assert [row["key"] for row in rows] == [first["key"], second["key"]]
        return [row["revokedAt"] is not None for row in rows]

    assert revoked() == [False, False]
    assert call(bench, buyer, "DELETE", path) == (200, "OK")
    assert revoked() == [False, True]
    body = json.dumps({"key": first["key"]})
    assert call(bench, bench.customer(), "DELETE", path, body)[0] == 500
    assert call(bench, buyer, "DELETE", path, body) == (200, "OK")
    assert revoked() == [True, True]
    wrong = f"could not revoke the builder api key: {first['key']}"
    assert call(bench, buyer, "DELETE", path, body) == (500, {"error": wrong})
    assert call(bench, buyer, "DELETE", path) == (400, {"error": "invalid revoke builder api key headers"})
    for malformed in ("{}", "x", '{"key":5}'):
        answer = call(bench, buyer, "DELETE", path, malformed)
        assert answer == (400, {"error": "invalid revoke builder api key body"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/auth/api-keys"),
        ("DELETE", "/auth/api-key"),
        ("POST", "/auth/readonly-api-key"),
        ("GET", "/auth/readonly-api-keys"),
        ("DELETE", "/auth/readonly-api-key"),
        ("POST", "/auth/builder-api-key"),
        ("GET", "/auth/builder-api-key"),
        ("DELETE", "/auth/builder-api-key"),
    ],
)
def test_keys_are_asked_for_with_a_signature(bench: Bench, buyer: Customer, method: str, path: str) -> None:
    """Every endpoint of keys that a key signs refuses a wrong signature with the one text."""
    assert call(bench, buyer, method, path, signature="AAAA") == UNAUTHORIZED
