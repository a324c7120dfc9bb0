"""Events of the DevTools protocol, as Selenium's performance log, Puppeteer and Playwright write them.

An exchange is told in parts that a request's id joins: `Network.requestWillBeSent`, `responseReceived`,
`loadingFailed`, and the body where the program asked for it (`Network.getResponseBody`). Frames of a
WebSocket are told by the id of its connection. Source: the Chrome DevTools Protocol, domain Network.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from harness import exactjson
from harness.errors import Place
from harness.evidence.exchanges import Body, Omitted, came, sent
from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import REST, Clue, Reading, Stamp, Unread
from harness.evidence.ticket.frames import channel_of_texts, channel_of_url
from harness.model import Kind
from harness.wire.ws import text_wire

FORM: Final = "events of the DevTools protocol"
_SIGN: Final = re.compile(r"method\\*\"\s*:\s*\\*\"Network\.(?:requestWillBeSent\b|webSocketFrame)")
_NO_BODY: Final = "the log does not tell it"
_TIMES: Final = ("timestamp", "ts", "time", "wallTime")
_TEXT: Final = 1


def looks_like(text: str) -> bool:
    """Whether a text holds such events."""
    return _SIGN.search(text) is not None


def read(text: str, path: str) -> Reading:
    """The exchanges and connections of a log, in the order in which they began."""
    known: dict[str, _Seen] = {}
    for line, row in _rows(text):
        for method, told in _events(row, 0):
            _add(known, Place(path, line, 1), method, told, stamps.in_message(row, _TIMES))
    clues: list[Clue] = []
    unread: list[Unread] = []
    for pair, seen in enumerate(known.values(), start=1):
        try:
            clues += seen.frames_of(pair) if seen.frames else seen.exchange(pair)
        except ValueError as error:
            unread.append(Unread(seen.place, "a request's url", str(error)))
    return Reading(path, FORM, tuple(clues), tuple(unread))


@dataclass(slots=True)
class _Seen:
    """What the events of one id have told."""

    place: Place
    url: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)
    began: Stamp | None = None
    ended: Stamp | None = None
    body: Body = field(default_factory=lambda: Omitted(_NO_BODY))
    failed: str = ""
    frames: list[tuple[Place, Kind, str, Stamp | None]] = field(default_factory=list)

    def exchange(self, pair: int) -> Iterator[Clue]:
        """A request, and its answer or why there was none."""
        url = str(self.request.get("url", ""))
        if not url.startswith(("http://", "https://")):
            return
        posted = self.request.get("postData")
        untold = Omitted(_NO_BODY) if self.request.get("hasPostData") else b""
        body: Body = posted.encode() if isinstance(posted, str) else untold
        data = sent(str(self.request.get("method", "GET")), url, _headers(self.request), body)
        host = data["wire"].get("base", "")
        yield Clue(self.place, Kind.SEND, REST, data, self.began, pair, host)
        status = self.response.get("status")
        if isinstance(status, int) and status > 0:
            told = came(status, _headers(self.response), self.body)
            yield Clue(self.place, Kind.ANSWER, REST, told, self.ended, pair, host)
        elif self.failed:
            yield Clue(self.place, Kind.LOST, REST, {"why": self.failed}, self.ended, pair, host)

    def frames_of(self, pair: int) -> Iterator[Clue]:
        """The frames of a connection."""
        channel = channel_of_url(self.url)
        if channel == "ws":
            channel = channel_of_texts(text for _, _, text, _ in self.frames)
        named = self.url or f"{channel} {pair}"
        opened = {"wire": {"url": self.url} if self.url else {}}
        yield Clue(self.place, Kind.OPEN, channel, opened, self.frames[0][3], pair, named)
        for place, kind, text, stamp in self.frames:
            yield Clue(place, kind, channel, {"wire": text_wire(text)}, stamp, pair, named)


def _add(
    known: dict[str, _Seen], place: Place, method: str, told: Mapping[str, Any], at: Stamp | None
) -> None:
    params = told.get("params")
    params = params if isinstance(params, Mapping) else {}
    key = params.get("requestId")
    if not isinstance(key, str):
        return
    seen = known.setdefault(key, _Seen(place))
    what = method.removeprefix("Network.")
    if what == "requestWillBeSent" and isinstance(params.get("request"), Mapping):
        seen.request, seen.began = params["request"], stamps.unix(params.get("wallTime")) or at
    elif what == "responseReceived" and isinstance(params.get("response"), Mapping):
        seen.response, seen.ended = params["response"], at
    elif what == "loadingFailed":
        seen.failed, seen.ended = str(params.get("errorText") or "it failed"), at
    elif what == "getResponseBody" and isinstance(told.get("result"), Mapping):
        seen.body = _body(told["result"])
    elif what == "webSocketCreated":
        seen.url = str(params.get("url", ""))
    elif what in ("webSocketFrameSent", "webSocketFrameReceived") and isinstance(
        params.get("response"), Mapping
    ):
        frame = params["response"]
        if frame.get("opcode", _TEXT) == _TEXT and isinstance(frame.get("payloadData"), str):
            kind = Kind.SEND if what.endswith("Sent") else Kind.PUSH
            seen.frames.append((place, kind, frame["payloadData"], at))


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a document or of lines, each with its line."""
    try:
        document = exactjson.loads(text)
    except ValueError:
        document = None
    rows = document if isinstance(document, list) else [] if document is None else [document]
    if rows:
        yield from ((1, row) for row in rows if isinstance(row, Mapping))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        start = line.find("{")
        try:
            row = exactjson.loads(line[start:]) if start >= 0 else None
        except ValueError:
            continue
        if isinstance(row, Mapping):
            yield number, row


def _events(value: Any, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The events in a row, which may stand in a text of it."""
    if depth > 4:
        return
    if isinstance(value, str) and "Network." in value:
        try:
            value = exactjson.loads(value)
        except ValueError:
            return
    if isinstance(value, list):
        for each in value:
            yield from _events(each, depth + 1)
    elif isinstance(value, Mapping):
        method = value.get("method")
        if isinstance(method, str) and method.startswith("Network."):
            yield method, value
        else:
            for each in value.values():
                if isinstance(each, str | Mapping | list):
                    yield from _events(each, depth + 1)


def _headers(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = message.get("headers")
    held = rows.items() if isinstance(rows, Mapping) else ()
    return tuple((str(name), str(value)) for name, value in held if not str(name).startswith(":"))


def _body(result: Mapping[str, Any]) -> Body:
    text = str(result.get("body", ""))
    if not result.get("base64Encoded"):
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return Omitted("its base64 is damaged")
