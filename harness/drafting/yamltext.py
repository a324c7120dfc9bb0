"""YAML as a case is written by hand: plain where it can be, quoted where it must, mappings in one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from harness import exactjson

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_WORDS: Final = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_MARKS: Final = tuple((mark, True) for mark in ("$present", "$absent", "$lost", "$nothing", "$refused"))
WIDTH: Final = 140
_KEY: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]*")


def scalar(value: Any) -> str:
    """One value: a number as it is, a text plain or in double quotes (JSON's are YAML's)."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        return exactjson.dumps(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return exactjson.dumps(value)


def flow(value: Any) -> str:
    """A value in one line: `{status: 400, body: {error: "…"}}`."""
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value.items())) in _MARKS:
            return f"{{{next(iter(value))}}}"
        return "{" + ", ".join(f"{key_of(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and re.search(r"[,\[\]{}]", value):
        return exactjson.dumps(value)
    return scalar(value)


def entry(key: Any, value: Any, indent: int, begin: str = "") -> list[str]:
    """The lines of `key: value`: one where it fits, else one for each part of it, in YAML's block style."""
    return _laid(f"{' ' * indent}{begin}{key_of(key)}:", value, indent + len(begin))


def _laid(head: str, value: Any, indent: int) -> list[str]:
    line = f"{head} {flow(value)}"
    if len(line) <= WIDTH or not isinstance(value, Mapping | list | tuple) or not value:
        return [line]
    if isinstance(value, Mapping):
        return [head, *(line for key, item in value.items() for line in entry(key, item, indent + 2))]
    return [head, *(line for item in value for line in _item(item, indent + 2))]


def _item(item: Any, indent: int) -> list[str]:
    line = f"{' ' * indent}- {flow(item)}"
    if len(line) <= WIDTH or not isinstance(item, Mapping) or not item:
        return [line]
    (first, told), *rest = item.items()
    return [
        *entry(first, told, indent, "- "),
        *(line for key, each in rest for line in entry(key, each, indent + 2)),
    ]


def cut(text: str, width: int) -> str:
    """A text of at most `width` characters, cut behind a word, with `…` where something is missing."""
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    return f"{text[: width - 1].rpartition(' ')[0] or text[: width - 1]}…".replace(" …", "…")


def key_of(key: Any) -> str:
    """A key, quoted where it must be."""
    text = str(key)
    return text if _KEY.fullmatch(text) else exactjson.dumps(text)


def folded(text: str, indent: int, width: int = 110) -> list[str]:
    """The lines of a folded block (`>`), cut at blanks."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and indent + len(line) + 1 + len(word) > width:
            lines.append(" " * indent + line)
            line = word
        else:
            line = f"{line} {word}".lstrip()
    return [*lines, " " * indent + line] if line else lines
