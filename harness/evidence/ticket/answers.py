"""The answer below a cURL command: what `-i` or `-v` printed, or the bare body that somebody pasted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from harness import exactjson
from harness.evidence.exchanges import came
from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import REST, Clue, Unread
from harness.evidence.ticket.textlines import Lines
from harness.model import Kind

BEGIN: Final = re.compile(r"\s*(?:[$%>#]\s+)?(?=curl(?:\.exe)?\s)")
_STATUS: Final = re.compile(r"(?:< )?HTTP/[0-9.]+ (?P<status>[1-5][0-9]{2})(?: .*)?$")
_HEADER: Final = re.compile(r"(?:< )?(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(?P<value>.*)$")
_TALK: Final = re.compile(r"[*>{}] |[*>]$|< *$")
_INFORMATIONAL: Final = range(100, 200)
_SAID: Final = re.compile(r"(?<![0-9.])[2345][0-9]{2}(?![0-9.])")
_NEAR: Final = 6
"""Lines, empty ones included, between a command and the bare body that is taken for its answer."""
_LONGEST: Final = 40
_TELLS: Final = ("error", "errorMsg", "error_msg", "success")


def answer_below(lines: Lines, at: int, pair: int, host: str) -> tuple[int, Clue, tuple[Unread, ...]] | None:
    """The first line behind the answer, the answer, and what of it was not told; None where there is none."""
    printed = _printed(lines, at, pair, host)
    return (*printed, ()) if printed is not None else _pasted(lines, at, pair, host)


def _printed(lines: Lines, at: int, pair: int, host: str) -> tuple[int, Clue] | None:
    """A status line, headers, an empty line and the body up to an empty line."""
    while at < len(lines) and (not lines[at].strip() or _TALK.match(lines[at])):
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
    while at < len(lines) and (lines[at].strip() in ("", "<") or _TALK.match(lines[at])):
        at += 1
        if at < len(lines) and BEGIN.match(lines[at]):
            break
    body: list[str] = []
    while at < len(lines) and lines[at].strip() and not BEGIN.match(lines[at]) and not _TALK.match(lines[at]):
        body.append(lines[at])
        at += 1
    date = next((value for name, value in headers if name.lower() == "date"), "")
    data = came(int(status["status"]), headers, "\n".join(body).encode())
    return at, Clue(place, Kind.ANSWER, REST, data, stamps.http_date(date), pair, host)


def _pasted(lines: Lines, at: int, pair: int, host: str) -> tuple[int, Clue, tuple[Unread, ...]] | None:
    """A body of the exchange's that stands near below, with the status that is said before it, or a guess."""
    before = ""
    for number in range(at, min(at + _NEAR, len(lines))):
        if BEGIN.match(lines[number]) or "8=FIX" in lines[number]:
            return None
        head, brace, _ = lines[number].partition("{")
        before = f"{before} {head}"
        if not brace:
            continue
        found = _body_at(lines, number)
        if found is None:
            return None
        until, body, told = found
        place = lines.place(number)
        said = _SAID.search(before)
        failed = bool(told.get("error") or told.get("error_msg"))
        status = int(said[0]) if said is not None else 400 if failed else 200
        guess = Unread(place, "the answer's status", f"nothing tells it: taken as {status}")
        clue = Clue(place, Kind.ANSWER, REST, came(status, (), body.encode()), None, pair, host)
        return until, clue, () if said is not None else (guess,)
    return None


def _body_at(lines: Lines, at: int) -> tuple[int, str, Mapping[str, object]] | None:
    """The JSON object that begins in a line, quoted as a reply or not, and says how a request went."""
    text = ""
    for until in range(at, min(at + _LONGEST, len(lines))):
        line = lines[until].strip()
        text += line[line.index("{") :] if until == at else re.sub(r"^(?:> ?)+", "", line)
        for spelled in (text, straight(text)):
            try:
                value = exactjson.loads(spelled.strip())
            except ValueError:
                continue
            told = isinstance(value, dict) and any(key in value for key in _TELLS)
            return (until + 1, spelled.strip(), value) if told else None
    return None


def straight(text: str) -> str:
    """A text with the quotes that a mail program bent made straight again."""
    return re.sub("[\u2018\u2019\u201a\u201b]", "'", re.sub("[\u201c\u201d\u201e\u201f]", '"', text))
