"""Keys that an account asks for beside its API keys: read-only and builder keys. They open nothing here.

CLOB docs, authentication and builders. Time is an argument.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.venue.chance import Chance


class ReadonlyKeys:
    """The read-only keys of all accounts, by address."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._of: dict[str, list[str]] = {}

    def create(self, address: str) -> str:
        """A new key."""
        key = self._chance.uuid(f"read-only key {address}")
        self._of.setdefault(address, []).append(key)
        return key

    def of_address(self, address: str) -> list[str]:
        """An account's keys, as they were made."""
        return list(self._of.get(address, ()))

    def delete(self, address: str, key: str) -> bool:
        """Forget a key; False where the account has none such."""
        own = self._of.get(address, [])
        if key not in own:
            return False
        own.remove(key)
        return True


@dataclass(slots=True, eq=False)
class BuilderKey:
    """One builder key; it stays listed when it is revoked."""

    key: str
    created_s: int
    revoked_s: int | None = None

    def view(self) -> dict[str, Any]:
        """As the list of keys shows it: without its secret."""
        revoked = None if self.revoked_s is None else stamp(self.revoked_s)
        return {"key": self.key, "createdAt": stamp(self.created_s), "revokedAt": revoked}


class BuilderKeys:
    """The builder keys of all accounts, by address."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._of: dict[str, list[BuilderKey]] = {}

    def create(self, address: str, now_s: int) -> dict[str, str]:
        """A new key with its secret and passphrase, told this once."""
        draw, of = self._chance, f"builder {address}"
        made = BuilderKey(draw.uuid(f"key {of}"), now_s)
        self._of.setdefault(address, []).append(made)
        secret = base64.urlsafe_b64encode(draw.bytes(32, f"secret {of}")).decode()
        return {"key": made.key, "secret": secret, "passphrase": draw.hex(32, f"passphrase {of}")}

    def of_address(self, address: str) -> list[BuilderKey]:
        """An account's keys, as they were made, revoked ones too."""
        return list(self._of.get(address, ()))

    def newest(self, address: str) -> str | None:
        """The newest key of an account that is not revoked."""
        return next((row.key for row in reversed(self.of_address(address)) if row.revoked_s is None), None)

    def revoke(self, address: str, key: str, now_s: int) -> bool:
        """Revoke a key; False where the account has none such that is in force."""
        for row in self.of_address(address):
            if row.key == key and row.revoked_s is None:
                row.revoked_s = now_s
                return True
        return False


def stamp(at_s: int) -> str:
    """Unix seconds as the wire writes a day and time: 2026-11-02T10:11:12Z."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
