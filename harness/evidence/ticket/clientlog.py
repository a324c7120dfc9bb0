"""Debug logs of Python clients: httpx, httpcore, and what `py-clob-client-v2` says of an error.

httpx tells method, URL and status (`HTTP Request: …`), httpcore each answer's headers; neither tells bodies.
`py_clob_client_v2` tells the body of a refusal. One exchange's lines stand apart and among others, so they
are put together here, in the order of the log. Source: httpx 0.28, httpcore 1.0, the client 1.2.1.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.errors import Place
from harness.evidence.exchanges import Body, Omitted, came, is_bare, sent
from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import REST, Clue, Stamp, Unread
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind

NAME: Final = "client log"
_BODY_UNTOLD: Final = "the log does not tell it"
_HTTPX: Final = re.compile(
    r'HTTP Request: (?P<method>[A-Z]+) (?P<url>https?://\S+) "HTTP/[0-9.]+ (?P<status>[0-9]{3})[^"]*"'
)
_CORE_SENT: Final = re.compile(r"send_request_headers\.started request=<Request \[b'(?P<method>[A-Z]+)'\]>")
_CORE_CAME: Final = re.compile(r"receive_response_headers\.complete return_value=(?P<value>\(.*\))[^()]*$")
_CORE: Final = re.compile(
    r"\b(?:connect_tcp|start_tls|send_request_headers|send_request_body|send_connection_init|receive_response_headers|"
    r"receive_response_body|response_closed|close|receive_remote_settings|connection)\.(?:started|complete|failed)\b"
    r"|load_ssl_context|load_verify_locations"
)
_FAILED: Final = re.compile(r"\[py_clob_client_v2\] request error: (?P<why>.*)$")
_REFUSED: Final = re.compile(
    r"\[py_clob_client_v2\] request error status=(?P<status>[0-9]{3}) url=(?P<url>\S+) body=(?P<body>.*)$"
)
_CORE_FAILED: Final = re.compile(
    r"(?:connect_tcp|receive_response_headers|send_request_\w+)\.failed exception=(?P<why>.*)$"
)


_METHODS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("/order", "/orders", "/auth/api-key", "/v1/heartbeats", "/heartbeats"), "POST"),
    **dict.fromkeys(("/cancel-all", "/cancel-market-orders"), "DELETE"),
    **dict.fromkeys(("/auth/derive-api-key", "/auth/api-keys", "/book", "/midpoint", "/price"), "GET"),
    **dict.fromkeys(("/data/orders", "/data/trades", "/balance-allowance", "/tick-size"), "GET"),
}
"""What a path is asked with where nothing says it: an order is placed more often than cancelled."""


@dataclass(slots=True)
class _Exchange:
    """What the lines of one exchange have told so far."""

    place: Place
    started: Stamp | None
    method: str = ""
    url: str = ""
    status: int = 0
    headers: Sequence[tuple[str, str]] = ()
    ended: Stamp | None = None
    body: Body = field(default_factory=lambda: Omitted(_BODY_UNTOLD))
    why: str = ""

    def clues(self, pair: int) -> list[Clue]:
        body: Body = b"" if is_bare(self.method, self.url) else Omitted(_BODY_UNTOLD)
        data = sent(self.method, self.url, (), body)
        host = data["wire"].get("base", "")
        send = Clue(self.place, Kind.SEND, REST, data, self.started, pair, host)
        if self.status:
            answer = came(self.status, self.headers, self.body)
            return [send, Clue(self.place, Kind.ANSWER, REST, answer, self.ended, pair, host)]
        return [send, Clue(self.place, Kind.LOST, REST, {"why": self.why}, self.ended, pair, host)]


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The exchanges from this line on, up to the first line that no client of these wrote."""
    if not _is_ours(lines[at]):
        return None
    reader = _Reader()
    until = at
    for number in lines.after(at):
        if lines[number].strip() and not _is_ours(lines[number]):
            break
        if lines[number].strip():
            reader.line(lines.place(number), lines[number])
            until = number + 1
    clues = [clue for offset, each in enumerate(reader.whole()) for clue in each.clues(pair + offset)]
    return Taken(until, tuple(clues), tuple(reader.unread))


FORM: Final = Form(NAME, take)


def _is_ours(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_HTTPX, _CORE, _REFUSED, _FAILED))


def joined(clues: Sequence[Clue]) -> tuple[list[Clue], list[Unread]]:
    """The clues of one file, each refusal that stands alone put to the exchange that it is of.

    Other lines may stand between the two. One that no exchange is found for has a method that its path has
    alone, and is told of otherwise.
    """
    kept: list[Clue] = []
    unread: list[Unread] = []
    alone = {clue.pair for clue in clues if clue.data.get("wire", {}).get("method") == ""}
    urls = {clue.pair: _target(clue) for clue in clues if clue.channel == REST and clue.kind is Kind.SEND}
    for clue in clues:
        if clue.channel != REST or clue.pair not in alone:
            kept.append(clue)
        elif clue.kind is Kind.SEND:
            continue
        else:
            at = _untold_answer(kept, clue, urls)
            if at >= 0:
                wire = {key: value for key, value in kept[at].data["wire"].items() if key != "body_omitted"}
                body = {"body": clue.data["wire"].get("body", "")}
                kept[at] = replace(kept[at], data={**kept[at].data, "wire": {**wire, **body}})
                continue
            send = next(one for one in clues if one.pair == clue.pair and one.kind is Kind.SEND)
            method = _METHODS.get(urls[clue.pair].partition("?")[0], "")
            why = "the client does not tell it: httpx would"
            unread.append(
                Unread(clue.place, "a request's method", f"{why}{method and f'; taken as {method}'}")
            )
            if method:
                wire = {**send.data["wire"], "method": method}
                kept += [replace(send, data={**send.data, "wire": wire}), clue]
    return kept, unread


def _target(clue: Clue) -> str:
    return str(clue.data["wire"]["target"])


def _untold_answer(kept: Sequence[Clue], refusal: Clue, urls: Mapping[int, str]) -> int:
    """Where the last answer without a body stands that has this refusal's URL and status; or -1."""
    target, status = urls[refusal.pair].partition("?")[0], refusal.data["wire"]["status"]
    for at in range(len(kept) - 1, -1, -1):
        wire = kept[at].data.get("wire", {})
        is_one = kept[at].kind is Kind.ANSWER and wire.get("status") == status and "body_omitted" in wire
        if is_one and urls.get(kept[at].pair, "").partition("?")[0] == target:
            return at
    return -1


def _value(text: str) -> str:
    """The JSON that a text begins with, without what a logger wrote behind it."""
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return text
    return text[:end]


class _Reader:
    def __init__(self) -> None:
        self._open: _Exchange | None = None
        self._all: list[_Exchange] = []
        self.unread: list[Unread] = []

    def whole(self) -> list[_Exchange]:
        """The exchanges whose URL was told; the others are told of as not read."""
        for each in self._all:
            if not each.url:
                why = "its URL is not told: log at INFO or below from httpx, too"
                self.unread.append(Unread(each.place, f"a {each.method or 'request'}", why))
        return [each for each in self._all if each.url]

    def line(self, place: Place, text: str) -> None:
        stamp, _ = stamps.leading(text)
        if (found := _CORE_SENT.search(text)) is not None:
            self._begin(_Exchange(place, stamp, method=found["method"]))
        elif (found := _CORE_CAME.search(text)) is not None:
            self._came(place, stamp, found["value"])
        elif (found := _CORE_FAILED.search(text)) is not None:
            self._current(place, stamp).why = found["why"]
        elif (found := _HTTPX.search(text)) is not None:
            one = self._current(place, stamp, found["method"])
            one.method, one.url, one.status = found["method"], found["url"], int(found["status"])
            one.ended = one.ended or stamp
        elif (found := _REFUSED.search(text)) is not None:
            self._refused(place, stamp, found)
        elif (found := _FAILED.search(text)) is not None:
            one = self._current(place, stamp)
            one.why, one.ended = found["why"], stamp
            self._open = None

    def _begin(self, exchange: _Exchange) -> None:
        self._open = exchange
        self._all.append(exchange)

    def _current(self, place: Place, stamp: Stamp | None, method: str = "") -> _Exchange:
        """The exchange that this line belongs to; one that is told whole already is over."""
        one = self._open
        if one is None or one.url or (method and one.method not in ("", method)):
            one = _Exchange(place, stamp, method=method)
            self._begin(one)
        return one

    def _came(self, place: Place, stamp: Stamp | None, value: str) -> None:
        try:
            _, status, _, headers = ast.literal_eval(value)
            rows = [(name.decode("latin-1"), content.decode("latin-1")) for name, content in headers]
        except (ValueError, SyntaxError, TypeError, AttributeError, MemoryError, RecursionError):
            self.unread.append(
                Unread(place, "an answer's headers", "they are cut off or not as httpcore writes them")
            )
            return
        one = self._current(place, stamp)
        one.status, one.headers, one.ended = int(status), rows, stamp

    def _refused(self, place: Place, stamp: Stamp | None, found: re.Match[str]) -> None:
        """The client tells a refusal after httpx did; where httpx is silent it is all there is."""
        one = self._open
        if one is None or one.status not in (0, int(found["status"])) or one.url not in ("", found["url"]):
            one = next(
                (each for each in reversed(self._all) if each.url.partition("?")[0] == found["url"]), None
            )
        if one is None or isinstance(one.body, bytes):
            one = _Exchange(place, None, method="", url=found["url"])
            self._begin(one)
        one.url, one.status = one.url or found["url"], int(found["status"])
        one.body, one.ended = _value(found["body"]).encode(), one.ended or stamp
