"""A secret that nobody registered is known by its look, and what is none is left alone."""

from __future__ import annotations

import pytest

from harness.redact import Redactor

from .samples import JWT, KEY, SIGNATURE, UUID

LOOKS = {
    "a signature": (f"signed {SIGNATURE}.", SIGNATURE),
    "a signature without 0x": (f"signed {SIGNATURE[2:]}.", SIGNATURE[2:]),
    "a JWT": (f"got {JWT} back", JWT),
    "a PEM key": (
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
    ),
    "a bearer": ("curl -H 'X: Bearer abc123def456'", "abc123def456"),
    "basic": ("sent Basic dXNlcjpwYXNzMQ== once", "dXNlcjpwYXNzMQ=="),
    "a header line": ("GET / HTTP/1.1\r\nCookie: a=b; c=d\r\n\r\n", "a=b; c=d"),
    "a header in a command": ("curl -H 'POLY_PASSPHRASE: letmein' https://x", "letmein"),
    "userinfo": ("wss://user:hunter2@node.example/ws", "user:hunter2"),
    "infura": (
        "https://mainnet.infura.io/v3/9aa3d95b3bc440fa88ea12eaa4456161",
        "9aa3d95b3bc440fa88ea12eaa4456161",
    ),
    "alchemy": (
        "see https://polygon-mainnet.g.alchemy.com/v2/Ab3-dEfGh1jKlMn0pQrStUvWxYz12345 now",
        "Ab3-dEfGh1jKlMn0pQrStUvWxYz12345",
    ),
    "quicknode": ("https://a-b.matic.quiknode.pro/f00dfeedf00dfeedf00dfeed/", "f00dfeedf00dfeedf00dfeed"),
    "a key in a query": ("https://rpc.example/?apikey=A1b2C3d4E5f6G7h8I9j0K", "A1b2C3d4E5f6G7h8I9j0K"),
    "a form": ("grant=x&password=hunter2&n=1", "hunter2"),
    "a field in prose": ('curl -d \'{"passphrase": "letmein"}\'', "letmein"),
    "a private key in prose": (f"private key: {KEY}", KEY),
    "a raw transaction": ("tx 0x02f8" + "b1" * 100, "0x02f8" + "b1" * 100),
    "a FIX password": ("8=FIXT.1.1|35=A|553=me|554=hunter2|10=000|", "hunter2"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_looks_like_a_secret_is_replaced(look: str) -> None:
    """A secret that nobody registered is known by its look; what stands around it stays."""
    text, secret = LOOKS[look]
    redactor = Redactor()
    clean = redactor.redact(text)
    before, after = text.split(secret)
    assert clean.startswith(before)
    assert clean.endswith(after)
    assert len(clean) == len(text)
    assert secret not in clean
    assert [hit.form for hit in redactor.find(text)] == ["pattern"]
    assert redactor.find(clean) == []
    assert redactor.redact(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "0x" + "5a" * 32,
        '{"transactionHash":"0x' + "5a" * 32 + '","logIndex":3}',
        "0x2791bca1f2de4661ed88a30c99a7a9449aa84174",
        "https://clob.example/orders/3c1f7a52-9d0e-4b7f-8a6c-0d2e4f6a8b1c?token_id=713210456792522125946263",
        "https://clob.example/v1/markets/0x" + "5a" * 32,
        "https://clob.example/v2/71321045679252212594626385532706912750332728571",
        "0x" + "5a" * 200,
        f"https://clob.example/?apikey={UUID}",
        "a basic rule, a bearer of news: the signature is not valid",
        "order not found: key=value",
        "8=FIX.4.4|35=8|55=YES|54=1|10=123|",
        "the password was wrong",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    """Hashes, addresses, calldata, token ids, URLs of markets and prose stay as they are, and
    nothing is found."""
    assert Redactor().redact(text) == text
    assert Redactor().find(text) == []
