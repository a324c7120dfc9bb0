"""What the way to us did to a text: colours, quoted-printable, HTML and its escapes, wrapped lines.

Undone before a text is read line by line, each told, and each line keeps the number that it had in the file
as far as the undoing keeps lines.
"""

from __future__ import annotations

import binascii
import html
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from harness.evidence.ticket import burp, envelopes, fixjson, fixtable, jsontext, resty, wsdebug

_COLOURS: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|\[(?:[0-9]{1,2};)*[0-9]{1,2}m"
)
_LINKED: Final = re.compile(r"<(https?://[^\s<>|]+)(?:\|[^<>]*)?>")
_QUOTED: Final = re.compile(r"^Content-Transfer-Encoding:\s*quoted-printable", re.I | re.M)
_SOFT: Final = re.compile(r"=[ \t]*\r?$", re.M)
_TAGS: Final = (
    "html|head|body|p|pre|div|br|span|table|tbody|tr|td|th|ul|ol|li|b|i|a|font|code|h[1-6]|style|meta"
)
_HTML: Final = re.compile(r"</(?:p|pre|div|html|body|span|td|table|code)>|<br ?/?>", re.I)
_ENDS_LINE: Final = re.compile(r"<br ?/?>\r?\n?|</(?:p|div|pre|tr|li|h[1-6])>", re.I)
_TAG: Final = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.I)
_ENTITY: Final = re.compile(r"&(?:quot|amp|lt|gt|apos|nbsp|#[0-9]{1,4}|#x[0-9A-Fa-f]{1,4});")
_SOH: Final = r"(?:\x01|\^A|\\x01|\\u0001|[^\w\s=.\"'][^=\n\"']{0,9}?)"
_FIX_START: Final = re.compile(rf"8=FIX[T.0-9]{{2,8}}{_SOH}(?:9=[0-9]+|35=)")
_FIX_END: Final = re.compile(rf"{_SOH}10=[0-9]{{3}}")
_GLUED: Final = re.compile(
    r"(?<=[}\]])(?=HTTP/1\.[01] [1-5][0-9]{2} )|(?<=\n)(?=(?:GET|POST|DELETE) /\S* HTTP/1\.[01]\r?\n)"
)
_POD: Final = re.compile(
    r"^\[?(?![12][0-9]{3}-)(?=\S*(?:/|-\S*-))[a-z0-9][a-z0-9./-]*\]? (?:[a-z0-9-]+ )?"
    r"(?=[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:)",
    re.M,
)
"""What `kubectl logs --prefix` and stern put before a line with its time."""
_RESTY: Final = re.compile(r"^~~~ REQUEST ~~~", re.M)
_SPACED_FIX: Final = re.compile(r"8=FIX[T.0-9]{2,8}[ \t]9=[0-9]+[ \t]35=.*?[ \t]10=[0-9]{3}(?![0-9])")
_BEFORE_TAG: Final = re.compile(r"[ \t](?=[0-9]{1,5}=)")
_MOST_WRAPS: Final = 40
_MOST_ESCAPES: Final = 3
"""HTML inside XML is escaped twice."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A text's lines as they were written, the number of each in the file, and what was undone."""

    texts: tuple[str, ...]
    numbers: tuple[int, ...]
    told: tuple[str, ...]


def undone(text: str) -> Undone:
    """Undo what mails, wikis and logs do to a text."""
    told: list[str] = []
    if burp.looks_like(text):
        text = burp.undone(text)
        told.append("items of Burp")
    if "\x1b" in text:
        text = "\n".join(_last_written(line) for line in _COLOURS.sub("", text).split("\n"))
        told.append("colours of a terminal")
    if _QUOTED.search(text) or ("=3D" in text and _SOFT.search(text)):
        text = _unquoted(text)
        told.append("quoted-printable")
    for _ in range(_MOST_ESCAPES):
        if _HTML.search(text) and (plain := _untagged(text)) != text:
            text = plain
            told.append("HTML")
            break
        if not _ENTITY.search(text):
            break
        text = _unescaped(text)
        told.append("escapes of HTML")
    if _POD.search(text):
        text = _POD.sub("", text)
        told.append("lines that begin with the name of a pod")
    if _GLUED.search(text):
        text = _GLUED.sub("\n\n", text)
        told.append("HTTP messages one behind another")
    if _RESTY.search(text):
        text = resty.undone(text)
        told.append("the debug log of resty")
    if _LINKED.search(text):
        text = _LINKED.sub(r"\1", text)
        told.append("links of a chat")
    if _SPACED_FIX.search(text):
        text = _SPACED_FIX.sub(lambda found: _BEFORE_TAG.sub("|", found[0]) + "|", text)
        told.append("FIX messages whose separators became spaces")
    written = text.replace("\r\n", "\n").split("\n")
    lines = [envelopes.of_line(line) for line in written]
    if lines != written:
        told.append("a log in JSON lines around another")
    told_plainly = list(fixtable.undone(lines)) if "FIX" in text else lines
    if told_plainly != lines:
        lines = told_plainly
        told.append("FIX messages with a field in a line")
    told_plainly = [fixjson.of_line(line) for line in lines]
    if told_plainly != lines:
        lines = told_plainly
        told.append("FIX messages as JSON")
    if wsdebug.is_debugged(text):
        lines = list(wsdebug.undone(lines))
        told.append("the debug log of websockets")
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


def _untagged(text: str) -> str:
    """A text without its tags; a row of JSON stays as it is: a page that was answered is a text in it."""
    parts: list[str] = []
    for is_row, lines in groupby(text.split("\n"), _is_row):
        part = "\n".join(lines)
        parts.append(part if is_row else _unescaped(_TAG.sub("", _ENDS_LINE.sub("\n", part))))
    return "\n".join(parts)


def _is_row(line: str) -> bool:
    head, brace, rest = line.rstrip().partition("{")
    if not rest.endswith("}") or not _HTML.search(rest) or _TAG.search(head):
        return False
    try:
        jsontext.loads(brace + rest)
    except ValueError:
        return False
    return True


def _unescaped(text: str) -> str:
    """Escapes undone, once; a control character, which HTML has none of, stays one."""
    return _ENTITY.sub(lambda found: _entity(found[0]), text)


def _entity(text: str) -> str:
    number = re.fullmatch(r"&#(?:x([0-9A-Fa-f]+)|([0-9]+));", text)
    if number is None:
        return html.unescape(text)
    return chr(int(number[1], 16) if number[1] else int(number[2]))


def _last_written(line: str) -> str:
    """What a terminal showed of a line that was written over, as a prompt is."""
    return next((part for part in reversed(line.rstrip("\r").split("\r")) if part.strip()), "")


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
