"""`fetch()` of JavaScript, as browsers copy it and as people write it, with the answer pasted below.

Source: the Fetch standard (`fetch(input, init)`); Chrome's and Firefox's "Copy as fetch". What only a
program knows (a variable, a spread) is told, and that call is not read.
"""

from __future__ import annotations

import re
from typing import Any, Final

from harness import exactjson
from harness.evidence.exchanges import Body, Omitted, sent
from harness.evidence.ticket import literals
from harness.evidence.ticket.answers import FETCH, answer_below
from harness.evidence.ticket.clues import REST, Clue, Unread
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind

_ASK: Final = (
    "it is not read: ask for the request as cURL (a browser's `Copy as cURL`), or for the client's log"
)
_CODED: Final = re.compile(r"\bJSON\.stringify\(")
_OPENED: Final = re.compile(r"^\s*,\s*")


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The call that begins at a line and the answer that stands below it, or None."""
    begun = FETCH.match(lines[at])
    if begun is None:
        return None
    place, rest = lines.place(at), lines[at][begun.end() :]
    until = at + 1
    while not rest.strip() and until < len(lines):
        rest = lines[until]
        until += 1
    try:
        until, given = _options(lines, until, rest)
        method = str(given.get("method") or "GET").upper()
        body = _body(given.get("body"))
        data = sent(method, begun["url"], _headers(given.get("headers")), body)
    except ValueError as error:
        return Taken(until, unread=(Unread(place, "a fetch() of JavaScript", f"{error}: {_ASK}"),))
    told = [Unread(place, "its body", body.why)] if isinstance(body, Omitted) else []
    host = data["wire"].get("base", "")
    clues = [Clue(place, Kind.SEND, REST, data, None, pair, host)]
    answer = answer_below(lines, until, pair, host)
    if answer is not None:
        until, clue, unread = answer
        clues.append(clue)
        told += unread
    return Taken(until, tuple(clues), tuple(told))


FORM: Final = Form("fetch()", take)


def _options(lines: Lines, until: int, rest: str) -> tuple[int, dict[str, Any]]:
    """The second argument, and the line behind the call. Raises ValueError where it is no plain object."""
    comma = _OPENED.match(rest)
    if comma is None:
        return until, {}
    start = rest[comma.end() :]
    if not start.startswith("{"):
        raise ValueError("what it sends stands in a variable")
    behind, text = literals.until_closed(lines, until - 1, start)
    value = literals.loads(_CODED.sub("(", text[: text.rfind("}") + 1]))
    if not isinstance(value, dict):
        raise ValueError("what it sends is no plain object")
    return behind, value


def _headers(value: Any) -> list[tuple[str, str]]:
    rows = value.items() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [(str(row[0]), str(row[1])) for row in rows if len(row) > 1]


def _body(value: Any) -> Body:
    """A text as it stands; what `JSON.stringify` was given as it writes it."""
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list) and len(value) == 1:
        return exactjson.dumps(value[0]).encode()
    return Omitted("nothing tells how it was written")
