"""The RSA key of an account: it signs Logons as Kalshi's FIX pages (authentication) say, and requests."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pss

from harness.wire.fix import tags

BITS: Final = 2048


@dataclass(frozen=True, slots=True)
class LogonKey:
    """A private key. Its text never shows it; what it signs is a secret, too."""

    name: str
    register: Callable[[str, str], None] = field(repr=False)
    key: RSA.RsaKey = field(repr=False)

    @classmethod
    def create(cls, name: str, register: Callable[[str, str], None]) -> LogonKey:
        """A new key of an actor, from the system's randomness; it is registered before it is used."""
        key = RSA.generate(BITS)
        register(f"{name}.logon_key", key.export_key("PEM", pkcs=8).decode())
        return cls(name, register, key)

    @property
    def public_key(self) -> str:
        """The public key as PEM."""
        return self.key.public_key().export_key("PEM").decode()

    def __call__(self, header: Mapping[int, str]) -> list[tuple[int, str]]:
        """RawDataLength and RawData of the Logon with this header: base64 of RSA-PSS over it (SHA-256)."""
        said = (
            header[tags.SENDING_TIME],
            tags.LOGON,
            header[tags.MSG_SEQ_NUM],
            header[tags.SENDER_COMP_ID],
            header[tags.TARGET_COMP_ID],
        )
        signature = self.signature("\x01".join(said), "logon_signature")
        return [(tags.RAW_DATA_LENGTH, str(len(signature))), (tags.RAW_DATA, signature)]

    def signature(self, said: str, label: str) -> str:
        """The base64 RSA-PSS signature (SHA-256) over a text; it is registered under this label first."""
        digest = SHA256.new(said.encode("latin-1"))
        signature = base64.b64encode(pss.new(self.key).sign(digest)).decode()
        self.register(f"{self.name}.{label}", signature)
        return signature
