"""FIX messages that a viewer shows a field in a line: `35 MsgType D`, `MsgType (35) = D`, `35=D`.

Rows from BeginString (8) to CheckSum (10) become one line of a FIX log. The value of a field whose code has a
name may have it behind it, in brackets or in a column of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

_ROWS: Final = (
    re.compile(r"\s*(?P<tag>[1-9][0-9]{0,4})\t+[A-Za-z][\w .]*\t+(?P<value>[^\t]*)(?:\t.*)?$"),
    re.compile(r"\s*\|?\s*(?P<tag>[1-9][0-9]{0,4})\s*\|\s*[A-Za-z]\w*\s*\|\s*(?P<value>[^|]*?)\s*(?:\|.*)?$"),
    re.compile(
        r"\s*[A-Za-z]\w* ?[(\[](?P<tag>[1-9][0-9]{0,4})[)\]] ?[=:] ?(?P<value>.*?)(?: \([A-Z_ ]+\))?\s*$"
    ),
    re.compile(r"\s*(?P<tag>[1-9][0-9]{0,4}) ?= ?(?P<value>[^\x01|=]*?)\s*$"),
)
_BEGIN: Final = re.compile(r"FIX[T.0-9]{2,8}")
_LEAST: Final = 5
_MOST: Final = 500
_LONGEST: Final = 4_096
"""Characters in such a line: what a text has in FIX; the forms go over it many times."""


def undone(lines: Sequence[str]) -> Iterator[str]:
    """The lines with each such table as one message, in its first line; its others are empty."""
    at = 0
    while at < len(lines):
        table = _table(lines, at) if "FIX" in lines[at] else []
        if len(table) >= _LEAST:
            yield "".join(f"{tag}={value}\x01" for tag, value in table)
            yield from [""] * (len(table) - 1)
            at += len(table)
        else:
            yield lines[at]
            at += 1


def _table(lines: Sequence[str], at: int) -> list[tuple[str, str]]:
    """The rows of a table that begins at a line; empty where none does."""
    for form in _ROWS:
        first = form.match(lines[at][:_LONGEST])
        if first is None or first["tag"] != "8" or _BEGIN.fullmatch(first["value"]) is None:
            continue
        rows: list[tuple[str, str]] = []
        for line in lines[at : at + _MOST]:
            found = form.match(line) if len(line) <= _LONGEST else None
            if found is None or (rows and found["tag"] == "8"):
                break
            rows.append((found["tag"], found["value"]))
            if found["tag"] == "10":
                break
        return rows
    return []
