r"""Logs that bots write of their own requests: JSON lines (structlog, pino, loguru) and plain lines.

A JSON line tells a method and an URL, and perhaps a body, a status and what was answered, under the names
that people choose; a later line with the same URL may tell the answer. A plain line has `POST https://… {…}`,
and the answer is the next one with a status and a JSON body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from harness import exactjson
from harness.evidence.exchanges import Body, Omitted, came, sent
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
_BODIES: Final = ("body", "json", "payload", "data", "request_body", "requestBody", "params")
_ANSWERED: Final = ("response_body", "responseBody", "response", "resp", "body", "data", "error", "result")
_SENT: Final = re.compile(
    rf"\b(?P<method>{'|'.join(_METHODS)})\b[ :]+(?P<url>https?://[^\s\"']+)(?P<rest>.*)$"
)
_CAME: Final = re.compile(r"(?<![0-9.:])(?P<status>[1-5][0-9]{2})(?![0-9.])[^{\[]{0,120}(?P<body>[{\[].*)$")
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
            start = (_PAIRED_BODY if paired else _BRACED).search(found["rest"])
            until, body = literals.until_closed(lines, at, start["body"]) if start else (at + 1, "")
            self._send(lines, at, found["method"], found["url"], {}, _body(body), stamp)
            return until
        answered = _CAME.search(rest) if stamp is not None and self._open else None
        if answered is None:
            return 0
        until, said = literals.until_closed(lines, at, answered["body"])
        try:
            told = literals.loads(said)
        except ValueError:
            return 0
        url = next((url for url in reversed(self._open) if url in rest), next(reversed(self._open)))
        body = said if _json(said) is not None else exactjson.dumps(told)
        self._answer(lines, at, url, int(answered["status"]), body, stamp)
        return until

    def _row(self, lines: Lines, at: int, value: Mapping[str, Any], said: Stamp | None) -> bool:
        """A line of JSON, whole or behind a time and words; whether it tells a request or an answer."""
        request = next((value[key] for key in _IN_REQUEST if isinstance(value.get(key), dict)), None)
        both = {**value, **(request or {})}
        method, url = str(both.get("method", "")).upper(), str(both.get("url") or both.get("uri") or "")
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
        headers = both.get("headers")
        told = next((both[key] for key in _BODIES if key in both and both[key] is not request), None)
        body: Body = _text(told or "").encode()
        if status and answer is None and (not request or told is None):
            body = b"" if method in ("GET", "HEAD") else Omitted(_UNTOLD)
        self._send(lines, at, method, url, headers if isinstance(headers, dict) else {}, body, stamp)
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
    ) -> None:
        try:
            data = sent(method, url, [(name, str(value)) for name, value in headers.items()], body)
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
