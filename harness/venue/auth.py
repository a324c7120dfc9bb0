"""Who is calling: wallets sign for API keys (L1), API keys sign requests (L2). CLOB docs, authentication."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eth_account import Account
from eth_account.messages import encode_typed_data

from harness.venue import texts
from harness.venue.chance import Chance
from harness.venue.faults import RefusalError
from harness.wire.clob import l2_signature
from harness.wire.ctf import checksum_address

# The exchange does not document its window. Users report about a minute behind, and that running ahead fails.
BEHIND_LIMIT_S: Final = 60
AHEAD_LIMIT_S: Final = 10
_MESSAGE = "This message attests that I control the given wallet"
_FIELDS = {"address": "address", "timestamp": "string", "nonce": "uint256", "message": "string"}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One API key of one wallet."""

    key: str
    secret: str
    passphrase: str
    address: str

    def __post_init__(self) -> None:
        if checksum_address(self.address) != self.address:
            raise ValueError(f"{self.address!r} is not in EIP-55's mixed case")

    def view(self) -> dict[str, str]:
        """As the wire hands it to its owner."""
        return {"apiKey": self.key, "secret": self.secret, "passphrase": self.passphrase}


class Keys:
    """All API keys: one for each wallet and nonce."""

    def __init__(self, chain_id: int, chance: Chance) -> None:
        self._chain_id = chain_id
        self._chance = chance
        self._by_wallet: dict[tuple[str, int], ApiKey] = {}
        self._by_key: dict[str, ApiKey] = {}

    def create(self, headers: Mapping[str, str], now_s: int) -> ApiKey:
        """A new key for the wallet and nonce that signed. Raises RefusalError (401, 400)."""
        wallet = self._wallet(headers, now_s)
        if wallet in self._by_wallet:
            raise RefusalError(400, texts.NOT_CREATED)
        draw, of = self._chance, f"{wallet[0]} {wallet[1]}"
        secret = base64.urlsafe_b64encode(draw.bytes(32, f"secret {of}")).decode()
        key = ApiKey(draw.uuid(f"key {of}"), secret, draw.hex(32, f"passphrase {of}"), wallet[0])
        self._by_wallet[wallet] = self._by_key[key.key] = key
        return key

    def derive(self, headers: Mapping[str, str], now_s: int) -> ApiKey:
        """The key made before for the wallet and nonce that signed. Raises RefusalError (401, 400)."""
        found = self._by_wallet.get(self._wallet(headers, now_s))
        if found is None:
            raise RefusalError(400, texts.NOT_DERIVED)
        return found

    def delete(self, key: ApiKey) -> None:
        """Forget a key: it opens nothing any more, and its wallet's nonce is free again."""
        self._by_wallet = {wallet: row for wallet, row in self._by_wallet.items() if row is not key}
        self._by_key.pop(key.key, None)

    def of_address(self, address: str) -> list[str]:
        """The ids of a wallet's keys."""
        return [key.key for key in self._by_key.values() if key.address == address]

    def caller(self, headers: Mapping[str, str], method: str, path: str, body: str, now_s: int) -> ApiKey:
        """The key that signed a request. Raises RefusalError 401, with one text for every reason."""
        found = self._by_key.get(headers.get("POLY_API_KEY", ""))
        stamp = headers.get("POLY_TIMESTAMP", "")
        if found is None or not _timely(stamp, now_s):
            raise RefusalError(401, texts.L2_REFUSED)
        signature = l2_signature(found.secret, int(stamp), method, path, body)
        fits = (
            hmac.compare_digest(headers.get("POLY_SIGNATURE", "").encode(), signature.encode())
            and headers.get("POLY_PASSPHRASE") == found.passphrase
            and headers.get("POLY_ADDRESS", "").lower() == found.address.lower()
        )
        if not fits:
            raise RefusalError(401, texts.L2_REFUSED)
        return found

    def in_clear(self, key: object, secret: object, passphrase: object) -> ApiKey | None:
        """The key whose three texts were sent in clear (user channel); None where they do not fit."""
        found = self._by_key.get(key) if isinstance(key, str) else None
        if found is None or (found.secret, found.passphrase) != (secret, passphrase):
            return None
        return found

    def _wallet(self, headers: Mapping[str, str], now_s: int) -> tuple[str, int]:
        stamp, nonce = headers.get("POLY_TIMESTAMP", ""), headers.get("POLY_NONCE", "0")
        if not _timely(stamp, now_s) or not nonce.isascii() or not nonce.isdigit() or len(nonce) > 77:
            raise RefusalError(401, texts.L1_REFUSED)
        try:
            address = checksum_address(headers.get("POLY_ADDRESS", ""))
            signature = bytes.fromhex(headers.get("POLY_SIGNATURE", "").removeprefix("0x"))
            message = encode_typed_data(full_message=_auth_data(address, stamp, int(nonce), self._chain_id))
            signer = Account.recover_message(message, signature=signature)
        except Exception:  # whatever eth_account and its curve library raise for a malformed signature
            raise RefusalError(401, texts.L1_REFUSED) from None
        if signer != address:
            raise RefusalError(401, texts.L1_REFUSED)
        return address, int(nonce)


def _timely(stamp: str, now_s: int) -> bool:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 20:
        return False
    return now_s - BEHIND_LIMIT_S <= int(stamp) <= now_s + AHEAD_LIMIT_S


def _auth_data(address: str, stamp: str, nonce: int, chain_id: int) -> dict[str, object]:
    return {
        "primaryType": "ClobAuth",
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
            ],
            "ClobAuth": [{"name": name, "type": kind} for name, kind in _FIELDS.items()],
        },
        "domain": {"name": "ClobAuthDomain", "version": "1", "chainId": chain_id},
        "message": {"address": address, "timestamp": stamp, "nonce": nonce, "message": _MESSAGE},
    }
