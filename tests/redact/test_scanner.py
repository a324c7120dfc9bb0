"""The scanner of the tests itself: what it must find, or every green of the canaries says nothing."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from urllib.parse import quote

import pytest

from .samples import API_SECRET, KEY, PASSWORD
from .scanner import found

WAYS = {
    "raw": lambda value: value.encode(),
    "upper": lambda value: value.upper().encode(),
    "lower": lambda value: value.lower().encode(),
    "url": lambda value: quote(value, safe="").encode(),
    "url, twice": lambda value: quote(quote(value, safe=""), safe="").encode(),
    "every character escaped": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()).encode(),
    "json": lambda value: json.dumps(value).encode(),
    "json, every character": lambda value: "".join(f"\\u{ord(char):04X}" for char in value).encode(),
    "json in json": lambda value: json.dumps(json.dumps({"a": value})).encode(),
    "base64": lambda value: base64.b64encode(value.encode()),
    "base64, 1 before": lambda value: base64.b64encode(b"x" + value.encode() + b"yz"),
    "base64, 2 before": lambda value: base64.urlsafe_b64encode(b"xy" + value.encode()),
    "base64 of json": lambda value: base64.b64encode(json.dumps({"a": value}).encode()),
    "hex": lambda value: value.encode().hex().encode(),
    "gzip": lambda value: b"..." + gzip.compress(value.encode()) + b"...",
    "deflate": lambda value: b"..." + zlib.compress(value.encode()),
    "base64 of gzip": lambda value: base64.b64encode(gzip.compress(value.encode())),
    "two lines": lambda value: f"{value[:9]}\n   {value[9:]}".encode(),
}


@pytest.mark.parametrize("value", [API_SECRET, KEY, PASSWORD])
@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_found_in_every_encoding(way: str, value: str) -> None:
    """Whatever way a secret is written, the scanner of the tests finds it."""
    assert found(b"before " + WAYS[way](value) + b" after", {"a": value})


def test_a_fragment_is_found_and_a_placeholder_is_not() -> None:
    """Seventeen characters of a secret are a find; a placeholder and other text are none."""
    assert found(API_SECRET[9:26].encode(), {"a": API_SECRET})
    assert found(API_SECRET[9:24].encode(), {"a": API_SECRET}) == set()
    assert found("«alice.secret·······» 0x0123456789abcdef".encode(), {"a": API_SECRET, "b": KEY}) == set()
