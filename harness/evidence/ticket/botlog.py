r"""Logs that bots write of their own requests: JSON lines (structlog, pino, loguru) and plain lines.

A JSON line tells a method and an URL, and perhaps a body, a status and what was answered, under the names
that people choose; a later line with the same URL may tell the answer. A plain line has `POST https://… {…}`,
and the answer is the next one with a status and a JSON body. Headers and body may stand below it, indented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from harness import exactjson
from harness.evidence.exchanges import Body, Omitted, came, is_bare, sent
from harness.evidence.ticket import literals, stamps
from harness.evidence.ticket.clues import REST, Clue, Stamp, Unread
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind

NAME: Final = "bot log"
_METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
_TIMES: Final = ("timestamp", "ts", "time", "asctime", "@timestamp", "t")
_IN_REQUEST: Final = ("req", "request", "config", "http", "extra", "data", "fields", "context")
_IN_ANSWER: Final = ("res", "resp", "response")
_STATUSES: Final = ("status", "status_code", "statusCode", "code")
_OWN_BODIES: Final = ("request_body", "requestBody", "req_body", "reqBody")
"""Names that are a request's body also where the answer stands in the same row."""
_BODIES: Final = (*_OWN_BODIES, "body", "json", "payload", "data", "params")
_HEADERS: Final = ("headers", "request_headers", "requestHeaders", "req_headers", "reqHeaders")
_ANSWERED: Final = (
    *("response_body", "responseBody", "resp_body", "respBody", "res_body"),
    *("response", "resp", "body", "data", "error", "result"),
)
_SENT: Final = re.compile(
    rf"\b(?P<method>{'|'.join(_METHODS)})\b[ :]+(?P<url>https?://[^\s\"']+)(?P<rest>.*)$"
)
_CAME: Final = re.compile(r"(?<![0-9.:])(?P<status>[1-5][0-9]{2})(?![0-9.])[^{\[]{0,300}(?P<body>[{\[].*)$")
_STATUS: Final = re.compile(r"(?<![0-9.:])(?P<status>[1-5][0-9]{2})(?![0-9.])")
_AT_ONCE: Final = re.compile(
    r"\s*(?:-+>|=+>|\u2192)\s*" + _STATUS.pattern + r"[^{\[]{0,60}(?P<body>[{\[].*)?$"
)
_HEADER: Final = re.compile(r"(?P<name>[A-Za-z][\w-]*): ?(?P<value>.*)$")
_PAIRS: Final = re.compile(
    rf"\bmethod[=:] ?['\"]?(?P<method>{'|'.join(_METHODS)})\b.*?\burl[=:] ?['\"]?(?P<url>https?://[^\s\"',]+)(?P<rest>.*)$"
)
_PAIRED_BODY: Final = re.compile(r"\b(?:body|data|json|payload)[=:] ?['\"]?(?P<body>[{\[].*)$")
_BRACED: Final = re.compile(r"(?P<body>[{\[].*)$")
_UNTOLD: Final = "the log does not tell it"


class _Reader:
    def __init__(self, pair: int, asked: dict[str, tuple[int, str]]) -> None:
        self._pair = pair
        self._open = asked
        self.clues: list[Clue] = []
        self.unread: list[Unread] = []

    def line(self, lines: Lines, at: int) -> int:
        """Read a line: the first line behind what it begins, 0 where it is none of a bot's."""
        text = lines[at].strip()
        if text.startswith("{"):
            value = _json(text)
            return at + 1 if isinstance(value, dict) and self._row(lines, at, value, None) else 0
        stamp, rest = stamps.leading(text)
        held = re.search(r"\{\".*\}$", rest) if '"url"' in rest else None
        value = _json(held[0]) if held is not None else None
        if isinstance(value, dict) and stamp is not None and self._row(lines, at, value, stamp):
            return at + 1
        paired = _PAIRS.search(rest)
        found = paired or _SENT.search(rest)
        if found is not None and stamp is not None:
            if (once := _AT_ONCE.match(found["rest"])) is not None:
                return self._at_once(lines, at, found, once, stamp)
            start = (_PAIRED_BODY if paired else _BRACED).search(found["rest"])
            until, headers, body = _closed(lines, at, start["body"]) if start else _below(lines, at + 1)
            self._send(lines, at, found["method"], found["url"], headers, _body(body), stamp)
            return until
        return self._plain_answer(lines, at, rest, stamp) if stamp is not None and self._open else 0

    def _at_once(
        self, lines: Lines, at: int, asked: re.Match[str], once: re.Match[str], stamp: Stamp | None
    ) -> int:
        """A line of a request and, behind an arrow, of what was answered to it."""
        until, _, said = _closed(lines, at, once["body"] or "")
        body: Body = b"" if is_bare(asked["method"], asked["url"]) else Omitted(_UNTOLD)
        self._send(lines, at, asked["method"], asked["url"], {}, body, stamp)
        self._answer(lines, at, asked["url"], int(once["status"]), said, stamp)
        return until

    def _plain_answer(self, lines: Lines, at: int, rest: str, stamp: Stamp | None) -> int:
        """A line of a status and a body, in it or below it: the first line behind it, 0 where it is none."""
        named = next((url for url in reversed(self._open) if url in rest or _target(url) in rest), "")
        answered = _CAME.search(rest)
        if answered is not None:
            until, _, said = _closed(lines, at, answered["body"])
        else:
            answered = _STATUS.search(rest) if named else None
            until, _, said = _below(lines, at + 1)
        if answered is None or not said:
            return 0
        try:
            told = literals.loads(said)
        except ValueError:
            return 0
        body = said if _json(said) is not None else exactjson.dumps(told)
        self._answer(lines, at, named or next(reversed(self._open)), int(answered["status"]), body, stamp)
        return until

    def _row(self, lines: Lines, at: int, value: Mapping[str, Any], said: Stamp | None) -> bool:
        """A line of JSON, whole or behind a time and words; whether it tells a request or an answer."""
        value = _unwrapped(value)
        request = next((value[key] for key in _IN_REQUEST if isinstance(value.get(key), dict)), None)
        both = {**value, **(request or {})}
        method, url = str(both.get("method", "")).upper(), str(both.get("url") or both.get("uri") or "")
        if url.startswith("/") and isinstance(both.get("host"), str):
            url = f"https://{both['host']}{url}"
        answer = next((value[key] for key in _IN_ANSWER if isinstance(value.get(key), dict)), None)
        if answer is not None and request is None and answer.get("url") in self._open and _status(answer):
            stamp = stamps.in_message(value, _TIMES) or said
            self._answer(lines, at, str(answer["url"]), _status(answer), _answer_of(answer), stamp)
            return True
        if method not in _METHODS or "://" not in url:
            return False
        status = _status(answer or {}) or _status(value) or _status(request or {})
        stamp = stamps.in_message(value, _TIMES) or said
        if status and url in self._open and "req" not in value:
            self._answer(lines, at, url, status, _answer_of(answer or value), stamp)
            return True
        headers: Mapping[str, Any] = next(
            (both[key] for key in _HEADERS if isinstance(both.get(key), dict)), {}
        )
        query = both.get("params") if method in ("GET", "HEAD") else None
        told = next(
            (both[key] for key in _BODIES if key in both and both[key] not in (None, request, query)), None
        )
        body: Body = _text(told or "").encode()
        is_told = told is not None and (bool(request) or any(key in both for key in _OWN_BODIES))
        if status and answer is None and not is_told:
            body = b"" if is_bare(method, url) else Omitted(_UNTOLD)
        self._send(lines, at, method, url, headers, body, stamp, query if isinstance(query, dict) else {})
        if status:
            self._answer(lines, at, url, status, _answer_of(answer or value), stamp)
        return True

    def _send(
        self,
        lines: Lines,
        at: int,
        method: str,
        url: str,
        headers: Mapping[str, Any],
        body: Body,
        stamp: Stamp | None,
        query: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        whole = f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url
        try:
            data = sent(method, whole, [(name, str(value)) for name, value in headers.items()], body)
        except ValueError as error:
            self.unread.append(Unread(lines.place(at), "an url", str(error)))
            return
        host = data["wire"].get("base", "")
        self._open[url] = self._pair, host
        self.clues.append(Clue(lines.place(at), Kind.SEND, REST, data, stamp, self._pair, host))
        self._pair += 1

    def _answer(self, lines: Lines, at: int, url: str, status: int, body: str, stamp: Stamp | None) -> None:
        if url not in self._open:
            return
        pair, host = self._open.pop(url)
        data = came(status, (), body.encode())
        self.clues.append(Clue(lines.place(at), Kind.ANSWER, REST, data, stamp, pair, host))


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The requests from this line on; lines between them that say nothing of one are passed over and told."""
    reader = _Reader(pair, lines.asked)
    until = reader.line(lines, at)
    if not until:
        return None
    while until < len(lines):
        behind = reader.line(lines, until) if lines[until].strip() else until + 1
        if not behind:
            break
        until = behind
    return Taken(until, tuple(reader.clues), tuple(reader.unread))


FORM: Final = Form(NAME, take)


def _closed(lines: Lines, at: int, start: str) -> tuple[int, dict[str, str], str]:
    """A value that begins in a line, without what stands behind it; like `_below`, with no headers."""
    until, text = literals.until_closed(lines, at, start)
    return until, {}, text[: max(text.rfind("}"), text.rfind("]")) + 1]


def _below(lines: Lines, at: int) -> tuple[int, dict[str, str], str]:
    """Headers and a value in the indented lines from this one on: the line behind them, and both."""
    headers: dict[str, str] = {}
    while at < len(lines) and lines[at][:1] in (" ", "\t") and lines[at].strip():
        text = lines[at].strip()
        if text[0] in "{[":
            until, _, value = _closed(lines, at, text)
            return until, headers, value
        header = _HEADER.match(text)
        if header is None:
            break
        headers[header["name"]] = header["value"]
        at += 1
    return at, headers, ""


def _target(url: str) -> str:
    """Path and query of an URL, as a line may name it alone."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else f"{parts.path} "


def _unwrapped(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row that has its request and its answer one level down (`http`), as if they stood in it."""
    for name in _IN_REQUEST:
        inner = value.get(name)
        if isinstance(inner, dict) and any(isinstance(inner.get(key), dict) for key in ("req", "request")):
            return {**value, **inner}
    return value


def _body(text: str) -> Body:
    """A body as it was printed; one that was printed as a program shows a value is written as JSON."""
    if not text or _json(text) is not None:
        return text.encode()
    try:
        value = literals.loads(text)
    except ValueError:
        return Omitted(_UNTOLD)
    if isinstance(value, dict) and isinstance(value.get("order"), dict):
        value["order"] = {key: item for key, item in value["order"].items() if item is not None}
    return exactjson.dumps(value).encode()


def _status(value: Mapping[str, Any]) -> int:
    told = next((value[key] for key in _STATUSES if isinstance(value.get(key), int)), 0)
    return int(told) if 100 <= told < 600 else 0


def _answer_of(value: Mapping[str, Any]) -> str:
    return _text(next((value[key] for key in _ANSWERED if key in value and value[key] is not None), ""))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else exactjson.dumps(value)


def _json(text: str) -> Any:
    try:
        return exactjson.loads(text)
    except ValueError:
        return None
