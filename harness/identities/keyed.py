"""The keyed map: every value of a kind has one image of the same kind, and no two values share one.

An image is drawn from a pseudorandom stream (BLAKE2b) keyed by random bytes that nobody keeps, so that it
says nothing about its value; the table of what was drawn makes the map injective and lets it know its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from hashlib import blake2b
from typing import Final, TypeVar

V = TypeVar("V", bound=Hashable)

KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 64


class Draws:
    """The pseudorandom stream of one value: the same key, kind and value give the same stream."""

    def __init__(self, key: bytes, kind: str, value: Hashable) -> None:
        self._key = key
        self._about = f"{kind}\0{value}\0".encode("utf-8", "surrogatepass")
        self._blocks = 0
        self._rest = b""

    def bits(self, count: int) -> int:
        """A number below two to the power of `count`, a multiple of 8."""
        size_bytes = count // 8
        while len(self._rest) < size_bytes:
            self._blocks += 1
            about = self._about + self._blocks.to_bytes(8, "big")
            self._rest += blake2b(about, key=self._key, digest_size=_BLOCK_BYTES).digest()
        taken, self._rest = self._rest[:size_bytes], self._rest[size_bytes:]
        return int.from_bytes(taken, "big")

    def below(self, limit: int) -> int:
        """A number from 0 up to `limit`, without it."""
        return self.bits(128) % limit

    def one_of(self, characters: str) -> str:
        """One of these characters."""
        return characters[self.below(len(characters))]


class KeyedMap:
    """The map of one cassette. Its key and table are in memory only and end with it; neither ever shows."""

    __slots__ = ("_images", "_key", "_taken")

    def __init__(self, key: bytes | None = None) -> None:
        """`key` is for tests; otherwise it is drawn from the system's randomness and kept nowhere."""
        self._key = secrets.token_bytes(KEY_BYTES) if key is None else key
        self._images: dict[tuple[str, Hashable], Hashable] = {}
        self._taken: set[tuple[str, Hashable]] = set()

    def __repr__(self) -> str:
        return f"KeyedMap({len(self._images)} images)"

    def is_image(self, kind: str, value: Hashable) -> bool:
        """Whether this value was drawn here: an image is never mapped again."""
        return (kind, value) in self._taken

    def image(self, kind: str, value: V, draw: Callable[[Draws, int], V], is_free: Callable[[V], bool]) -> V:
        """The image of a value: drawn at its first use, the same ever after.

        `draw` makes a candidate of the value's shape; it is told how many have failed, so that it can leave
        the shape where a shape holds too few. `is_free` says that a candidate is no value itself.
        """
        held = self._images.get((kind, value))
        if held is not None:
            return held  # type: ignore[return-value] # by `draw`, of the value's type
        draws = Draws(self._key, kind, value)
        failed = 0
        while True:
            candidate = draw(draws, failed)
            if (kind, candidate) not in self._taken and candidate != value and is_free(candidate):
                self._images[kind, value] = candidate
                self._taken.add((kind, candidate))
                return candidate
            failed += 1
