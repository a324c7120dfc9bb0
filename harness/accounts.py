"""Test accounts: a wallet, its API credentials, and how one is had from the venue."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import coincurve
from eth_hash.auto import keccak

from harness import exactjson
from harness.channels.dial import Dial
from harness.channels.web import UnansweredError, Web
from harness.clock import RunClock
from harness.errors import TargetError
from harness.pool.values import FixedSession
from harness.redact import MIN_SECRET_CHARS
from harness.wire import clob, wallets
from harness.wire.ctf import checksum_address
from harness.wire.exchange import Answer, request_of

Register = Callable[[str, str], None]
"""Tells the redactor of a secret: (label, value)."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """A key that signs. Its text never shows the key."""

    key: coincurve.PrivateKey = field(repr=False)

    @classmethod
    def create(cls) -> Wallet:
        """A new wallet from the system's randomness; never from a seed that a cassette holds."""
        return cls(coincurve.PrivateKey(secrets.token_bytes(32)))

    @classmethod
    def of(cls, key: str) -> Wallet:
        """The wallet of a private key in hex. Raises ValueError where it is none."""
        return cls(coincurve.PrivateKey(bytes.fromhex(key.removeprefix("0x"))))

    @property
    def address(self) -> str:
        """The wallet's address, checksummed."""
        public = self.key.public_key.format(compressed=False)[1:]
        return checksum_address("0x" + keccak(public)[-20:].hex())

    def sign(self, digest: bytes) -> str:
        """The 65-byte signature r, s, v over a 32-byte digest, as 0x hex."""
        raw = self.key.sign_recoverable(digest, hasher=None)
        return "0x" + raw[:64].hex() + f"{raw[64] + 27:02x}"


@dataclass(frozen=True, slots=True)
class Account:
    """A leased account: a key, its API credentials, and the kind of wallet (wallets.KINDS) it trades from.

    The credentials never show in its text. Raises ValueError for an unknown kind (the caller's fault).
    """

    name: str
    wallet: Wallet
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)
    kind: str = "eoa"
    sessions: Mapping[str, FixedSession] = field(default_factory=dict)
    """Its own FIX sessions by their kind, where the gateway has fixed ones for it."""

    def __post_init__(self) -> None:
        if self.kind not in wallets.KINDS:
            raise ValueError(f"there is no wallet {self.kind!r}: name one of {', '.join(wallets.KINDS)}")

    def with_sessions(self, sessions: Mapping[str, FixedSession]) -> Account:
        """The account with FIX sessions of its own."""
        return replace(self, sessions=sessions)

    @property
    def funder(self) -> str:
        """The address that holds the funds and makes the orders: the key's own, or its wallet's."""
        return wallets.wallet_of(self.wallet.address, self.kind)

    @property
    def facts(self) -> dict[str, str]:
        """What a case may refer to: the key's address, its wallets, and which of them it trades from."""
        owner = self.wallet.address
        return {
            "address": owner,
            "api_key": self.api_key,
            "proxy": wallets.proxy_wallet(owner),
            "safe": wallets.safe_wallet(owner),
            "deposit_wallet": wallets.deposit_wallet(owner),
            "wallet": self.kind,
            "funder": self.funder,
        }


def l1_headers(
    name: str, wallet: Wallet, chain_id: int, wall_s: int, nonce: int, register: Register
) -> dict[str, str]:
    """The headers of a request that a wallet signs itself (L1 authentication); registers the signature."""
    signature = wallet.sign(clob.auth_digest(wallet.address, wall_s, nonce, chain_id))
    register(f"{name}.auth_signature", signature)
    return {
        "POLY_ADDRESS": wallet.address,
        "POLY_SIGNATURE": signature,
        "POLY_TIMESTAMP": str(wall_s),
        "POLY_NONCE": str(nonce),
    }


def lease(
    name: str,
    rest_url: str,
    *,
    dial: Dial,
    chain_id: int,
    wall_s: int,
    register: Register,
    wallet_kind: str = "eoa",
    wallet: Wallet | None = None,
) -> Account:
    """Have the exchange give a key its API key (L1 authentication): the one that it derives for a `wallet`
    that is there already, or a first one; without, a new wallet is made. It trades from `wallet_kind`.

    Raises TargetError T002 where the exchange does not (the environment's fault).
    """
    had = wallet is not None
    wallet = wallet or Wallet.create()
    register(f"{name}.private_key", wallet.key.to_hex())
    headers = l1_headers(name, wallet, chain_id, wall_s, 0, register)
    ways = (*((("GET", "/auth/derive-api-key"),) if had else ()), ("POST", "/auth/api-key"))
    try:
        with Web(rest_url, dial, RunClock()) as web:
            for method, path in ways:
                answer = web.exchange(request_of(method, web.host, web.path + path, {**headers}))
                if parts := _credentials(answer):
                    break
    except UnansweredError as error:
        raise TargetError("T002", f"no API key for {name!r}: {error} ({rest_url}{path})") from None
    for part, value in parts.items():
        register(f"{name}.{part}", value)
    if not parts:
        shown = answer.body[:200].decode(errors="replace") if answer.status != 200 else "without one in it"
        raise TargetError("T002", f"no API key for {name!r}: {answer.status} {shown}")
    return Account(name, wallet, parts["apiKey"], parts["secret"], parts["passphrase"], wallet_kind)


def _credentials(answer: Answer) -> dict[str, str]:
    """The API key in an answer, by its parts; empty where there is none."""
    try:
        given = exactjson.loads(answer.body) if answer.status == 200 else {}
        parts = {part: given[part] for part in clob.CREDENTIALS}
    except (ValueError, TypeError, KeyError):
        return {}
    usable = all(isinstance(value, str) and len(value) >= MIN_SECRET_CHARS for value in parts.values())
    return parts if usable else {}
