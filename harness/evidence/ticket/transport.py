"""What the way to us did to a text: quoted-printable, HTML, escapes of HTML, lines wrapped in the middle.

Undone before a text is read line by line, each told, and each line keeps the number that it had in the file
as far as the undoing keeps lines.
"""

from __future__ import annotations

import binascii
import html
import json
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_QUOTED: Final = re.compile(r"^Content-Transfer-Encoding:\s*quoted-printable", re.I | re.M)
_SOFT: Final = re.compile(r"=[ \t]*\r?$", re.M)
_TAGS: Final = (
    "html|head|body|p|pre|div|br|span|table|tbody|tr|td|th|ul|ol|li|b|i|a|font|code|h[1-6]|style|meta"
)
_HTML: Final = re.compile(r"</(?:p|pre|div|html|body|span|td|table|code)>|<br ?/?>", re.I)
_ENDS_LINE: Final = re.compile(r"<br ?/?>\r?\n?|</(?:p|div|pre|tr|li|h[1-6])>", re.I)
_TAG: Final = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.I)
_ENTITY: Final = re.compile(r"&(?:quot|amp|lt|gt|apos|nbsp|#[0-9]{1,4}|#x[0-9A-Fa-f]{1,4});")
_FIX_START: Final = re.compile(r"8=FIX[T.0-9]{2,8}(?:\x01|\||\^A|\\x01|\\u0001|<SOH>)(?:9=[0-9]+|35=)")
_FIX_END: Final = re.compile(r"(?:\x01|\||\^A|\\x01|\\u0001|<SOH>)10=[0-9]{3}")
_MOST_WRAPS: Final = 40
_SAYS: Final = ("message", "msg", "log", "event", "text")
_TIMES: Final = ("timestamp", "ts", "time", "asctime", "@timestamp")
_OF_A_LOG: Final = re.compile(r"HTTP Request: [A-Z]+ |\[py_clob_client_v2\]|receive_response_headers|8=FIX")


@dataclass(frozen=True, slots=True)
class Undone:
    """A text's lines as they were written, the number of each in the file, and what was undone."""

    texts: tuple[str, ...]
    numbers: tuple[int, ...]
    told: tuple[str, ...]


def undone(text: str) -> Undone:
    """Undo what mails, wikis and logs do to a text."""
    told: list[str] = []
    if _QUOTED.search(text) or ("=3D" in text and _SOFT.search(text)):
        text = _unquoted(text)
        told.append("quoted-printable")
    if _HTML.search(text):
        text = _unescaped(_TAG.sub("", _ENDS_LINE.sub("\n", text)))
        told.append("HTML")
    elif _ENTITY.search(text):
        text = _unescaped(text)
        told.append("escapes of HTML")
    lines = [_unwrapped_json(line) for line in text.replace("\r\n", "\n").split("\n")]
    if lines != text.replace("\r\n", "\n").split("\n"):
        told.append("a log in JSON lines around another")
    lines = _unreplied(lines)
    rows = list(_joined(lines))
    if len(rows) < len(lines):
        told.append("FIX messages wrapped over several lines")
    return Undone(tuple(line for _, line in rows), tuple(number for number, _ in rows), tuple(told))


def _unquoted(text: str) -> str:
    try:
        return quopri.decodestring(text.encode()).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


def _unescaped(text: str) -> str:
    """Escapes undone, once; a control character, which HTML has none of, stays one."""
    return _ENTITY.sub(lambda found: _entity(found[0]), text)


def _entity(text: str) -> str:
    number = re.fullmatch(r"&#(?:x([0-9A-Fa-f]+)|([0-9]+));", text)
    if number is None:
        return html.unescape(text)
    return chr(int(number[1], 16) if number[1] else int(number[2]))


def _unwrapped_json(line: str) -> str:
    """What a logger said, where its line is JSON and what it said is of a form that is read."""
    if not line.startswith("{") or not _OF_A_LOG.search(line):
        return line
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(value, dict):
        return line
    said = next((value[key] for key in _SAYS if isinstance(value.get(key), str)), None)
    if said is None or not _OF_A_LOG.search(said):
        return line
    when = next((value[key] for key in _TIMES if isinstance(value.get(key), str)), "")
    return f"{when} {said.strip()}".strip().replace("\n", " ")


def _unreplied(lines: Sequence[str]) -> list[str]:
    """FIX messages without the `>` of a reply, where each of them has one: then it is no direction."""
    messages = [line for line in lines if _FIX_START.search(line)]
    if len(messages) < 2 or not all(line.lstrip().startswith(">") for line in messages):
        return list(lines)
    return [re.sub(r"^\s*(?:> ?)+", "", line) for line in lines]


def _joined(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each line with its number (from 1); a FIX message that goes on in the next lines is one."""
    at = 0
    while at < len(lines):
        number, line = at + 1, lines[at]
        at += 1
        last = next(reversed(list(_FIX_START.finditer(line))), None)
        if last is not None and not _FIX_END.search(line, last.end()):
            wrapped = list(_wrapped(lines, at))
            if wrapped and _FIX_END.search("".join((line, *wrapped)), last.end()):
                line = "".join((line.rstrip("\r"), *wrapped))
                at += len(wrapped)
        yield number, line


def _wrapped(lines: Sequence[str], at: int) -> Iterator[str]:
    """The lines that may belong to a message which began before, up to the one with its checksum's tag."""
    for line in lines[at : at + _MOST_WRAPS]:
        if not line.strip() or _FIX_START.search(line):
            return
        yield line.rstrip("\r")
        if re.search(r"10=[0-9]{3}\W{0,6}$", line):
            return
