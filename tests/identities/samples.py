"""A customer's identities, a cassette's header and events that hold them, and every way to write one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from harness.identities import Identities
from harness.model import By, Event, Kind, Source
from harness.seal import Cassette, Header, event_line, header_line
from harness.wire.ctf import checksum_address

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "0xaB5801a7D398351b8bE11C439e05C5B3259aeC9B"
OTHER = "0x4E9ce36E442e55EcD9025B9a6E0D88485d628A67"
ORDER_HASH = "0x6f3a913263f4ac3c0defab8a10ed0337edfba1ecaa6d5c4dec621410e0a4c37e"
TRANSACTION = "0x6580ec57ef175c8c33a31830087eb021f803ddca41223e91060223c906bd8ffb"
CONDITION = "0xcaa4e9cee7bbbbcb3b8cf255d55cb26e1879db10c2ac78d56fbc8b04d9424bca"
TOKEN = 65299077188189977027119350240978457127489430879973366533163241097956895383264
UUID = "56b24e54-6646-44e7-b54f-40db95398881"
EMAIL = "jane.trader@bigfund.io"

_DIGESTS = st.integers(0, 10**9).map(lambda seed: sha256(str(seed).encode()).digest())
ADDRESSES = _DIGESTS.map(lambda digest: int.from_bytes(digest[:20]))
HASHES = _DIGESTS.map(int.from_bytes)
"""As chains make them: digests, so that no digit is likelier than another."""


def address_of(number: int) -> str:
    """An address in EIP-55's mixed case."""
    return checksum_address(f"0x{number:040x}")


def hash_of(number: int) -> str:
    """A hash in lower case."""
    return f"0x{number:064x}"


def mapped(value: Any, *, public: tuple[str, ...] = (), key: bytes | None = None) -> Any:
    """A JSON value after both passes."""
    identities = Identities(public, key=key)
    identities.learn(value)
    return identities.redact_json(value)


def event(number: int, data: dict[str, Any], channel: str = "rest") -> Event:
    """One answer that came."""
    return Event(number, number, Kind.PUSH, Source(channel, "alice"), by=By.PEER, data=data)


def header(**inputs: Any) -> Header:
    """A header of evidence."""
    return Header(
        case="ESC-1234",
        name="broken",
        origin="evidence",
        target="evidence",
        recorded_at="2026-11-22T08:06:00Z",
        started_wall_us=1_795_334_760_000_000,
        seed=17,
        inputs=inputs,
    )


def written(cassette: Cassette) -> str:
    """A cassette's text."""
    return b"".join([header_line(cassette.header), *map(event_line, cassette.events)]).decode()


def _base64(text: bytes, offset: int) -> str:
    whole = base64.b64encode(b"\0" * offset + text).decode()
    return whole[-(-8 * offset // 6) : 8 * (offset + len(text)) // 6]


def _base58(raw: bytes) -> str:
    alphabet, number, text = (
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        int.from_bytes(raw),
        "",
    )
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return text


ENCODINGS: dict[str, Callable[[str], str]] = {
    "EIP-55": checksum_address,
    "lower": str.lower,
    "upper": lambda address: address[2:].upper(),
    "plain": lambda address: address[2:].lower(),
    "EIP-55 without 0x": lambda address: checksum_address(address)[2:],
    "word": lambda address: address[2:].lower().rjust(64, "0"),
    "WORD": lambda address: address[2:].upper().rjust(64, "0"),
    "bytes20 in a word": lambda address: address[2:].lower().ljust(64, "0"),
    "decimal": lambda address: str(int(address, 16)),
    "octal": lambda address: oct(int(address, 16))[2:],
    "reversed": lambda address: bytes.fromhex(address[2:])[::-1].hex(),
    "percent": lambda address: "".join(f"%{byte:02x}" for byte in bytes.fromhex(address[2:])),
    "url": lambda address: quote(checksum_address(address), safe=""),
    "json": lambda address: "".join(f"\\u{ord(each):04x}" for each in address),
    "json in json": lambda address: json.dumps("".join(f"\\u{ord(each):04x}" for each in address))[1:-1],
    "base64": lambda address: _base64(bytes.fromhex(address[2:]), 0),
    "base64, 1 before": lambda address: _base64(bytes.fromhex(address[2:]), 1),
    "base64, 2 before": lambda address: _base64(bytes.fromhex(address[2:]), 2),
    "base64 of the text": lambda address: _base64(address.lower().encode(), 0),
    "base64 of the text, 1 before": lambda address: _base64(address.lower().encode(), 1),
    "base64 of the text, 2 before": lambda address: _base64(address.lower().encode(), 2),
    "base64 of EIP-55": lambda address: _base64(checksum_address(address).encode(), 0),
    "base58": lambda address: _base58(bytes.fromhex(address[2:])),
    "hex of the text": lambda address: address.lower().encode().hex(),
    "hex of EIP-55": lambda address: checksum_address(address).encode().hex(),
    "cut": lambda address: f"{address[:6].lower()}…{address[-4:].lower()}",
}
"""More than twenty ways in which an address can be looked for."""
