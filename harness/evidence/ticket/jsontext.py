"""The JSON of an exported file: exact numbers, bounded depth, and what is whole of one that is damaged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from harness import exactjson

_DEPTH: Final = 64  # HAR nests nine levels, a Postman collection two more for each folder
_PASTED_LINES: Final = 60
"""Of a document among words: what is shorter is a body, which belongs to what stands before it."""
_HAR: Final = re.compile(r"\{\s*\"log\"\s*:")
_MOST_TRIES: Final = 20
_SPACE: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a text stops being JSON: its offset in characters, and what was expected there."""

    at: int
    why: str


def loads(text: str) -> Any:
    """Read the whole text. Raises ValueError where it is no JSON or nested too deeply."""
    return exactjson.loads(text, _DEPTH)


def pasted(text: str) -> str:
    """The JSON document of many lines that stands in a text between words; "" where there is none."""
    if text.lstrip()[:1] in ("{", "["):
        return ""
    for begun in islice(re.finditer(r"^[{\[]\s*$|^\{\s*\"log\"", text, re.M), _MOST_TRIES):
        try:
            _, end = json.JSONDecoder().raw_decode(text, begun.start())
        except (ValueError, RecursionError):
            continue
        if text.count("\n", begun.start(), end) >= _PASTED_LINES or _HAR.match(text, begun.start()):
            return text[begun.start() : end]
    return ""


def items_until_broken(text: str, key: str) -> tuple[list[tuple[int, Any]], Broken | None]:
    """The items of the first list of that key, each with its offset, up to where the text is damaged.

    For a file that was cut off or changed: what stands whole before the damage is as good as ever.
    """
    start = text.find(f'"{key}"')
    at = -1 if start < 0 else text.find("[", start + len(key) + 2)
    if at < 0:
        return [], Broken(max(start, 0), f"no list {key!r} begins")
    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)
    items: list[tuple[int, Any]] = []
    at = _skip(text, at + 1)
    while at < len(text) and text[at] != "]":
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            return items, Broken(error.pos, error.msg)
        except (ValueError, RecursionError) as error:
            return items, Broken(at, str(error))
        items.append((at, value))
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            break
    if text[at : at + 1] == "]":
        return items, None
    return items, Broken(at, "the text ends inside the list" if at >= len(text) else "expected is , or ]")


def line_of(text: str) -> Callable[[int], int]:
    """Gives the line (from 1) of an offset; asked in rising order it looks at the text only once."""
    at, line = 0, 1

    def line_at(offset: int) -> int:
        nonlocal at, line
        if offset < at:
            at, line = 0, 1
        line += text.count("\n", at, offset)
        at = offset
        return line

    return line_at


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
