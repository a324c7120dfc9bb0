"""Whatever the venue makes up: the only place where it draws. With a seed it draws the same every time."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections import Counter


class Chance:
    """Draws bytes and ids for a purpose.

    With a seed, what is drawn follows from the seed, the purpose and how often it was drawn for it before:
    what one part of the venue draws never changes what another does.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed
        self._drawn: Counter[str] = Counter()

    def bytes(self, count: int, purpose: str) -> bytes:
        """So many bytes."""
        if self._seed is None:
            return secrets.token_bytes(count)
        self._drawn[purpose] += 1
        source = f"{self._seed}/{purpose}/{self._drawn[purpose]}".encode()
        return hashlib.shake_256(source).digest(count)

    def hex(self, count: int, purpose: str) -> str:
        """So many bytes as lower-case hex digits."""
        return self.bytes(count, purpose).hex()

    def uuid(self, purpose: str) -> str:
        """A UUID of version 4, as text."""
        return str(uuid.UUID(bytes=self.bytes(16, purpose), version=4))
