"""The CLOB's side of the wire: orders, their EIP-712 hash, the REST body, and both kinds of authentication.

Sources: CLOB docs (orders, authentication), EIP-712, the official client's bytes. Pure: the time is an
argument, money is `Decimal` or integer base units of 6 decimals.
"""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_hash.auto import keccak

from harness import exactjson
from harness.wire.ctf import CONTRACTS_137 as CONTRACTS_137
from harness.wire.ctf import checksum_address

BASE_UNITS: Final = 1_000_000
ZERO_BYTES32: Final = "0x" + "00" * 32
ORDER_TYPES: Final = ("GTC", "GTD", "FOK", "FAK")
_BOOK_HASH_KEYS: tuple[str, ...] = (
    "market",
    "asset_id",
    "timestamp",
    "hash",
    "bids",
    "asks",
    "min_order_size",
    "tick_size",
)
_BOOK_HASH_KEYS += ("neg_risk", "last_trade_price")
_UINT256_LIMIT = 1 << 256
_DOMAIN_TYPEHASH = keccak(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
ORDER_TYPE: Final = (
    "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,"
    "uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
)
_ORDER_TYPEHASH = keccak(ORDER_TYPE.encode())
_AUTH_DOMAIN_TYPEHASH = keccak(b"EIP712Domain(string name,string version,uint256 chainId)")
_AUTH_TYPEHASH = keccak(b"ClobAuth(address address,string timestamp,uint256 nonce,string message)")
_AUTH_MESSAGE = b"This message attests that I control the given wallet"


class Side(enum.IntEnum):
    """Which way an order goes; the value is what is signed, the name is what stands in JSON."""

    BUY = 0
    SELL = 1


@dataclass(frozen=True, slots=True)
class Order:
    """One V2 order as it is signed, with the wire-only `expiration_s` (0 is none; not in the hash).

    Amounts are base units of 6 decimals: a BUY gives collateral (`maker_amount`) for shares
    (`taker_amount`), a SELL the other way round. Only ranges of the encoding are checked, so that an order
    the exchange must refuse can still be made. Raises ValueError naming the field (the caller's fault).
    """

    salt: int
    maker: str
    signer: str
    token_id: int
    maker_amount: int
    taker_amount: int
    side: Side
    signature_type: int
    timestamp_ms: int
    metadata: str = ZERO_BYTES32
    builder: str = ZERO_BYTES32
    expiration_s: int = 0

    def __post_init__(self) -> None:
        for name in ("maker", "signer"):
            object.__setattr__(self, name, checksum_address(getattr(self, name)))
        for name in ("salt", "token_id", "maker_amount", "taker_amount", "timestamp_ms", "expiration_s"):
            _uint(getattr(self, name), name)
        _uint(self.signature_type, "signature_type", 1 << 8)
        for name in ("metadata", "builder"):
            _bytes32(getattr(self, name), name)
        object.__setattr__(self, "side", Side(self.side))


@dataclass(frozen=True, slots=True)
class PostedOrder:
    """The body of POST /order, read: the order, its signature, and how it is to be handled."""

    order: Order
    signature: str
    owner: str
    order_type: str
    post_only: bool
    defer_exec: bool


def _uint(value: Any, name: str, limit: int = _UINT256_LIMIT) -> bytes:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < limit:
        raise ValueError(f"{name} must be a whole number below 2**{limit.bit_length() - 1}, not {value!r}")
    return value.to_bytes(32, "big")


def _bytes32(text: Any, name: str) -> bytes:
    if isinstance(text, str) and re.fullmatch("0x[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text[2:])
    raise ValueError(f"{name} must be 0x and 64 hex digits, not {text!r}")


def _address_word(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(checksum_address(address)[2:])


def domain_separator(chain_id: int, exchange: str) -> bytes:
    """EIP-712's 32 bytes for the exchange's domain: its name, version 2, the chain and the contract."""
    return keccak(
        _DOMAIN_TYPEHASH
        + keccak(b"Polymarket CTF Exchange")
        + keccak(b"2")
        + _uint(chain_id, "chain_id")
        + _address_word(exchange)
    )


def order_struct_hash(order: Order) -> bytes:
    """EIP-712's 32 bytes for the order itself, without a domain."""
    words = [_uint(order.salt, "salt"), _address_word(order.maker), _address_word(order.signer)]
    numbers = ("token_id", "maker_amount", "taker_amount", "side", "signature_type", "timestamp_ms")
    words += [_uint(int(getattr(order, name)), name) for name in numbers]
    words += [_bytes32(order.metadata, "metadata"), _bytes32(order.builder, "builder")]
    return keccak(_ORDER_TYPEHASH + b"".join(words))


def order_digest(order: Order, *, chain_id: int, exchange: str) -> bytes:
    """The 32 bytes that name the order: EIP-712 over the V2 order in the exchange's domain."""
    return keccak(b"\x19\x01" + domain_separator(chain_id, exchange) + order_struct_hash(order))


def order_id(order: Order, *, chain_id: int, exchange: str) -> str:
    """The order's id everywhere on the wire: its digest as lower-case 0x text."""
    return "0x" + order_digest(order, chain_id=chain_id, exchange=exchange).hex()


def order_body(
    order: Order,
    *,
    signature: str,
    owner: str,
    order_type: str,
    post_only: bool = False,
    defer_exec: bool = False,
) -> dict[str, Any]:
    """The body of POST /order in the wire's key order; `owner` is the API key. Write it compactly."""
    return {
        "order": {
            "salt": order.salt,
            "maker": order.maker,
            "signer": order.signer,
            "tokenId": str(order.token_id),
            "makerAmount": str(order.maker_amount),
            "takerAmount": str(order.taker_amount),
            "side": order.side.name,
            "expiration": str(order.expiration_s),
            "signatureType": order.signature_type,
            "timestamp": str(order.timestamp_ms),
            "metadata": order.metadata,
            "builder": order.builder,
            "signature": signature,
        },
        "owner": owner,
        "orderType": order_type,
        "deferExec": defer_exec,
        "postOnly": post_only,
    }


def parse_order(body: Any) -> PostedOrder:
    """Read the body of POST /order; `postOnly` and `deferExec` may be missing, `salt` a number or a text.

    Raises ValueError naming what is missing or malformed (the sender's fault).
    """
    try:
        raw = body["order"]
        order = Order(
            salt=_number_or_text(raw["salt"], "salt"),
            maker=raw["maker"],
            signer=raw["signer"],
            token_id=_decimal_text(raw["tokenId"], "tokenId"),
            maker_amount=_decimal_text(raw["makerAmount"], "makerAmount"),
            taker_amount=_decimal_text(raw["takerAmount"], "takerAmount"),
            side=Side[raw["side"]],
            signature_type=raw["signatureType"],
            timestamp_ms=_decimal_text(raw["timestamp"], "timestamp"),
            metadata=raw["metadata"],
            builder=raw["builder"],
            expiration_s=_decimal_text(raw.get("expiration", "0"), "expiration"),
        )
        flags = (body.get("postOnly", False), body.get("deferExec", False))
        posted = PostedOrder(order, raw["signature"], body["owner"], body["orderType"], *flags)
    except KeyError as error:
        raise ValueError(f"an order body with an unknown or missing {error}") from None
    except (TypeError, AttributeError) as error:
        raise ValueError(f"an order body of another shape: {error}") from None
    texts = (posted.signature, posted.owner, posted.order_type)
    if {type(text) for text in texts} != {str} or {type(flag) for flag in flags} != {bool}:
        raise ValueError("signature, owner and orderType must be texts, postOnly and deferExec flags")
    return posted


def _number_or_text(value: Any, name: str) -> Any:
    return _decimal_text(value, name) if isinstance(value, str) else value


def _decimal_text(text: Any, name: str) -> int:
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 78:
        raise ValueError(f"{name} must be a text of decimal digits, not {text!r}")
    return int(text)


CREDENTIALS: Final = ("apiKey", "secret", "passphrase")
"""The parts of an API key, by the wire's names (CLOB docs, authentication)."""


def l2_message(timestamp_s: int, method: str, path: str, body: str = "") -> str:
    """What an API key's HMAC covers: `path` has no host and no query, `body` is the exact text sent."""
    return f"{timestamp_s}{method}{path}{body}"


def l2_signature(secret: str, timestamp_s: int, method: str, path: str, body: str = "") -> str:
    """POLY_SIGNATURE of an L2 request: HMAC-SHA256, URL-safe base64 with padding.

    Raises ValueError where the secret is not URL-safe base64 (the caller's fault).
    """
    try:
        key = base64.urlsafe_b64decode(secret)
    except (binascii.Error, ValueError):
        raise ValueError("the API secret is not URL-safe base64") from None
    message = l2_message(timestamp_s, method, path, body).encode()
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def l2_headers(
    *,
    address: str,
    api_key: str,
    secret: str,
    passphrase: str,
    timestamp_s: int,
    method: str,
    path: str,
    body: str = "",
) -> dict[str, str]:
    """The five headers of a request signed with an API key (CLOB docs, authentication)."""
    return {
        "POLY_ADDRESS": checksum_address(address),
        "POLY_SIGNATURE": l2_signature(secret, timestamp_s, method, path, body),
        "POLY_TIMESTAMP": str(timestamp_s),
        "POLY_API_KEY": api_key,
        "POLY_PASSPHRASE": passphrase,
    }


def auth_digest(address: str, timestamp_s: int, nonce: int, chain_id: int) -> bytes:
    """The 32 bytes that a wallet signs to create or derive an API key (EIP-712 ClobAuth, L1)."""
    domain = keccak(
        _AUTH_DOMAIN_TYPEHASH + keccak(b"ClobAuthDomain") + keccak(b"1") + _uint(chain_id, "chain_id")
    )
    struct = keccak(
        _AUTH_TYPEHASH
        + _address_word(address)
        + keccak(str(timestamp_s).encode())
        + _uint(nonce, "nonce")
        + keccak(_AUTH_MESSAGE)
    )
    return keccak(b"\x19\x01" + domain + struct)


def book_hash(book: Mapping[str, Any]) -> str:
    """SHA-1 of an order book (the REST object, in the key order that the hash needs) as 40 hex digits.

    Raises KeyError where the book lacks a key (the fault of whoever built the book).
    """
    payload = {key: "" if key == "hash" else book[key] for key in _BOOK_HASH_KEYS}
    for side in ("bids", "asks"):
        payload[side] = [{"price": level["price"], "size": level["size"]} for level in book[side]]
    return hashlib.sha1(exactjson.dumps(payload).encode()).hexdigest()
