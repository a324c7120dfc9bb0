"""The answer below a command: what `-i` or `-v` printed, or the bare body that somebody pasted."""

from __future__ import annotations

import re
from typing import Any, Final

from harness import exactjson
from harness.evidence.exchanges import came
from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import REST, Clue, Unread
from harness.evidence.ticket.textlines import Lines
from harness.model import Kind

BEGIN: Final = re.compile(r"\s*(?:[^\n'\"]{0,80}?[$%>#\u276f\u279c]\s*)?(?=curl(?:\.exe)?\s)")
"""A cURL command behind any shell's prompt."""
FETCH: Final = re.compile(
    r"[^\n'\"]{0,80}?\bfetch\(\s*(?P<quote>[\"'`])(?P<url>https?://[^\"'`\s]+)(?P=quote)\s*"
)
REQUEST_LINE: Final = re.compile(
    r"(?P<method>GET|POST|PUT|DELETE|PATCH|HEAD)[ \t]+(?P<url>(?:https?://|\{\{)\S*)"
    r"(?:[ \t]+HTTP/[0-9.]+)?\s*$"
)
"""A request as files for HTTP clients of editors write it."""
_NEXT: Final = (BEGIN, FETCH, REQUEST_LINE, re.compile(r"\s*###"))
_STATUS: Final = re.compile(r"(?:< )?HTTP/[0-9.]+ (?P<status>[1-5][0-9]{2})(?: .*)?$")
HEADER_LINE: Final = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(?P<value>.*)$")
"""A field of a header (RFC 9110 §5.6.2: a token, a colon, what it says)."""
_HEADER: Final = re.compile(rf"(?:< )?{HEADER_LINE.pattern}")
_TALK: Final = re.compile(r"[*>{}] |[*>]$|< *$")
_METER: Final = re.compile(r" *(?:% +Total|Dload +Upload|[0-9.]+[kMGT]? .*--:--:--)")
"""Curl's progress where its output goes to a file: its talk may stand behind it, in one line."""
_INFORMATIONAL: Final = range(100, 200)
_SAID: Final = re.compile(r"(?<![0-9.])[2345][0-9]{2}(?![0-9.])")
_NEAR: Final = 6
"""Lines, empty ones included, between a command and the bare body that is taken for its answer."""
_LONGEST: Final = 200
_FEW_WORDS: Final = 5
"""Words between a command and the body below it that are a label; behind more it must tell how it went."""
_BRACE: Final = re.compile(r"[{\[]")
_QUOTED: Final = re.compile(r"^(?:(?:>|//|#) ?)+")
_TELLS: Final = ("error", "errorMsg", "error_msg", "success")


def answer_below(lines: Lines, at: int, pair: int, host: str) -> tuple[int, Clue, tuple[Unread, ...]] | None:
    """The first line behind the answer, the answer, and what of it was not told; None where there is none."""
    printed = _printed(lines, at, pair, host)
    return (*printed, ()) if printed is not None else _pasted(lines, at, pair, host)


def _printed(lines: Lines, at: int, pair: int, host: str) -> tuple[int, Clue] | None:
    """A status line, headers, an empty line and the body up to an empty line."""
    while at < len(lines) and (not lines[at].strip() or _is_talk(lines[at])):
        at += 1
    status = _STATUS.match(lines[at].rstrip()) if at < len(lines) else None
    if status is None:
        return None
    place, headers = lines.place(at), list[tuple[str, str]]()
    at += 1
    while at < len(lines) and (header := _HEADER.match(lines[at].rstrip())) is not None:
        headers.append((header["name"], header["value"]))
        at += 1
    if int(status["status"]) in _INFORMATIONAL:
        return _printed(lines, at, pair, host)
    while at < len(lines) and (lines[at].strip() in ("", "<") or _is_talk(lines[at])):
        at += 1
        if at < len(lines) and BEGIN.match(lines[at]):
            break
    if at < len(lines) and lines[at].startswith("HTTP/") and _STATUS.match(lines[at].rstrip()):
        return _printed(lines, at, pair, host)  # -v told it, and -i tells it again
    body: list[str] = []
    while at < len(lines) and lines[at].strip() and not BEGIN.match(lines[at]) and not _is_talk(lines[at]):
        body.append(lines[at])
        at += 1
    date = next((value for name, value in headers if name.lower() == "date"), "")
    data = came(int(status["status"]), headers, "\n".join(body).encode())
    return at, Clue(place, Kind.ANSWER, REST, data, stamps.http_date(date), pair, host)


def _is_talk(line: str) -> bool:
    return bool(_TALK.match(line) or _METER.match(line))


def _pasted(lines: Lines, at: int, pair: int, host: str) -> tuple[int, Clue, tuple[Unread, ...]] | None:
    """A body of the exchange's that stands near below, with the status that is said before it, or a guess."""
    before = ""
    for number in range(at, min(at + _NEAR, len(lines))):
        if begins(lines[number]) or "8=FIX" in lines[number]:
            return None
        start = _BRACE.search(lines[number])
        before = f"{before} {lines[number][: start.start()] if start else lines[number]}"
        if start is None:
            continue
        found = _body_at(lines, number, start.start())
        if found is None:
            return None
        until, body, told = found
        is_told = isinstance(told, dict) and any(key in told for key in _TELLS)
        if not is_told and len(re.findall(r"[A-Za-z]{2,}", before)) > _FEW_WORDS:
            return None
        place = lines.place(number)
        said = _SAID.search(before)
        failed = isinstance(told, dict) and bool(told.get("error") or told.get("error_msg"))
        status = int(said[0]) if said is not None else 400 if failed else 200
        guess = Unread(place, "the answer's status", f"nothing tells it: taken as {status}")
        clue = Clue(place, Kind.ANSWER, REST, came(status, (), body.encode()), None, pair, host)
        return until, clue, () if said is not None else (guess,)
    return None


def begins(line: str) -> bool:
    """Whether another command begins in a line."""
    return any(form.match(line) for form in _NEXT)


def _body_at(lines: Lines, at: int, start: int) -> tuple[int, str, Any] | None:
    """The JSON that begins at a place of a line, quoted as a reply or in comments or not."""
    text = ""
    for until in range(at, min(at + _LONGEST, len(lines))):
        if until > at and begins(lines[until]):
            return None
        line = lines[until].strip()
        text += lines[until][start:].rstrip() if until == at else _QUOTED.sub("", line)
        if text[-1:] not in "}]":
            continue
        for spelled in (text, straight(text)):
            try:
                value = exactjson.loads(spelled.strip())
            except ValueError:
                continue
            return until + 1, spelled.strip(), value
    return None


def straight(text: str) -> str:
    """A text with the quotes that a mail program bent made straight again."""
    return re.sub("[\u2018\u2019\u201a\u201b]", "'", re.sub("[\u201c\u201d\u201e\u201f]", '"', text))
