"""HTTP messages as their bytes went over the wire, as text: chunks joined, codings undone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from harness import limits
from harness.evidence.exchanges import Omitted, kept

_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,256}\r\n")
_UNDONE: Final = frozenset(("content-encoding", "transfer-encoding", "content-length"))
"""Headers that are true of the bytes alone, and not of what is left of them."""


def joined(messages: Iterable[bytes]) -> str:
    """The messages as text, one behind another.

    Raises ValueError where they unpack to more than a file of a ticket may have.
    """
    texts, left = [], limits.TICKET_FILE_BYTES
    for message in messages:
        text = _text(message)
        left -= len(text)
        if left < 0:
            raise ValueError(f"its messages unpack to more than {limits.TICKET_FILE_BYTES} bytes")
        texts.append(text)
    return "\n\n".join(texts)


def _text(message: bytes) -> str:
    mark, line = (b"\r\n\r\n", "\r\n") if b"\r\n\r\n" in message else (b"\n\n", "\n")
    head, _, content = message.partition(mark)
    first, *rows = head.decode("latin-1").split(line)
    headers = [(name.strip(), value.strip()) for name, _, value in (row.partition(":") for row in rows)]
    is_chunked = any(name.lower() == "transfer-encoding" for name, _ in headers)
    body = kept(headers, _unchunked(content) if is_chunked else content)
    text = "" if isinstance(body, Omitted) else body.decode("utf-8", "replace")
    left = [row for row, (name, _) in zip(rows, headers, strict=True) if name.lower() not in _UNDONE]
    return "\n".join((first, *left, "", text))


def _unchunked(data: bytes) -> bytes:
    """A body without the sizes of its chunks (RFC 9112 §7.1); what is no chunk stays as it is."""
    pieces, at = [], 0
    while (found := _CHUNK.match(data, at)) is not None:
        size = int(found[1], 16)
        pieces.append(data[found.end() : found.end() + size])
        if not size:
            return b"".join(pieces)
        at = found.end() + size + 2
    return b"".join(pieces) or data
