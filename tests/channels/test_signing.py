"""`auth` of a rest step: who signs, over what, and that no credential is left where it could be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from venue.bench import Bench

from harness.accounts import Account, Wallet
from harness.channels.rest import RestDriver
from harness.clock import RunClock
from harness.errors import CaseError
from harness.targets import Endpoints
from harness.wire import clob
from harness.wire.ctf import CONTRACTS_137

from .leaves import OPEN_DIAL
from .notes import Note, Notes
from .played import played
from .test_rest import SIGNING, asking, seen_by
from .webpeer import Answer, WebPeer

OTHER = {"apiKey": "other-key", "secret": "b3RoZXItc2VjcmV0", "passphrase": "other-pass"}


@pytest.fixture
def peer() -> Iterator[WebPeer]:
    with WebPeer() as peer:
        yield peer


@pytest.fixture
def alice() -> Account:
    return Account("alice", Wallet.create(), "key-of-alice", "c2VjcmV0LW9mLWFsaWNl", "pass-of-alice")


@pytest.fixture
def endpoints(bench: Bench) -> Endpoints:
    return Endpoints.from_json(bench.ready)


def test_a_request_may_go_out_unsigned(peer: WebPeer, alice: Account) -> None:
    """With `auth: none` an actor's request has no credentials."""
    assert not set(SIGNING) & set(seen_by(peer, alice, {"auth": "none"}).headers)


def test_a_wallet_signs_over_the_timestamp_and_nonce_of_the_case(peer: WebPeer, alice: Account) -> None:
    """With `auth: wallet` the L1 headers are there, and are signed over what the case says of them."""
    headers = {"POLY_TIMESTAMP": 1_760_000_000, "POLY_NONCE": "7"}
    seen = seen_by(peer, alice, {"auth": "wallet", "headers": headers}).headers
    digest = clob.auth_digest(alice.wallet.address, 1_760_000_000, 7, 137)

    assert (seen["poly_timestamp"], seen["poly_nonce"]) == ("1760000000", "7")
    assert (seen["poly_address"], seen["poly_signature"]) == (
        alice.wallet.address,
        alice.wallet.sign(digest),
    )
    assert not {"poly_api_key", "poly_passphrase"} & set(seen)


@pytest.mark.parametrize("auth", [{}, {"auth": OTHER}], ids=["own key", "another key"])
def test_a_timestamp_of_the_case_is_signed(peer: WebPeer, alice: Account, auth: dict[str, object]) -> None:
    """An old timestamp is signed correctly, by the actor's key or by the one that the intent names."""
    seen = seen_by(peer, alice, {**auth, "json": {"a": 1}, "headers": {"POLY_TIMESTAMP": 1_760_000_000}})
    key = OTHER if auth else {"apiKey": alice.api_key, "secret": alice.secret, "passphrase": alice.passphrase}
    expected = clob.l2_headers(
        address=alice.wallet.address,
        api_key=key["apiKey"],
        secret=key["secret"],
        passphrase=key["passphrase"],
        timestamp_s=1_760_000_000,
        method="POST",
        path="/order",
        body='{"a":1}',
    )

    assert {name.lower(): value for name, value in expected.items()}.items() <= seen.headers.items()


def test_a_secret_that_is_none_is_the_author_s(peer: WebPeer, alice: Account) -> None:
    """Credentials that no HMAC can be made with end the run as an error of the case."""
    with asking(peer.url, alice) as ask, pytest.raises(CaseError, match="URL-safe base64"):
        ask({"method": "GET", "path": "/x", "auth": {**OTHER, "secret": "abcde"}})


def test_credentials_are_registered_before_anybody_sees_them(alice: Account) -> None:
    """What /auth answers is known to the redactor when the answer is reported."""
    order: list[str] = []
    body = b'{"apiKey":"new-key","secret":"bmV3LXNlY3JldA==","passphrase":"new-pass"}'
    with WebPeer({"POST /auth/api-key": Answer(200, body)}) as peer:

        class Told(Notes):
            def add(self, note: Note) -> None:
                order.append(note.what)

        driver = RestDriver(
            peer.url,
            alice,
            dial=OPEN_DIAL,
            chain_id=137,
            contracts=CONTRACTS_137,
            clock=RunClock(),
            register=lambda label, _: order.append(label),
        )
        driver.send({"method": "POST", "path": "/auth/api-key", "auth": "wallet"}, Told())
        driver.close()

    parts = ["alice.apiKey", "alice.secret", "alice.passphrase"]
    assert order == ["alice.auth_signature", "sent", *parts, "answered"]


KEYS = """\
steps:
  - id: key
    as: alice
    rest: POST /auth/api-key
    auth: wallet
    headers: {POLY_NONCE: 5}
    expect: {status: 200}
  - {id: unsigned, as: alice, rest: GET /auth/api-keys, auth: none, expect: {status: 401}}
  - id: late
    as: alice
    rest: GET /auth/api-keys
    headers: {POLY_TIMESTAMP: "${now-90s:s}"}
    expect: {status: 401}
  - id: old
    as: alice
    rest: GET /auth/api-keys
    headers: {POLY_TIMESTAMP: "${now-30s:s}"}
    expect: {status: 200}
  - id: derived
    as: alice
    rest: GET /auth/derive-api-key
    auth: wallet
    headers: {POLY_NONCE: 5}
    expect: {status: 200, body: "${key.got.body}"}
  - id: it
    as: alice
    rest: GET /auth/api-keys
    auth: "${key.got.body}"
    expect: {status: 200, body: {apiKeys: {$some: "${key.got.body.apiKey}"}}}
  - {id: not-his, as: bob, rest: GET /auth/api-keys, auth: "${key.got.body}", expect: {status: 401}}
"""


def test_a_key_that_a_case_makes_signs_its_requests(endpoints: Endpoints) -> None:
    """Live and replayed: the wallet gets a key, derives it again, and the key signs; no secret stays."""
    found = played(endpoints, KEYS)

    assert [(f.subject, f.text) for f in found.run.findings.values() if not f.holds] == []
    assert set(found.run.findings) == {"key", "unsigned", "late", "old", "derived", "it", "not-his"}
