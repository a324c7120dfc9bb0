"""Fiddler's archive of sessions (`.saz`): a zip with a request, an answer and a note for each exchange.

Source: Fiddler's documentation of the SAZ format (`raw/N_c.txt`, `raw/N_s.txt`, `raw/N_m.xml`).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Final

from harness import limits
from harness.evidence.ticket import rawhttp

_PART: Final = re.compile(r"raw/(?P<number>[0-9]{1,9})_(?P<side>[cs]\.txt|m\.xml)")


def parts_of(archive: zipfile.ZipFile) -> set[str]:
    """The names of its files that are a session's; empty where it is no archive of Fiddler's."""
    return {name for name in archive.namelist() if _PART.fullmatch(name)}


def text_of(archive: zipfile.ZipFile, names: set[str]) -> str:
    """Its requests and answers as HTTP in text, in the order of their numbers.

    Raises ValueError where they unpack to more than a file of a ticket may have.
    """
    return rawhttp.joined(_messages(archive, names))


def _messages(archive: zipfile.ZipFile, names: set[str]) -> Iterator[bytes]:
    left = limits.TICKET_FILE_BYTES
    for name in sorted(names, key=_session_number):
        if name.endswith(".xml"):
            continue
        with archive.open(name) as file:
            data = file.read(left + 1)
        left -= len(data)
        if left < 0:
            raise ValueError(f"its sessions unpack to more than {limits.TICKET_FILE_BYTES} bytes")
        yield data


def _session_number(name: str) -> tuple[int, str]:
    found = _PART.fullmatch(name)
    return (int(found["number"]), found["side"]) if found is not None else (0, "")
