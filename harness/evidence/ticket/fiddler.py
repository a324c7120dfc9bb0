"""Fiddler's archive of sessions (`.saz`): a zip with a request, an answer and a note for each exchange.

Source: Fiddler's documentation of the SAZ format (`raw/N_c.txt`, `raw/N_s.txt`, `raw/N_m.xml`).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Final

from harness import limits
from harness.evidence.exchanges import Omitted, kept

_PART: Final = re.compile(r"raw/(?P<number>[0-9]{1,9})_(?P<side>[cs]\.txt|m\.xml)")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r\n")


def parts_of(archive: zipfile.ZipFile) -> set[str]:
    """The names of its files that are a session's; empty where it is no archive of Fiddler's."""
    return {name for name in archive.namelist() if _PART.fullmatch(name)}


def text_of(archive: zipfile.ZipFile, names: set[str]) -> str:
    """Its requests and answers as HTTP in text, in the order of their numbers."""
    return "\n\n".join(_messages(archive, names))


def _messages(archive: zipfile.ZipFile, names: set[str]) -> Iterator[str]:
    left = limits.TICKET_FILE_BYTES
    for name in sorted(names, key=_session_number):
        if name.endswith(".xml"):
            continue
        with archive.open(name) as file:
            data = file.read(left + 1)
        left = max(0, left - len(data))
        head, _, content = data.partition(b"\r\n\r\n")
        rows = head.decode("latin-1").split("\r\n")
        headers = [(key.strip(), value.strip()) for key, _, value in (row.partition(":") for row in rows[1:])]
        chunked = any(key.lower() == "transfer-encoding" for key, _ in headers)
        body = kept(headers, _joined_chunks(content) if chunked else content)
        text = "" if isinstance(body, Omitted) else body.decode("utf-8", "replace")
        left_out = ("content-encoding", "transfer-encoding", "content-length")
        rows = [rows[0], *(row for row in rows[1:] if row.partition(":")[0].lower() not in left_out)]
        yield "\n".join((*rows, "", text))


def _session_number(name: str) -> tuple[int, str]:
    found = _PART.fullmatch(name)
    return (int(found["number"]), found["side"]) if found is not None else (0, "")


def _joined_chunks(data: bytes) -> bytes:
    """A body without the sizes of its chunks (RFC 9112 §7.1); what is no chunk stays as it is."""
    joined, rest = b"", data
    while (found := _CHUNK.match(rest)) is not None:
        size = int(found[1], 16)
        joined += rest[found.end() : found.end() + size]
        if not size:
            return joined
        rest = rest[found.end() + size + 2 :]
    return joined or data
