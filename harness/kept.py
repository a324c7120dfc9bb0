"""The lines of a journal as values: each is followed by a check, so that what is read back was written.

    {"journal":{"pid":4711}}
    one line
    {"kept":"sha256:…"}

A check is the digest of every byte of the file before it. A journal has no end: whatever was torn off,
flipped, lost, doubled or left over from an older journal, what is read is an exact prefix of its lines.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Final

_HOLDER: Final = re.compile(rb'\{"journal":\{"pid":([0-9]{1,10})\}\}\n')
_CHECK: Final = b'{"kept":"sha256:%s"}\n'


@dataclass(slots=True)
class Keeping:
    """What a journal's writer writes: its holder, then every line with its check."""

    _digest: Any = field(default_factory=hashlib.sha256)

    def begin(self, pid: int) -> bytes:
        """The first line, which names the process that writes."""
        return self._written(b'{"journal":{"pid":%d}}\n' % pid)

    def line(self, line: bytes) -> bytes:
        """A line and its check. ValueError (the caller's fault) for what is not one line with its newline."""
        if not line.endswith(b"\n") or line.count(b"\n") != 1:
            raise ValueError("a journal's line ends with its only newline")
        self._digest.update(line)
        return line + self._written(_CHECK % self._digest.hexdigest().encode())

    def _written(self, data: bytes) -> bytes:
        self._digest.update(data)
        return data


def is_journal(data: bytes) -> bool:
    """Whether a file begins as a journal does."""
    return _HOLDER.match(data) is not None


def holder(data: bytes) -> int | None:
    """The process that a journal names, None where it names none."""
    named = _HOLDER.match(data)
    return int(named[1]) if named else None


def kept(data: bytes) -> list[bytes]:
    """The lines of a journal, without their newlines, up to the first whose check does not fit."""
    named = _HOLDER.match(data)
    if named is None:
        return []
    digest = hashlib.sha256(named[0])
    lines: list[bytes] = []
    start = named.end()
    while (end := data.find(b"\n", start) + 1) > 0:
        line = data[start:end]
        digest.update(line)
        check = _CHECK % digest.hexdigest().encode()
        if not data.startswith(check, end):
            break
        digest.update(check)
        lines.append(line[:-1])
        start = end + len(check)
    return lines
