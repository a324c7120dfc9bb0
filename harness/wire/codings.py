"""Content codings of HTTP bodies, decoded piece by piece within limits. No I/O. Source: RFC 9110 §8.4.

Only what the standard library decodes is asked for. What comes in any other coding is refused: nobody could
look for secrets in it.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

from harness.limits import HTTP_BODY_BYTES, HTTP_INFLATION, HTTP_INFLATION_FROM_BYTES

ACCEPTED: Final = "gzip, deflate"
"""What requests ask for, as the value of Accept-Encoding."""
_GZIP: Final = 16 + zlib.MAX_WBITS
_GZIPPED: Final = ("gzip", "x-gzip")


class CodingError(ValueError):
    """The body is in a coding that was not asked for, or not in the one that its head names."""


class TooLargeError(ValueError):
    """A limit was passed; the text names it."""


class Body:
    """A body as it grows. `content_encoding` is its header's value, empty where there is none."""

    def __init__(self, content_encoding: str) -> None:
        """Raises CodingError for a coding that we do not decode."""
        named = [part.strip().lower() for part in content_encoding.split(",")]
        codings = [coding for coding in named if coding not in ("", "identity")]
        if len(codings) > 1 or not {*codings} <= {*_GZIPPED, "deflate"}:
            text = f"content-encoding is {content_encoding!r}, and {ACCEPTED!r} or nothing was asked for"
            raise CodingError(f"{text}: leave accept-encoding to us")
        self._coding = codings[0] if codings else ""
        self._inflater: Any = zlib.decompressobj(_GZIP) if self._coding in _GZIPPED else None
        self._start = b""
        self._held = bytearray()
        self._came_bytes = 0

    def take(self, data: bytes) -> None:
        """Add a piece as it came. Raises TooLargeError before more than the limits is held; CodingError."""
        self._came_bytes += len(data)
        if not self._coding:
            self._hold(data)
            return
        if self._inflater is None:
            self._start += data
            if len(self._start) < 2:
                return
            data, self._inflater = self._start, zlib.decompressobj(_deflate_format(self._start))
        try:
            self._inflate(data)
        except zlib.error as error:
            raise CodingError(f"the body is no {self._coding}: {error}") from None

    def whole(self) -> bytes:
        """The decoded body. Raises CodingError where its coding ends too early."""
        if self._coding and self._came_bytes and not (self._inflater and self._inflater.eof):
            raise CodingError(f"the body ends within its {self._coding}")
        return bytes(self._held)

    def _inflate(self, data: bytes) -> None:
        while data:
            if self._inflater.eof:
                if self._coding == "deflate":
                    raise CodingError(f"{len(data)} bytes follow the end of the body's deflate")
                self._inflater = zlib.decompressobj(_GZIP)  # several members are one body (RFC 1952 §2.2)
            self._hold(self._inflater.decompress(data, self._room))
            data = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail

    @property
    def _room(self) -> int:
        """What may be decoded at once: to the next limit, and a byte more to see that it is passed."""
        inflated = max(HTTP_INFLATION_FROM_BYTES, HTTP_INFLATION * self._came_bytes)
        return min(HTTP_BODY_BYTES, inflated) - len(self._held) + 1

    def _hold(self, piece: bytes) -> None:
        self._held += piece
        if len(self._held) > HTTP_BODY_BYTES:
            raise TooLargeError(f"the body is larger than {HTTP_BODY_BYTES} bytes")
        if len(self._held) > max(HTTP_INFLATION_FROM_BYTES, HTTP_INFLATION * self._came_bytes):
            came = f"the body's {self._came_bytes} bytes"
            raise TooLargeError(f"{came} decode to more than {HTTP_INFLATION} times as many")


def _deflate_format(start: bytes) -> int:
    """With zlib's head or, as some send it, without (RFC 9110 §8.4.1.2); RFC 1950 tells them apart."""
    has_head = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if has_head else -zlib.MAX_WBITS
