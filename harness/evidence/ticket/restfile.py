"""Files of requests for an editor's HTTP client (`.http`, `.rest`), with the answers saved beside or below.

Read are requests with their headers and bodies, `@name = value` and the variables of an environment's file, a
body in a file (`< file`), and answers: one saved in a file (`<> file`, whose name tells the status), or
pasted below. Source: JetBrains' "Exploring the HTTP request syntax"; the README of VS Code's REST Client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from harness import exactjson
from harness.evidence.exchanges import Body, Omitted, came, sent
from harness.evidence.ticket import literals, stamps
from harness.evidence.ticket.answers import HEADER_LINE, REQUEST_LINE, answer_below
from harness.evidence.ticket.clues import REST, Clue, Unread
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind

_CONTINUED: Final = re.compile(r"\s+(?P<more>[?&/]\S*)\s*$")
_NOTE: Final = re.compile(r"\s*(?:#|//)")
_ENDS: Final = re.compile(r"\s*###")
_SETS: Final = re.compile(r"@(?P<name>[\w.-]+)\s*=(?P<value>.*)$")
_VARIABLE: Final = re.compile(r"\{\{\s*(?P<name>[\w.$-]+)\s*\}\}")
_SAVED: Final = re.compile(r"<>\s+(?P<file>\S.*)$")
_BODY_FILE: Final = re.compile(r"<@?\s+(?P<file>\S.*)$")
_SCRIPT: Final = re.compile(r"[<>]\s*\{%")
_STATUS: Final = re.compile(r"(?<![0-9])(?P<status>[1-5][0-9]{2})(?:\.[A-Za-z]+)?$")
_STATUS_LINE: Final = re.compile(r"HTTP/[0-9.]+ [1-5][0-9]{2}\b")
_NAMED_TIME: Final = re.compile(
    r"(?P<day>[12][0-9]{3}-[0-9]{2}-[0-9]{2})T(?P<h>[0-9]{2})(?P<m>[0-9]{2})(?P<s>[0-9]{2})"
)
_ENVIRONMENTS: Final = ("http-client.env.json", "http-client.private.env.json")
_ROUNDS: Final = 4


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The request that begins at a line, with its answer; None where none does."""
    begun = REQUEST_LINE.match(lines[at])
    if begun is None:
        return None
    number, url = at + 1, begun["url"]
    while number < len(lines) and (more := _CONTINUED.match(lines[number])) is not None:
        url, number = url + more["more"], number + 1
    headers: list[tuple[str, str]] = []
    while number < len(lines) and not _ENDS.match(lines[number]):
        header = HEADER_LINE.match(lines[number].strip())
        if header is not None:
            headers.append((header["name"], header["value"]))
        elif not _NOTE.match(lines[number]):
            break
        number += 1
    number, body, told = _body(lines, number)
    values = _variables(lines) if "{{" in "".join(lines.texts[at:number]) else {}
    place, unread = lines.place(at), [Unread(lines.place(at), "a request's body", why) for why in told]
    try:
        data = sent(
            begun["method"],
            _filled(url, values),
            [(name, _filled(value, values)) for name, value in headers],
            body if isinstance(body, Omitted) else _filled(body.decode(), values).encode(),
        )
    except ValueError as error:
        return Taken(number, unread=(Unread(place, "an url", str(error)),))
    host = data["wire"].get("base", "")
    clues = [Clue(place, Kind.SEND, REST, data, None, pair, host)]
    saved = _saved(lines, number, pair, host)
    answer = saved or answer_below(lines, number, pair, host)
    if answer is not None:
        number, clue, more_told = answer
        clues = [Clue(place, Kind.SEND, REST, data, clue.stamp, pair, host), clue]
        unread += more_told
    if not headers and answer is None and not isinstance(body, Omitted) and not body and "{{" not in url:
        return None  # an address that a text names
    return Taken(number, tuple(clues), tuple(unread))


FORM: Final = Form("requests of an HTTP client's file", take)


def _body(lines: Lines, at: int) -> tuple[int, Body, list[str]]:
    """The line behind a request's body, the body, and what of it was not read."""
    number = at
    while number < len(lines) and not lines[number].strip():
        number += 1
    if number == at or number >= len(lines):
        return number, b"", []
    first = lines[number].strip()
    named = _BODY_FILE.match(first)
    if named is not None:
        data = lines.beside(named["file"])
        why = "its body stands in a file, which is not here"
        return number + 1, Omitted(why) if data is None else data, [why] if data is None else []
    if _no_body(first):
        return number, b"", []
    if first[0] in "{[":
        until, text = literals.until_closed(lines, number, first)
        return until, text.encode(), []
    until = number
    while until < len(lines) and lines[until].strip() and not _no_body(lines[until].strip()):
        until += 1
    return until, "\n".join(lines[each] for each in range(number, until)).encode(), []


def _no_body(line: str) -> bool:
    forms = (_ENDS, _SAVED, _SCRIPT, REQUEST_LINE, _STATUS_LINE, _NOTE)
    return any(form.match(line) for form in forms)


def _saved(lines: Lines, at: int, pair: int, host: str) -> tuple[int, Clue, tuple[Unread, ...]] | None:
    """The last answer that was saved for a request; scripts and empty lines before it are passed over."""
    found: tuple[int, str] | None = None
    number = at
    while number < len(lines) and not _ENDS.match(lines[number]) and not REQUEST_LINE.match(lines[number]):
        saved = _SAVED.match(lines[number].strip())
        if saved is not None and found is None:  # the newest stands first
            found = number, saved["file"]
        number += 1
    if found is None:
        return None
    name = PurePosixPath(found[1].replace("\\", "/"))
    data = lines.beside(str(name))
    stem = _STATUS.search(name.stem if name.suffix not in ("", f".{name.stem}") else name.name)
    status = int(stem["status"]) if stem is not None else 200
    why = "the file of the answer is not here: put it beside the text"
    body: Body = Omitted(why) if data is None else data
    place = lines.place(found[0])
    told = (Unread(place, "an answer's body", why),) if data is None else ()
    when = _NAMED_TIME.search(name.name)
    stamp = stamps.whole(f"{when['day']} {when['h']}:{when['m']}:{when['s']}") if when else None
    return number, Clue(place, Kind.ANSWER, REST, came(status, (), body), stamp, pair, host), told


def _variables(lines: Lines) -> Mapping[str, str]:
    """What the file sets, and what the first environment of the file beside it does."""
    values: dict[str, str] = {}
    for name in _ENVIRONMENTS:
        for key, value in _environment(lines.beside(name)):
            values.setdefault(key, value)
    for text in lines.texts:
        if (found := _SETS.match(text)) is not None:
            values[found["name"]] = found["value"].strip()
    return values


def _environment(data: bytes | None) -> Iterator[tuple[str, str]]:
    try:
        value = exactjson.loads((data or b"").decode())
    except ValueError:
        return
    first = next(iter(value.values()), None) if isinstance(value, dict) else None
    for key, each in first.items() if isinstance(first, dict) else ():
        if isinstance(each, str):
            yield key, each


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables; one that nothing tells stays."""
    for _ in range(_ROUNDS):
        filled = _VARIABLE.sub(lambda found: values.get(found["name"], found[0]), text)
        if filled == text:
            break
        text = filled
    return text
