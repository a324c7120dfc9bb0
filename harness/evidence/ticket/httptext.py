"""HTTP messages as text: HTTPie, Burp, a stream that Wireshark follows, what Python's http.client prints.

A request line with its version, headers, an empty line and a body; then a status line, headers and a body.
In http.client's way (`send: b'…'`, `reply: '…'`, `header: …`) the body of an answer is not told: where a
program printed it in the next lines, it is read there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.evidence.exchanges import Body, Omitted, came, is_bare, sent
from harness.evidence.ticket import literals, stamps
from harness.evidence.ticket.answers import HEADER_LINE
from harness.evidence.ticket.clues import REST, Clue, Stamp, Unread
from harness.evidence.ticket.halves import UNTOLD
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind

NAME: Final = "HTTP as text"
_REQUEST: Final = re.compile(
    r"(?P<method>GET|POST|PUT|DELETE|PATCH|HEAD) (?P<target>/\S*|https?://\S+) HTTP/[0-9.]+$"
)
_STATUS: Final = re.compile(r"HTTP/[0-9.]+ (?P<status>[1-5][0-9]{2})(?: .*)?$")
_SEND: Final = re.compile(r"send: (?P<bytes>b(?:'.*'|\".*\"))$")
_REPLY: Final = re.compile(r"reply: (?P<text>'.*'|\".*\")$")
_TOLD: Final = re.compile(r"header: (?P<header>.*)$")
_ACCESS: Final = re.compile(
    r"(?P<host>https?://[^\s/\"]+)? ?\"(?P<method>GET|POST|PUT|DELETE|PATCH|HEAD) (?P<target>/\S*)"
    r" HTTP/[0-9.]+\" (?P<status>[1-5][0-9]{2})\b"
)
_NEAR: Final = 4
_LONGEST: Final = 400


@dataclass(slots=True)
class _Message:
    """One message: its first line, its headers, its body."""

    first: re.Match[str]
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Body = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """One request with what came of it; None where none begins here."""
    if lines[at].startswith("send: b"):
        return _debugged(lines, at, pair)
    if (line := _ACCESS.search(lines[at])) is not None:
        return _access(lines, at, pair, line)
    if (status := _STATUS.match(lines[at].strip())) is not None:
        return _answer_alone(lines, at, pair, status)
    asked = _REQUEST.match(lines[at].strip())
    if asked is None or at + 1 >= len(lines) or HEADER_LINE.match(lines[at + 1].strip()) is None:
        return None
    until, request = _message(lines, at, asked)
    behind = until
    while behind < len(lines) and not lines[behind].strip():
        behind += 1
    status = _STATUS.match(lines[behind].strip()) if behind < len(lines) else None
    answer = None
    if status is not None:
        until, answer = _message(lines, behind, status)
    return _taken(lines, at, until, pair, request, answer, None)


FORM: Final = Form(NAME, take)


def _answer_alone(lines: Lines, at: int, pair: int, status: re.Match[str]) -> Taken | None:
    """An answer with which a text begins; None where words stand before it, or it has no headers."""
    if any(lines[before].strip() for before in range(at)) or at + 1 >= len(lines):
        return None
    if HEADER_LINE.match(lines[at + 1].strip()) is None:
        return None
    until, answer = _message(lines, at, status)
    told = came(int(status["status"]), answer.headers, answer.body)
    stamp = stamps.http_date(answer.header("date"))
    return Taken(until, (Clue(lines.place(at), Kind.ANSWER, REST, told, stamp, pair),))


def _message(lines: Lines, at: int, first: re.Match[str]) -> tuple[int, _Message]:
    """A message from its first line on, and the line behind it."""
    message, number = _Message(first), at + 1
    while number < len(lines) and (found := HEADER_LINE.match(lines[number].strip())) is not None:
        message.headers.append((found["name"], found["value"]))
        number += 1
    if number + 1 < len(lines) and not lines[number].strip():
        read = _unchunked if message.header("transfer-encoding").lower() == "chunked" else _body
        until, text = read(lines, number + 1)
        if text:
            message.body = text.encode()
            number = until
    return number, message


def _access(lines: Lines, at: int, pair: int, line: re.Match[str]) -> Taken:
    """A line of a server's or a proxy's log: method, target and status, and no bodies."""
    stamp = stamps.leading(lines[at])[0]
    bracket = re.search(r"\[([^\]]+)\]", lines[at])
    stamp = stamp or (stamps.whole(bracket[1]) if bracket is not None else None)
    place, untold = lines.place(at), Omitted("the log does not tell it")
    bare = is_bare(line["method"], line["target"])
    data = sent(line["method"], f"{line['host'] or ''}{line['target']}", (), b"" if bare else untold)
    base = data["wire"].get("base", "")
    answer = came(int(line["status"]), (), untold)
    send = Clue(place, Kind.SEND, REST, data, stamp, pair, base)
    return Taken(at + 1, (send, Clue(place, Kind.ANSWER, REST, answer, stamp, pair, base)))


def _unchunked(lines: Lines, at: int) -> tuple[int, str]:
    """A body in chunks, as a followed stream shows it: sizes in hex between its pieces, 0 at its end."""
    text, number = "", at
    while number + 1 < len(lines) and re.fullmatch(r"[0-9a-fA-F]{1,6}", lines[number].strip()):
        if not int(lines[number].strip(), 16):
            return number + 1, text
        text += lines[number + 1].strip()
        number += 2
    return number, text


def _body(lines: Lines, at: int) -> tuple[int, str]:
    """A body up to the next empty line or message; one of JSON goes on until it is closed."""
    start = lines[at].strip()
    if not start or _REQUEST.match(start) or _STATUS.match(start):
        return at, ""
    if start[0] in "{[":
        return literals.until_closed(lines, at, start)
    number = at
    while number < len(lines) and lines[number].strip() and not _STATUS.match(lines[number].strip()):
        number += 1
    return number, "\n".join(lines[each].strip() for each in range(at, number))


def _debugged(lines: Lines, at: int, pair: int) -> Taken | None:
    """What http.client prints of one exchange."""
    raw, number = b"", at
    while number < len(lines) and (found := _SEND.match(lines[number].strip())) is not None:
        raw += _literal(found["bytes"]).encode("latin-1") if found else b""
        number += 1
    head, _, body = raw.decode("latin-1").partition("\r\n\r\n")
    rows = head.split("\r\n")
    asked = _REQUEST.match(rows[0])
    if asked is None:
        return None
    request = _Message(asked, list(_headers(rows[1:])), body.encode("latin-1"))
    reply = _REPLY.match(lines[number].strip()) if number < len(lines) else None
    status = _STATUS.match(_literal(reply["text"]).strip()) if reply is not None else None
    if status is None:
        return _taken(lines, at, number, pair, request, None, None)
    number += 1
    rows = []
    while number < len(lines) and (told := _TOLD.match(lines[number].strip())) is not None:
        rows.append(told["header"])
        number += 1
    answer = _Message(status, list(_headers(rows)), Omitted("the log does not tell it"))
    stamp: Stamp | None = None
    for near in range(number, min(number + _NEAR, len(lines))):
        if lines[near].startswith("send: "):
            break
        stamp = stamp or stamps.leading(lines[near])[0]
        brace = re.search(r"[{\[].*$", lines[near])
        if brace is not None and _is_value(brace[0]):
            answer.body, number = brace[0].encode(), near + 1
            break
    return _taken(lines, at, number, pair, request, answer, stamp)


def _taken(
    lines: Lines,
    at: int,
    until: int,
    pair: int,
    request: _Message,
    answer: _Message | None,
    stamp: Stamp | None,
) -> Taken:
    place, first = lines.place(at), request.first
    host = request.header("host")
    url = first["target"] if "://" in first["target"] or not host else f"https://{host}{first['target']}"
    try:
        data = sent(first["method"], url, request.headers, request.body)
    except ValueError as error:
        return Taken(until, unread=(Unread(place, "an url", str(error)),))
    base = data["wire"].get("base", "")
    when = stamps.http_date(answer.header("date")) if answer is not None and stamp is None else stamp
    clues = [Clue(place, Kind.SEND, REST, data, when, pair, base)]
    if answer is not None:
        told = came(int(answer.first["status"]), answer.headers, answer.body)
        clues.append(Clue(place, Kind.ANSWER, REST, told, when, pair, base))
    else:
        clues.append(Clue(place, Kind.LOST, REST, {"why": UNTOLD}, when, pair, base))
    return Taken(until, tuple(clues))


def _headers(rows: list[str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if (found := HEADER_LINE.match(row.strip())) is not None:
            yield found["name"], found["value"]


def _literal(text: str) -> str:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _is_value(text: str) -> bool:
    try:
        literals.loads(text)
    except ValueError:
        return False
    return True
