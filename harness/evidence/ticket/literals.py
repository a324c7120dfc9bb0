"""Values as programs print them: JSON, Python's repr, and what Node's console writes of an object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from harness import exactjson
from harness.evidence.ticket.textlines import Lines

_TOKEN: Final = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|(?P<name>[A-Za-z_$][\w$]*)"""
    r"""|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?P<big>n)?|(?P<mark>[{}()\[\],:])|(?P<space>\s+)"""
)
_WORDS: Final = {"undefined": "null", "null": "null", "true": "true", "false": "false", "NaN": "null",
          "None": "null", "True": "true", "False": "false"}  # fmt: skip
_DECIMAL: Final = re.compile(r"\b(?:Decimal|HexBytes)\(('[0-9a-fx.]+')\)")
_LISTS: Final = {"(": "[", ")": "]"}
_HIDDEN: Final = re.compile(r"\[(?:Object|Array|Circular|Getter|Function)|\.\.\. [0-9]+ more")
_LONGEST: Final = 400
"""Lines of one value; an order has 30, a page of trades some thousands, which nobody prints."""


def loads(text: str) -> Any:
    """The value that a text is. Raises ValueError where it is none, or a part was not printed."""
    try:
        return exactjson.loads(text)
    except ValueError:
        pass
    if _HIDDEN.search(text):
        raise ValueError("a part of it was not printed")
    return exactjson.loads("".join(_as_json(_DECIMAL.sub(r"\1", text).replace("AttributeDict(", "("))))


def until_closed(lines: Lines, at: int, start: str) -> tuple[int, str]:
    """A value that begins in line `at` with `start` and may go on below: the line behind it, and its text.

    Where it is never closed, it is `start` alone.
    """
    text, depth = start, _depth(start)
    for number in range(at + 1, min(at + _LONGEST, len(lines)) if depth > 0 else 0):
        text += f"\n{lines[number]}"
        depth += _depth(lines[number])
        if depth <= 0:
            return number + 1, text
    return at + 1, start


def _depth(line: str) -> int:
    bare = re.sub(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", "", line)
    return sum(bare.count(mark) for mark in "{[") - sum(bare.count(mark) for mark in "}]")


def _as_json(text: str) -> Iterator[str]:
    """What Node and Python print, as JSON: names quoted, quotes doubled, undefined as null."""
    at, held = 0, ""
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"{text[at : at + 20]!r} is no value")
        at = found.end()
        if found["space"]:
            continue
        mark = _LISTS.get(found["mark"], found["mark"])
        if held == "," and mark in ("}", "]"):
            held = ""
        yield held
        held = ""
        if mark:
            held = mark
        elif found["text"]:
            yield json.dumps(re.sub(r"\\(.)", _escaped, found["text"][1:-1], flags=re.S))
        elif found["number"]:
            yield found["number"]
        else:
            is_key = text[at:].lstrip()[:1] == ":"
            if not is_key and found["name"] not in _WORDS:
                raise ValueError(f"{found['name']!r} is no value")
            yield json.dumps(found["name"]) if is_key else _WORDS[found["name"]]
    yield held


def _escaped(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1])
