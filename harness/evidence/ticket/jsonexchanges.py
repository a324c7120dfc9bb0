"""Exchanges in any JSON document of a tool: a session of Charles, a report of a run, an export of a debugger.

Tools agree on what an exchange is and differ in how they name and nest it. So the document's form is not
asked: each object in it that tells a method, an URL and, in itself or in a part, a status, is an exchange.
Names are compared without case and marks (`statusCode`, `status_code`, `Status Code`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from harness import exactjson
from harness.errors import Place
from harness.evidence.exchanges import Body, Omitted, came, kept, sent
from harness.evidence.ticket import jsontext, stamps
from harness.evidence.ticket.clues import REST, Clue, Reading, Stamp, Unread
from harness.evidence.ticket.frames import channel_of_texts, channel_of_url
from harness.model import Kind
from harness.wire.ws import text_wire

FORM: Final = "JSON of a tool"
_METHODS: Final = frozenset(("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"))
_ASKED: Final = ("request", "req", "httprequest", "clientrequest")
_CAME: Final = ("response", "res", "resp", "httpresponse", "answer", "reply")
_METHOD: Final = ("method", "httpmethod", "verb", "requestmethod")
_URL: Final = ("url", "uri", "requesturl", "requesturi", "fullurl", "href", "rawurl")
_STATUS: Final = ("status", "statuscode", "code", "responsecode", "responsestatus", "httpstatus")
_BODY: Final = ("body", "content", "postdata", "data", "payload", "entity", "text", "rawbody", "requestbody")
_ANSWERED: Final = ("body", "content", "data", "payload", "entity", "text", "responsebody", "rawbody")
_TEXT: Final = ("text", "raw", "data", "value", "content", "decoded", "buffer", "base64", "encoded", "body")
_BEGAN: Final = (
    *("starteddatetime", "start", "requestbegin", "starttime", "timestampstart", "started", "startedat"),
    *("timestamp", "time", "date", "sentat", "requesttime", "created", "createdat", "when", "ts"),
)
_ENDED: Final = ("end", "responseend", "timestampend", "ended", "endtime", "endedat", "responsetimestamp")
_TIMES: Final = ("times", "timing", "timings", "timingevents", "timestamps")
_FRAMES: Final = ("websocketmessages", "messages", "frames", "websocketframes")
_WAYS: Final = {
    **dict.fromkeys(("send", "sent", "out", "outgoing", "client", "request", "upstream"), Kind.SEND),
    **dict.fromkeys(("receive", "received", "in", "incoming", "server", "response", "downstream"), Kind.PUSH),
}  # fmt: skip
_DEPTH: Final = 24
_SAID: Final = re.compile(r'"(?:POST|GET|DELETE)"', re.I)
_HTTP: Final = re.compile(r"https?://", re.I)
_SOCKET: Final = re.compile(r"wss?://", re.I)


def looks_like(text: str) -> bool:
    """Whether a text may be such a document: JSON that names methods and statuses."""
    return text.lstrip()[:1] in ("{", "[") and _SAID.search(text) is not None


def read(text: str, path: str) -> Reading | None:
    """The exchanges of a document in its order; None where it is no whole JSON or tells none."""
    try:
        document = jsontext.loads(text)
    except ValueError:
        return None
    reader = _Reader(path)
    reader.walk(document, 0)
    return Reading(path, FORM, tuple(reader.clues), tuple(reader.unread)) if reader.clues else None


@dataclass(slots=True)
class _Reader:
    path: str
    clues: list[Clue] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    pairs: int = 0

    def walk(self, value: Any, depth: int) -> None:
        """All exchanges below a value; inside of one there are no others."""
        if depth > _DEPTH:
            return
        if isinstance(value, list):
            for each in value:
                self.walk(each, depth + 1)
        elif isinstance(value, dict) and not self._exchange(value):
            for each in value.values():
                self.walk(each, depth + 1)

    def _exchange(self, row: Mapping[str, Any]) -> bool:
        named = _named(row)
        asked = _part(named, _ASKED)
        both = {**named, **asked}
        method, url = str(_first(both, _METHOD) or "").upper(), _url(both)
        answer = _part(named, _CAME)
        status = _status(answer) or (_status(named) if not answer else 0)
        frames = _first(named, _FRAMES) or _first(answer, _FRAMES)
        place = Place(self.path, 1, self.pairs + 1)
        if _SOCKET.match(url) or (frames and _HTTP.match(url)):
            return isinstance(frames, list) and self._socket(place, url, frames)
        if method not in _METHODS or not _HTTP.match(url) or not status:
            return False
        self.pairs += 1
        began = _time(named, _BEGAN) or _time(asked, _BEGAN)
        ended = _time(named, _ENDED) or _time(answer, _ENDED) or _time(answer, _BEGAN) or began
        body = _body(_first(asked or named, _BODY))
        try:
            data = sent(method, url, _headers(asked or named), body)
        except ValueError as error:
            self.unread.append(Unread(place, "an url", str(error)))
            return True
        host = data["wire"].get("base", "")
        self.clues.append(Clue(place, Kind.SEND, REST, data, began, self.pairs, host))
        headers = _headers(answer) if answer else ()
        told = _body(_first(answer or named, _ANSWERED if answer else ("responsebody", "response", "answer")))
        told = told if isinstance(told, Omitted) else _decoded(told)
        for what, held in (("the body", body), ("the answer's body", told)):
            if isinstance(held, Omitted):
                self.unread.append(Unread(place, f"{what} of exchange {self.pairs}", held.why))
        self.clues.append(
            Clue(place, Kind.ANSWER, REST, came(status, headers, told), ended, self.pairs, host)
        )
        return True

    def _socket(self, place: Place, url: str, rows: list[Any]) -> bool:
        found: list[tuple[Kind, str, Stamp | None]] = []
        for row in rows:
            named = _named(row) if isinstance(row, dict) else {}
            way = _first(named, ("type", "direction", "dir", "side", "from", "origin", "sender"))
            text = _body(_first(named, ("data", "payload", "content", "text", "message", "body")))
            kind = _WAYS.get(str(way).lower())
            if kind is not None and isinstance(text, bytes) and text:
                found.append((kind, text.decode("utf-8", "replace"), _time(named, _BEGAN)))
        if not found:
            return False
        self.pairs += 1
        channel = channel_of_url(url)
        if channel == "ws":
            channel = channel_of_texts(said for _, said, _ in found)
        opened: dict[str, Any] = {"wire": {"url": url}}
        self.clues.append(Clue(place, Kind.OPEN, channel, opened, found[0][2], self.pairs, url))
        for kind, said, stamp in found:
            self.clues.append(Clue(place, kind, channel, {"wire": text_wire(said)}, stamp, self.pairs, url))
        return True


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row by its names without case and marks; where two are the same, the first that says something."""
    named: dict[str, Any] = {}
    for key, value in row.items():
        name = re.sub(r"[^a-z0-9]", "", key.lower())
        if named.get(name) in (None, "", [], {}):
            named[name] = value
    return named


def _first(named: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((named[name] for name in names if named.get(name) is not None), None)


def _part(named: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    value = next((named[name] for name in names if isinstance(named.get(name), dict)), None)
    return _named(value) if value is not None else {}


def _url(named: Mapping[str, Any]) -> str:
    """An URL as one text, in parts of an object, or in parts beside each other."""
    value = _first(named, _URL)
    if isinstance(value, dict):
        inner = _named(value)
        value = _first(inner, ("raw", "full", "href", "url"))
        named = {**named, **inner} if value is None else named
    if isinstance(value, str) and "://" in value:
        return value
    host = _first(named, ("host", "hostname", "authority", "server", "address"))
    path = value if isinstance(value, str) else _first(named, ("path", "pathname", "target"))
    if not isinstance(host, str) or not isinstance(path, str):
        return ""
    scheme = str(_first(named, ("scheme", "protocol")) or "https").rstrip(":/").lower()
    scheme = scheme if scheme in ("http", "https", "ws", "wss") else "https"
    port = _first(named, ("port",))
    usual = {"http": 80, "https": 443, "ws": 80, "wss": 443}[scheme]
    where = host if ":" in host or port in (None, -1, 0, usual, str(usual)) else f"{host}:{port}"
    query = _first(named, ("query", "querystring", "search"))
    if isinstance(query, dict):
        query = urlencode(query)
    more = f"?{query.lstrip('?')}" if isinstance(query, str) and query and "?" not in path else ""
    return f"{scheme}://{where}/{path.lstrip('/')}{more}"


def _status(named: Mapping[str, Any]) -> int:
    for name in _STATUS:
        value = named.get(name)
        if isinstance(value, str) and re.match(r"[1-5][0-9]{2}\b", value):
            value = int(value[:3])
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600:
            return value
    return 0


def _headers(named: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Headers as a table, as rows of name and value, as pairs, or as one text; wherever they are nested."""
    value = _first(named, ("headers", "header", "requestheaders", "responseheaders", "rawheaders"))
    if isinstance(value, dict):
        nested = _named(value)
        if isinstance(nested.get("headers"), list | dict):
            return _headers(nested)
        return tuple((str(key), _joined(each)) for key, each in value.items() if not key.startswith(":"))
    rows: list[tuple[str, str]] = []
    for each in value if isinstance(value, list) else str(value or "").splitlines():
        if isinstance(each, dict):
            inner = _named(each)
            rows.append((str(_first(inner, ("name", "key")) or ""), _joined(inner.get("value"))))
        elif isinstance(each, list) and len(each) == 2:
            rows.append((str(each[0]), _joined(each[1])))
        elif isinstance(each, str) and ":" in each:
            name, _, text = each.partition(":")
            rows.append((name.strip(), text.strip()))
    return tuple(row for row in rows if row[0] and not row[0].startswith(":"))


def _joined(value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value or "")


def _body(value: Any, depth: int = 0) -> Body:
    """A body as a text, as bytes in base64, as a list of bytes, as a value, or in a part of its own."""
    if value is None or value == "" or value == {}:
        return b""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, dict):
        named = _named(value)
        is_holder = depth < 3 and not named.keys() - _HOLDERS
        if is_holder:
            inner = next((name for name in _TEXT if named.get(name) not in (None, "")), "")
            text = named.get(inner)
            coded = str(named.get("encoding") or named.get("transferencoding") or inner).lower()
            if isinstance(text, str) and coded in ("base64", "encoded"):
                return _unpacked(text)
            if inner:
                return _body(text, depth + 1)
            return Omitted("it was not exported") if named.get("size") else b""
        if named.get("type") == "Buffer" and isinstance(named.get("data"), list):
            return _body(named["data"])
    if isinstance(value, list) and value and all(type(each) is int and 0 <= each < 256 for each in value):
        return bytes(value)
    return exactjson.dumps(value).encode()


_HOLDERS: Final = frozenset(
    (
        *_TEXT,
        *("mimetype", "encoding", "size", "charset", "contentencoding", "transferencoding", "mode", "type"),
        *("options", "contenttype", "compression", "params", "length", "encodedlength", "decodedlength"),
        *("truncated", "encodedsize", "comment", "form", "urlencoded", "filename"),
    )
)


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _decoded(body: bytes) -> Body:
    """A body without the compression that its first bytes tell."""
    return kept((("content-encoding", "gzip"),), body) if body.startswith(b"\x1f\x8b") else body


def _time(named: Mapping[str, Any], names: tuple[str, ...]) -> Stamp | None:
    held = [named, *(_named(named[name]) for name in _TIMES if isinstance(named.get(name), dict))]
    return next((stamp for each in held if (stamp := stamps.in_message(each, names)) is not None), None)
