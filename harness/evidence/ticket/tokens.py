r"""What a line of any text says of HTTP, in its order: methods with URLs, statuses, headers, values.

No program's format is known here. A method stands before its URL, or both under names that people give; a
status stands behind a word or a mark that says so; a body is a value as programs print it, also where it was
escaped once more into a text (`body="{\"order\":…}"`, `sendto(5, "POST /order HTTP/1.1\r\n…"`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness import exactjson
from harness.evidence.ticket import literals
from harness.evidence.ticket.textlines import Lines

METHODS: Final = "GET|POST|PUT|DELETE|PATCH|HEAD"
ASKED, METHOD, URL, STATUS, HEADER, HEADERS, VALUE, PAGE = (
    *("asked", "method", "url", "status", "header", "headers", "value", "page"),
)
_URL = r"https?://[^\s\"'<>\\,;)\]}]+|/[a-z][a-z0-9_-]*(?:/[^\s\"'<>\\,;)\]}]*)?(?:\?[^\s\"'<>\\,;)\]}]+)?"
_PHRASES: Final = (
    *(
        "Bad Request",
        "Unauthorized",
        "Forbidden",
        "Not Found",
        "Internal Server Error",
        "Service Unavailable",
    ),
    *("Too Many Requests", "Bad Gateway", "Gateway Time-?out", "Too Early", "Conflict", "OK", "Created"),
)
_SAYS_STATUS: Final = (
    r"status|statuscode|status_code|http_?status|code|answer(?:ed|s)?|antwort(?:ete)?|respon(?:se|ded|ds)"
    r"|respuesta|respondi[oó]|r[eé]ponse|r[eé]pondu|resposta|risposta|ответ|odpowied[zź]|returned|returns|got"
    r"|received|reply|replied|failed|http"
)
_TOKENS: Final = re.compile(
    rf"(?P<asked>\b(?P<a_method>{METHODS})\b[\"']?(?: (?:request )?(?:to|an|auf|at|a|à|sur|na|для) )?"
    rf"[^\w{{}}\[\]<>/]{{0,6}}"
    rf"(?P<a_url>{_URL}))"
    rf"|(?P<method>\b(?i:(?:http[_.]?)?(?:request[_.]?)?(?:method|verb))[\"']?\s*[:=]\s*[\"']?(?P<m_method>(?i:{METHODS}))\b)"
    r"|(?P<url>\b(?i:(?:http[_.]?)?(?:request[_.]?)?(?:url|uri|endpoint|path|target|route))[\"']?\s*[:=]\s*[\"']?"
    rf"(?P<u_url>{_URL})[\"']?(?:, query: Some\(\"(?P<query>[^\"]*)\"\))?)"
    r"|(?P<status>HTTP/[0-9.]+[\"']? (?P<s1>[1-5][0-9]{2})\b"
    rf"|\b(?i:{_SAYS_STATUS})\b[\"']?(?:[^\w\n{{}}\[\]]{{1,4}}(?i:with|was|mit|war|con|status|code|http|:)){{0,3}}[^\w\n{{}}\[\]]{{1,4}}(?P<s2>[1-5][0-9]{{2}})(?![\w.,:/-]*[0-9])"
    r"|(?:<-+|<<+|<|=>|←|⇐|⇦)\s*(?P<s3>[1-5][0-9]{2})(?![0-9.:])"
    r"|\b(?i:response|answer|reply)\b[^{\n]{0,60}[-:=(] ?(?P<s5>[1-5][0-9]{2})\)?$"
    rf"|(?<![0-9.:])(?P<s4>[1-5][0-9]{{2}}) (?:{'|'.join(_PHRASES)})\b)"
    r"|(?P<header>^\s*(?P<h_name>(?i:POLY_[A-Z_]+|content-type|host|date))\s*:\s*(?P<h_value>\S.*)$)"
    r"|(?P<page><(?:!DOCTYPE|html)\b.*$)"
    r"|(?P<text>(?<!\\)\"[^\"\\]*+(?:\\.[^\"\\]*+)++\"(?=[\s,;)}\]]|$))"
    r"|(?P<value>[{\[])",
)
_QUOTED_PAIR: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.S)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_DEPTH: Final = 3
_MOST_UNCLOSED: Final = 8
"""Values of one line that begin and never end: each is looked for to the end of the line."""
_WORTH: Final = re.compile(rf"[{{\[]|\b(?:{METHODS}) /|HTTP/1")


@dataclass(frozen=True, slots=True)
class Token:
    """One thing that a line says: `what` is one of the names above; a method and an URL stand in a pair."""

    what: str
    value: Any
    name: str = ""
    """What stands before a value as its name (`body=`), in small letters."""


def tokens_of(lines: Lines, at: int, text: str) -> tuple[int, list[Token]]:
    """What line `at`, or the part of it that is `text`, says; a value may go on in the lines below.

    The first line behind all of it, and the tokens.
    """
    reader = _Reader(lines, at)
    found = list(reader.read(text, _DEPTH, whole=True))
    return reader.until, found


class _Reader:
    def __init__(self, lines: Lines, at: int) -> None:
        self._lines, self._at = lines, at
        self._unclosed = 0
        self.until = at + 1

    def read(self, text: str, depth: int, *, whole: bool = False) -> Iterator[Token]:
        at = 0
        while (found := _TOKENS.search(text, at)) is not None:
            at = found.end()
            if found["asked"]:
                yield Token(ASKED, (found["a_method"], found["a_url"]))
            elif found["method"]:
                yield Token(METHOD, found["m_method"].upper())
            elif found["url"]:
                yield Token(URL, found["u_url"] + (f"?{found['query']}" if found["query"] else ""))
            elif found["status"]:
                yield Token(
                    STATUS, int(found["s1"] or found["s2"] or found["s3"] or found["s4"] or found["s5"])
                )
            elif found["header"]:
                yield Token(HEADER, (found["h_name"], found["h_value"].strip()))
            elif found["page"]:
                yield Token(PAGE, found["page"])
            elif found["text"]:
                inside = unescaped(found["text"][1:-1])
                if depth and _WORTH.search(inside):
                    for line in inside.replace("\r\n", "\n").split("\n"):
                        yield from self.read(line, depth - 1)
                else:
                    at = found.start() + 1
            else:
                end, value = self._value(text, found.start(), whole=whole)
                if value is not None:
                    at = end
                    name = _name_before(text, found.start())
                    yield Token(HEADERS if _is_headers(value) else VALUE, value, name)

    def _value(self, text: str, start: int, *, whole: bool) -> tuple[int, Any]:
        """A value that begins here: where it ends in this text, and the value; None where it is none."""
        if self._unclosed > _MOST_UNCLOSED:
            return 0, None
        end = closed_at(text, start)
        if end:
            return end, value_of(text[start:end])
        self._unclosed += 1
        if not whole:
            return 0, None
        until, longer = literals.until_closed(self._lines, self._at, text[start:])
        value = (
            value_of(longer[: max(longer.rfind("}"), longer.rfind("]")) + 1])
            if until > self._at + 1
            else None
        )
        if value is not None:
            self.until = max(self.until, until)
        return len(text), value


def closed_at(text: str, start: int) -> int:
    """Where a value that begins at `start` is closed, 0 where it is not in this text."""
    depth, at, quote = 0, start, ""
    while at < len(text):
        mark = text[at]
        if quote:
            if mark == "\\":
                at += 1
            elif mark == quote:
                quote = ""
        elif mark in "\"'`":
            quote = mark
        elif mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return 0


def value_of(text: str) -> Any:
    """A mapping, or a list of mappings or ids, as a program printed it; None where it is none."""
    try:
        value = literals.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list):
        return value if all(isinstance(each, dict | str) for each in value) else None
    return value if isinstance(value, dict) else None


def unescaped(text: str) -> str:
    """A text out of the quotes of another one: JSON's, C's and Rust's escapes."""
    plain = _QUOTED_PAIR.sub(_plain, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves of a pair are one


def _plain(found: re.Match[str]) -> str:
    told = found[1]
    if len(told) > 1:
        return chr(int(told[1:], 16))
    return _ESCAPES.get(told, told)


def _name_before(text: str, start: int) -> str:
    found = re.search(r"([A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*[\"'b]*$", text[max(0, start - 60) : start])
    return found[1].lower() if found is not None else ""


def _is_headers(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    names = {str(name).lower().replace("-", "_") for name in value}
    return bool(names & {"content_type", "poly_address", "poly_api_key", "user_agent", "content_length"})


def as_text(value: Any) -> str:
    """A body as it went over the wire, as far as it is known; what was printed otherwise is JSON."""
    return value if isinstance(value, str) else exactjson.dumps(value)
