"""Escapes undone with a map back: what a text says once URL, JSON and XML escapes are read."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LEVELS: Final = 4
"""How often a text may be escaped over: JSON in JSON in a URL in a cassette's line."""

_UNIT: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}"
    r"|\\[\"'\\/bfnrt]"
    r"|%[0-7][0-9a-fA-F]|%[c-fC-F][0-9a-fA-F](?:%[89abAB][0-9a-fA-F]){1,3}"
    r"|&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});"
)
_PLAIN: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_KINDS: Final = {"%": "url", "\\": "json", "&": "xml"}
_HIDDEN: Final = re.compile(
    r"\\u00[3-7][0-9a-fA-F]|\\x[3-7][0-9a-fA-F]|%(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])|&#"
)


def hides_letters(text: str) -> bool:
    """Whether letters or digits may be escaped in the text, which no encoder needs to do."""
    return ("\\" in text or "%" in text or "&#" in text) and _HIDDEN.search(text) is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with one level of its escapes undone.

    Of each escape: where it stands in `text` (`begins`, `ends`) and where in the text before (`from_`, `to`).
    """

    text: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    from_: tuple[int, ...]
    to: tuple[int, ...]

    def before(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of this text, of at least one character, stands in the text before."""
        return self._start(start), self._end(end - 1)

    def _start(self, at: int) -> int:
        escape = bisect_right(self.begins, at) - 1
        if escape < 0:
            return at
        if at < self.ends[escape]:
            return self.from_[escape]
        return self.to[escape] + at - self.ends[escape]

    def _end(self, last: int) -> int:
        escape = bisect_right(self.begins, last) - 1
        if escape >= 0 and last < self.ends[escape]:
            return self.to[escape]
        return self._start(last) + 1


def readings(text: str) -> Iterator[Reading]:
    """The text with one level of escapes undone, then with two, and so on while there are any."""
    for _ in range(LEVELS):
        reading = _read(text)
        if reading is None:
            return
        yield reading
        text = reading.text


def kind_of(text: str) -> str:
    """By its first escape, how a stretch of text is escaped: url, json or xml; "" where it is not."""
    found = _UNIT.search(text)
    return "" if found is None else _KINDS[found[0][0]]


def _read(text: str) -> Reading | None:
    if "\\" not in text and "%" not in text and "&" not in text:
        return None
    pieces: list[str] = []
    spans: list[tuple[int, int, int, int]] = []
    done = size = 0
    for unit in _UNIT.finditer(text):
        meant = _meant(unit[0])
        pieces += text[done : unit.start()], meant
        size += unit.start() - done
        spans.append((size, size + len(meant), unit.start(), unit.end()))
        size += len(meant)
        done = unit.end()
    if not spans:
        return None
    pieces.append(text[done:])
    return Reading("".join(pieces), *zip(*spans, strict=True))


def _meant(unit: str) -> str:
    if unit[0] == "&":
        return html.unescape(unit)
    if unit[0] == "%":
        return bytes.fromhex(unit.replace("%", "")).decode("utf-8", "replace")
    if len(unit) == 12:  # two that are one letter
        high, low = int(unit[2:6], 16), int(unit[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
    if unit[1] in "ux":
        return chr(int(unit[2:], 16))
    return _PLAIN.get(unit[1], unit[1])
