"""The secrets, and the forms they are written in, that the redaction tests share."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from harness.redact import Redactor

API_SECRET = "q3Ffx7-Tz9_kWmN2bVd8sLpR4yHjUcXe6GaQoI1uE0M="
PASSWORD = 'pa"ss/wörd &+\\=1'
KEY = "0x8f2a559490d4f7b8c1e6a3d2b5c4f7e8a9d0c1b2e3f4a5b6c7d8e9f0a1b2c3d4"
UUID = "3c1f7a52-9d0e-4b7f-8a6c-0d2e4f6a8b1c"
SIGNATURE = "0x" + "ab" * 64 + "1b"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


def knowing(**secrets: str) -> Redactor:
    redactor = Redactor()
    for label, value in secrets.items():
        redactor.register(label.replace("_", "."), value)
    return redactor


def base64_at(offset: int, alphabet: Callable[[bytes], bytes]) -> Callable[[str], str]:
    """The secret in base64 when so many bytes stand before it, as in `user:secret`; what follows
    has no bit of it."""
    return lambda value: alphabet(b"\0" * offset + value.encode()).decode()


FORMS = {
    "raw": lambda value: value,
    "url": lambda value: quote(value, safe=""),
    "url, slashes kept": quote,
    "url, lower case": lambda value: re.sub("%..", lambda escape: escape[0].lower(), quote(value, safe="")),
    "form": quote_plus,
    "json": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "json, ASCII": lambda value: json.dumps(value)[1:-1],
    "json, slashes escaped": lambda value: json.dumps(value)[1:-1].replace("/", "\\/"),
    "json in json": lambda value: json.dumps(json.dumps(value)[1:-1])[1:-1],
    "base64": base64_at(0, base64.b64encode),
    "base64, 1 before": base64_at(1, base64.b64encode),
    "base64, 2 before": base64_at(2, base64.b64encode),
    "base64url": base64_at(0, base64.urlsafe_b64encode),
    "base64url, 1 before": base64_at(1, base64.urlsafe_b64encode),
    "base64url, 2 before": base64_at(2, base64.urlsafe_b64encode),
    "base64url, no padding": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
    "0xhex": lambda value: "0x" + value.encode().hex(),
}
