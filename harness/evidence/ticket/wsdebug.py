"""The debug log of Python's `websockets`, as the lines of a WebSocket log. Source: websockets 13 to 17.

It tells each frame as Python writes a text (`> TEXT '{…}' [123 bytes]`), among the handshake and keepalives.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Final

from harness.evidence.ticket import stamps

_LINE: Final = re.compile(
    r"\bwebsockets(?:\.\w+)*\b(?:[^<>=%!\w]+(?:DEBUG|debug))?[^<>=%!x\w]{0,4}(?P<mark>[<>=%!x]) (?P<rest>.*)$"
)
_FRAME: Final = re.compile(r"TEXT (?P<text>'.*'|\".*\") \[[^\]]*bytes[^\]]*\]$")
_CLOSE: Final = re.compile(r"CLOSE (?P<code>[1-4][0-9]{3})(?: \([^)]*\))?(?P<reason>.*?)(?: \[[^\]]*\])?$")
_CUT: Final = "..."


def is_debugged(text: str) -> bool:
    """Whether a text holds such lines."""
    return "connection is OPEN" in text or re.search(r"\bwebsockets\b[^\n]{0,30}[<>] TEXT ", text) is not None


def undone(lines: Sequence[str]) -> Iterator[str]:
    """Each line as a log of frames has it: arrows, Connected, Disconnected; others are empty."""
    path = host = ""
    for line in lines:
        found = _LINE.search(line)
        if found is None:
            yield line
            continue
        when = line[: len(line) - len(stamps.leading(line)[1])]
        mark, rest = found["mark"], found["rest"]
        if mark == ">" and rest.startswith("GET "):
            path = rest.split()[1]
        elif mark == ">" and rest.startswith("Host: "):
            host = rest.split()[1]
        if mark == "=" and "OPEN" in rest:
            yield f"{when} Connected ws://{host}{path}".strip()
        elif (frame := _FRAME.match(rest)) is not None and _CUT not in frame["text"]:
            yield f"{when} {mark} {_text(frame['text'])}".strip()
        elif mark == "<" and (close := _CLOSE.match(rest)) is not None:
            yield f'{when} Disconnected (code: {close["code"]}, reason: "{close["reason"].strip()}")'.strip()
        else:
            yield "" if frame is None else line


def _text(literal: str) -> str:
    try:
        return str(ast.literal_eval(literal))
    except (ValueError, SyntaxError):
        return literal[1:-1]
