"""The forms one secret may travel in, and the fewest texts to look for to know that none is there."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus

_RUN: Final = re.compile(r"[A-Za-z0-9]+")
_MIN_RUN_CHARS: Final = 8
_MIN_CORE_CHARS: Final = 6
_MIN_DECODED_BYTES: Final = 16
_HEX: Final = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2}){16,})")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{22,}={0,2}")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a secret: `name` is raw, url, json, base64 or hex."""

    name: str
    text: str


def forms(value: str) -> tuple[Form, ...]:
    """Every form of the secret, each text once, longest first."""
    found: dict[str, str] = {}
    for name, text in _spelled(value):
        found.setdefault(text, name)
    return tuple(Form(found[text], text) for text in sorted(found, key=lambda text: (-len(text), text)))


def needles(written: tuple[Form, ...]) -> tuple[str, ...]:
    """Texts of which at least one stands wherever any of these forms stands; the fewest that do.

    A needle is a run of letters and digits where there is one long enough, because no escaping changes those.
    """
    chosen: list[str] = []
    for form in reversed(written):
        if not any(needle in form.text for needle in chosen):
            run = max(_RUN.findall(form.text), key=len, default="")
            chosen.append(run if len(run) >= _MIN_RUN_CHARS else form.text)
    return tuple(
        needle for needle in chosen if not any(other in needle for other in chosen if other != needle)
    )


def _spelled(value: str) -> Iterator[tuple[str, str]]:
    yield "raw", value
    for text in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield "url", text
        yield "url", re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text)
    for escaped in _json_escaped(value):
        yield "json", escaped
        for twice in _json_escaped(escaped):
            yield "json", twice
    data = value.encode("utf-8", "surrogatepass")
    yield from _of_bytes(data)
    for meant in _decoded(value):
        yield from _of_bytes(meant)


def _json_escaped(text: str) -> tuple[str, ...]:
    ascii_only, plain = json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]
    return plain, plain.replace("/", "\\/"), ascii_only, ascii_only.replace("/", "\\/")


def _of_bytes(data: bytes) -> Iterator[tuple[str, str]]:
    yield "hex", data.hex()
    yield "hex", data.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(data).decode()
        yield "base64", whole
        yield "base64", whole.rstrip("=")
        for offset in (0, 1, 2):
            core = _core(encode(b"\0" * offset + data).decode(), offset, len(data))
            if len(core) >= _MIN_CORE_CHARS:
                yield "base64", core


def _core(encoded: str, offset: int, size_bytes: int) -> str:
    """The characters that hold the secret's own bits alone, when it starts `offset` bytes into the data."""
    return encoded[-(-8 * offset // 6) : 8 * (offset + size_bytes) // 6]


def _decoded(value: str) -> Iterator[bytes]:
    """The bytes that the secret is itself a writing of: a key given in hex or in base64."""
    if (hexed := _HEX.fullmatch(value)) is not None:
        yield bytes.fromhex(hexed[1])
    elif _BASE64.fullmatch(value):
        plain = value.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            data = base64.b64decode(plain + "=" * (-len(plain) % 4))
        except binascii.Error:
            return
        if len(data) >= _MIN_DECODED_BYTES:
            yield data
