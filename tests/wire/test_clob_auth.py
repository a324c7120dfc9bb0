"""Both kinds of authentication against the official client and the published vectors."""

from __future__ import annotations

import base64

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st
from py_clob_client_v2.clob_types import ApiCreds, RequestArgs
from py_clob_client_v2.headers.headers import create_level_1_headers, create_level_2_headers
from py_clob_client_v2.signer import Signer
from py_clob_client_v2.signing.hmac import build_hmac_signature

from harness.wire import clob

from .oracles import judges

KEY = "0x" + "11" * 32
WALLET = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
plain_text = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="'"))
secrets = st.binary(min_size=1, max_size=64).map(lambda raw: base64.urlsafe_b64encode(raw).decode())


@judges("clob", "l2_signature", "l2_message", "l2_headers", oracle="the official client's headers")
@given(secrets, st.integers(0, 2**40), st.sampled_from(["GET", "POST", "DELETE"]), plain_text, plain_text)
def test_l2_signing_is_the_official_clients(
    secret: str, timestamp_s: int, method: str, path: str, body: str
) -> None:
    """An API key's headers are the official client's, for any path and body without apostrophes."""
    assert clob.l2_signature(secret, timestamp_s, method, path, body) == build_hmac_signature(
        secret, str(timestamp_s), method, path, body
    )
    request = RequestArgs(method, path, serialized_body=body)
    expected = create_level_2_headers(Signer(KEY, 137), ApiCreds("key", secret, "pass"), request, timestamp_s)
    ours = clob.l2_headers(
        address=WALLET,
        api_key="key",
        secret=secret,
        passphrase="pass",
        timestamp_s=timestamp_s,
        method=method,
        path=path,
        body=body,
    )
    assert ours == expected


@judges("clob", "l2_signature", "l2_message", oracle="published vectors")
@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/data/orders", "", "ri4ufM9PbKL2ag7t13rKC0z8PPY-Qyde2dOuP-GbB18="),
        ("DELETE", "/order", '{"orderID":"0xabc"}', "n1PuBDvPCuMcIwU_oVlyK1vfsTiCdo5IVkQTudovpTg="),
        ("DELETE", "/cancel-all", "", "gCpKDplOb2RL5xAsZL6o7NDw1NJlaszcwsQQdlBrw-4="),
        ("POST", "/orders-scoring", "[]", "ZVZRsbTkbba6WGP48UpZk588q26iRtip2pjX2zTORTs="),
    ],
)
def test_l2_signatures_of_the_vectors(method: str, path: str, body: str, expected: str) -> None:
    """The published signatures come out."""
    assert clob.l2_signature(SECRET, 1_760_000_000, method, path, body) == expected


def test_a_secret_that_is_not_base64_is_refused() -> None:
    """A malformed secret is the caller's fault, and its text is not repeated."""
    with pytest.raises(ValueError, match="not URL-safe base64"):
        clob.l2_signature("a", 0, "GET", "/")


@judges("clob", "auth_digest", oracle="the official client's signature")
@given(st.integers(0, 2**40), st.integers(0, 2**63))
def test_l1_signing_is_the_official_clients(timestamp_s: int, nonce: int) -> None:
    """Signing our digest gives the official client's POLY_SIGNATURE."""
    headers = create_level_1_headers(Signer(KEY, 137), nonce, timestamp_s)
    digest = clob.auth_digest(WALLET, timestamp_s, nonce, 137)
    signature = "0x" + Account.unsafe_sign_hash(digest, KEY).signature.hex().removeprefix("0x")
    assert signature == headers["POLY_SIGNATURE"]


@judges("clob", "auth_digest", oracle="published vectors")
def test_the_l1_signature_of_the_vector() -> None:
    """The published L1 signature comes out."""
    digest = clob.auth_digest(WALLET, 1_760_000_000, 7, 137)
    assert Account.unsafe_sign_hash(digest, KEY).signature.hex() == (
        "7f288c2e5c525919a24f2b8b7726f7f2d3e1355ec80644e92f6bbaa59a982c83169a12cf0046f6cdb4de1d87f99ffa00"
        "e52f28e8bfcb69bf79efc5ae5466090b1c"
    )
