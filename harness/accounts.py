"""Test accounts: a wallet, its API credentials, and how one is had from the venue."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import coincurve
import httpx
from eth_hash.auto import keccak

from harness import exactjson
from harness.errors import TargetError
from harness.wire import clob
from harness.wire.ctf import checksum_address

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
    """A leased account. The credentials never show in its text."""

    name: str
    wallet: Wallet
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)

    @property
    def facts(self) -> dict[str, str]:
        """What a case may refer to."""
        return {"address": self.wallet.address, "api_key": self.api_key}


def lease(name: str, rest_url: str, chain_id: int, wall_s: int, register: Register) -> Account:
    """Make a wallet and have the exchange give it an API key (L1 authentication).

    Raises TargetError where the exchange does not (the environment's fault).
    """
    wallet = Wallet.create()
    key = wallet.key.to_hex()
    register(f"{name}.private_key", key)
    signature = wallet.sign(clob.auth_digest(wallet.address, wall_s, 0, chain_id))
    register(f"{name}.auth_signature", signature)
    headers = {
        "POLY_ADDRESS": wallet.address,
        "POLY_SIGNATURE": signature,
        "POLY_TIMESTAMP": str(wall_s),
        "POLY_NONCE": "0",
    }
    try:
        with httpx.Client(trust_env=False, timeout=10) as client:
            response = client.post(f"{rest_url}/auth/api-key", headers=headers)
    except httpx.HTTPError as error:
        raise TargetError("T002", f"no API key for {name!r}: {error} ({rest_url}/auth/api-key)") from None
    if response.status_code != 200:
        raise TargetError("T002", f"no API key for {name!r}: {response.status_code} {response.text[:200]}")
    given = exactjson.loads(response.content)
    for part in ("apiKey", "secret", "passphrase"):
        register(f"{name}.{part}", given[part])
    return Account(name, wallet, given["apiKey"], given["secret"], given["passphrase"])
