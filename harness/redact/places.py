"""Places that hold secrets whatever their value: header values, denied by default, and fields by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from harness.redact.placeholder import is_placeholder

ALLOWED_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "accept-ranges",
        "age",
        "allow",
        "cache-control",
        "cf-cache-status",
        "cf-ray",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "date",
        "etag",
        "expires",
        "host",
        "keep-alive",
        "last-modified",
        "poly-address",
        "poly-api-key",
        "poly-nonce",
        "poly-timestamp",
        "pragma",
        "retry-after",
        "sec-websocket-version",
        "server",
        "strict-transport-security",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "vary",
        "x-content-type-options",
        "x-correlation-id",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-request-id",
    }
)
ALLOWED_HEADER_STARTS: Final = ("ratelimit", "x-ratelimit-")

_SECRET_NAMES: Final = frozenset(
    {
        "rawdata",
        "secretkeybase",
        "authtoken",
        "bearertoken",
        "cookies",
        "csrftoken",
        "idtoken",
        "otp",
        "passcode",
        "passwd",
        "privkey",
        "pwd",
        "rawtx",
        "recoverykey",
        "sessionid",
        "sessiontoken",
        "sig",
        "signedtransaction",
        "signedtx",
        "signingkey",
        "sessionkey",
        "totp",
        "xapikey",
    }
)
_SECRET_ENDS: Final = (
    "secret",
    "passphrase",
    "password",
    "privatekey",
    "mnemonic",
    "seedphrase",
    "recoveryphrase",
    "signature",
    "cookie",
    "authorization",
    "rawtransaction",
    "jwt",
    "secretkey",
    "secretaccesskey",
    "accesssign",
    "apisign",
    "accesstoken",
    "refreshtoken",
)
_PUBLIC_NAMES: Final = frozenset({"eventsignature", "functionsignature", "methodsignature"})
_KEY_ENDS: Final = (
    *("token", "apikey", "accesskey", "accesskeyid", "authkey", "dkey", "subscriptionkey", "accountkey"),
    *("masterkey", "encryptionkey", "deploykey", "licensekey", "credential", "credentials", "auth"),
)
_PAGE_NAMES: Final = ("page", "next", "continuation", "cursor", "sync", "idempotency", "cache")
_SEPARATORS: Final = str.maketrans("", "", "-_ .")

_MIN_TOKEN_CHARS: Final = 16
_TOKEN_ID: Final = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]+")

RAW_TRANSACTION_METHODS: Final = (
    *("eth_sendRawTransaction", "eth_sendRawTransactionSync", "eth_sendRawTransactionConditional"),
    *("eth_sendPrivateTransaction", "eth_sendBundle", "personal_importRawKey", "personal_unlockAccount"),
    "personal_sendTransaction",
)
"""JSON-RPC methods whose parameters are secrets: signed transactions, keys and passphrases."""

_KEYS: Final = re.compile(r'"([^"\\]{1,64})"\s*:')
_TOKENS: Final = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)("|\Z)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)

Issue = Callable[[str, str, int], str]
Redact = Callable[[str], str]


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret, whatever the case and separators of the name."""
    plain = name.lower().translate(_SEPARATORS)
    if plain in _PUBLIC_NAMES:
        return False
    return plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDS)


@lru_cache(maxsize=4096)
def is_key_name(name: str) -> bool:
    """Whether a field of this name may hold a key: it does if its value is made by chance."""
    plain = name.lower().translate(_SEPARATORS)
    return plain.endswith(_KEY_ENDS) and not any(each in plain for each in _PAGE_NAMES)


def is_secret_field(name: str, value: str) -> bool:
    """Whether a field's text is a secret; `token` is one unless it names a traded token."""
    if is_placeholder(value):
        return False
    if name.lower() == "token":
        return len(value) >= _MIN_TOKEN_CHARS and not _TOKEN_ID.fullmatch(value)
    return is_secret_name(name)


def is_allowed_header(name: str, more: frozenset[str]) -> bool:
    """Whether a header's value may be kept; `more` are names a target adds, in lower case with hyphens."""
    plain = header_name(name)
    return plain in ALLOWED_HEADERS or plain in more or plain.startswith(ALLOWED_HEADER_STARTS)


def is_packed(headers: Any) -> bool:
    """Whether headers say that the body is compressed."""
    named = {str(name).lower(): value for name, value in headers.items()} if isinstance(headers, dict) else {}
    return str(named.get("content-encoding", "identity")).strip().lower() not in ("", "identity")


def header_name(name: str) -> str:
    """A header's name in lower case with hyphens."""
    return name.lower().replace("_", "-")


@dataclass(slots=True)
class _Open:
    """An object or array the scanner stands in: the field it is at, and whether all below is secret."""

    is_object: bool
    secret_name: str
    key: str = ""
    at_key: bool = False


def redact_json_text(text: str, issue: Issue, redact: Redact) -> str:
    """Replace secret fields inside a JSON text in place; every other character stays as it is.

    `issue(label, value, chars)` gives a placeholder, `redact` the redaction of a text. The text may be
    cut off or broken: what can be told of it is redacted all the same.
    """
    raw_transaction = any(method in text for method in RAW_TRANSACTION_METHODS)
    if "\\" not in text and not raw_transaction and not _names_a_secret(text):
        return text
    pieces: list[str] = []
    done = 0
    stack: list[_Open] = [_Open(False, "")]
    for token in _TOKENS.finditer(text):
        here = stack[-1]
        first = token[0][0]
        if first == '"' and here.at_key:
            here.key = _unescaped(token[1])
            here.at_key = False
        elif first in "{[":
            stack.append(_Open(first == "{", _secret_below(here, raw_transaction), at_key=first == "{"))
        elif first in "}]":
            if len(stack) > 1:
                stack.pop()
        elif first == ",":
            here.at_key = here.is_object
        elif first != ":":
            changed = _value(token, here, _secret_below(here, raw_transaction), issue, redact)
            if changed is not None:
                pieces += text[done : token.start()], changed
                done = token.end()
    return "".join(pieces) + text[done:] if pieces else text


def _names_a_secret(text: str) -> bool:
    return any(name.lower() == "token" or is_secret_name(name) for name in set(_KEYS.findall(text)))


def _secret_below(here: _Open, raw_transaction: bool) -> str:
    """The label under which all below this place is secret, or nothing."""
    if here.secret_name:
        return here.secret_name
    if raw_transaction and here.key == "params":
        return "rawTransaction"
    return here.key if is_secret_name(here.key) else ""


def _value(token: re.Match[str], here: _Open, secret_name: str, issue: Issue, redact: Redact) -> str | None:
    """What to write for a scalar instead, None where it stays."""
    if token[1] is None:  # a number, or true, false, null
        if not secret_name or token[0] in ("true", "false", "null"):
            return None
        return f'"{issue(secret_name, token[0], len(token[0]))}"'
    value = _unescaped(token[1])
    if (secret_name and not is_placeholder(value)) or is_secret_field(here.key, value):
        return f'"{issue(secret_name or here.key, value, len(token[1]))}{token[2]}'
    if "\\" not in token[1]:
        return None  # what stands in it as it is was redacted with the whole text
    clean = redact(value)
    return None if clean == value else json.dumps(clean, ensure_ascii=False)[:-1] + token[2]


def _unescaped(inner: str) -> str:
    if "\\" not in inner:
        return inner
    try:
        value = json.loads(f'"{inner}"', strict=False)
    except ValueError:
        return inner
    return value if isinstance(value, str) else inner
