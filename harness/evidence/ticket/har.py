"""HAR 1.2 as Chrome and Firefox export it, WebSocket messages included (`_webSocketMessages`).

Source: the HAR 1.2 specification (log, entries, postData, content); Chrome DevTools' own fields
`_webSocketMessages`, `_resourceType`, `_error`. An entry's answer is put at its start plus its `time`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final

from harness.errors import EvidenceError, Place
from harness.evidence.exchanges import Body, Headers, Omitted, came, kept, sent
from harness.evidence.ticket import jsontext, stamps
from harness.evidence.ticket.clues import REST, Clue, Reading, Stamp, Unread
from harness.evidence.ticket.curlbody import Beside
from harness.evidence.ticket.frames import channel_of_url
from harness.model import Kind
from harness.wire.ws import text_wire

_GZIP: Final = b"\x1f\x8b"
FORM: Final = "HAR"
_TEXT_OPCODE: Final = 1
_NO_STATUS: Final = "the browser has no answer to it"


def looks_like(text: str) -> bool:
    """Whether a text is a HAR: a JSON object that begins with `log`, and has entries."""
    head = text[:4096]
    return head.lstrip()[:1] == "{" and '"log"' in head and '"entries"' in text


def read(text: str, path: str, beside: Beside = lambda name: None) -> Reading:
    """The exchanges and frames of a HAR, in the order of its entries.

    Of a damaged file what stands whole before the damage is read, and the damage is told. Raises
    EvidenceError I030 (the file's fault) where not one entry can be read.
    """
    reader = _Reader(path, beside)
    line_at = jsontext.line_of(text)
    entries, broken = jsontext.items_until_broken(text, "entries")
    for number, (offset, entry) in enumerate(entries, start=1):
        reader.entry(Place(path, line_at(offset), 1), number, entry)
    if broken is not None:
        place = Place(path, line_at(broken.at), 1)
        if not entries:
            raise EvidenceError("I030", f"{place}: no entry of the HAR can be read: {broken.why}")
        told = f"the file is damaged here ({broken.why}): {len(entries)} entries before it were read"
        reader.unread.append(Unread(place, "what follows", told))
    return Reading(path, FORM, tuple(reader.clues), tuple(reader.unread))


@dataclass(slots=True)
class _Reader:
    path: str
    beside: Beside
    clues: list[Clue] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def entry(self, place: Place, number: int, entry: Any) -> None:
        request = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(request, dict) or not isinstance(request.get("url"), str):
            self.unread.append(Unread(place, f"entry {number}", "it has no request with a url"))
            return
        started = stamps.whole(str(entry.get("startedDateTime", "")))
        if started is None:
            self.unread.append(Unread(place, f"the time of entry {number}", "startedDateTime is no time"))
        response = entry.get("response")
        response = response if isinstance(response, dict) else {}
        ended = _later(started, entry.get("time"))
        messages = entry.get("_webSocketMessages")
        if isinstance(messages, list):
            self._socket(place, number, request["url"], started, messages)
        else:
            self._exchange(place, number, request, response, started, ended)

    def _exchange(
        self,
        place: Place,
        number: int,
        request: Mapping[str, Any],
        response: Mapping[str, Any],
        started: Stamp | None,
        ended: Stamp | None,
    ) -> None:
        url, method = request["url"], str(request.get("method", "GET"))
        headers = _headers(request.get("headers"))
        body = self._posted(place, number, request.get("postData"))
        try:
            data = sent(method, url, headers, body)
        except ValueError as error:
            self.unread.append(Unread(place, f"the url of entry {number}", str(error)))
            return
        host = data["wire"].get("base", "")
        self.clues.append(Clue(place, Kind.SEND, REST, data, started, number, host))
        status = response.get("status")
        if not isinstance(status, int) or status <= 0:
            why = str(response.get("_error") or response.get("statusText") or _NO_STATUS)
            self.clues.append(Clue(place, Kind.LOST, REST, {"why": why}, ended, number, host))
            return
        answer_headers = _headers(response.get("headers"))
        answer = came(status, answer_headers, self._content(place, number, response.get("content")))
        self.clues.append(Clue(place, Kind.ANSWER, REST, answer, ended, number, host))

    def _posted(self, place: Place, number: int, posted: Any) -> Body:
        if not isinstance(posted, dict):
            return b""
        text, params = self._text(posted), posted.get("params")
        if isinstance(text, str) and text:
            return _bytes(text, posted.get("encoding"))
        if isinstance(params, list) and params:
            why = "its form is told field by field and not as it was sent"
            self.unread.append(Unread(place, f"the body of entry {number}", why))
            return Omitted(why)
        return b""

    def _content(self, place: Place, number: int, content: Any) -> Body:
        if not isinstance(content, dict):
            return b""
        text = self._text(content)
        if not isinstance(text, str):
            size = content.get("size")
            if isinstance(size, int) and size > 0:
                why = f"{size} bytes that the browser did not export"
                self.unread.append(Unread(place, f"the answer's body of entry {number}", why))
                return Omitted(why)
            return b""
        data = _bytes(text, content.get("encoding"))
        coding = (("content-encoding", "gzip"),) if data.startswith(_GZIP) else ()
        body = kept(coding, data)
        if isinstance(body, Omitted):
            self.unread.append(Unread(place, f"the answer's body of entry {number}", body.why))
        return body

    def _text(self, holder: Mapping[str, Any]) -> Any:
        """A body, or what stands in the file that Playwright put it into."""
        name = holder.get("_file")
        if "text" in holder or not isinstance(name, str):
            return holder.get("text")
        data = self.beside(PurePosixPath(name).name)
        return None if data is None else data.decode("utf-8", "replace")

    def _socket(
        self, place: Place, number: int, url: str, started: Stamp | None, messages: list[Any]
    ) -> None:
        channel = channel_of_url(url)
        opened = {"wire": {"url": url}}
        self.clues.append(Clue(place, Kind.OPEN, channel, opened, started, number, url))
        for at, message in enumerate(messages, start=1):
            named = f"message {at} of entry {number}"
            if not isinstance(message, dict) or not isinstance(message.get("data"), str):
                self.unread.append(Unread(place, named, "it is no message with data"))
                continue
            if message.get("opcode", _TEXT_OPCODE) != _TEXT_OPCODE:
                self.unread.append(Unread(place, named, f"opcode {message['opcode']}: only text is read"))
                continue
            said = message.get("type")
            if said not in ("send", "receive"):
                self.unread.append(Unread(place, named, f"its type is {said!r}: send or receive is read"))
                continue
            kind = Kind.SEND if said == "send" else Kind.PUSH
            stamp = stamps.unix(message.get("time"))
            data = {"wire": text_wire(message["data"])}
            self.clues.append(Clue(place, kind, channel, data, stamp, number, url))


def _headers(rows: Any) -> Headers:
    """Name and value of each header; HTTP/2's pseudo headers repeat the request line and are none."""
    return tuple(_pairs(rows))


def _pairs(rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("name"), str) and not row["name"].startswith(":"):
            yield row["name"], str(row.get("value", ""))


def _bytes(text: str, encoding: Any) -> bytes:
    if encoding != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _later(started: Stamp | None, milliseconds: Any) -> Stamp | None:
    if started is None or isinstance(milliseconds, bool):
        return started
    try:
        us = int(milliseconds * 1000)
    except (TypeError, ValueError):
        return started
    return replace(started, us=started.us + max(us, 0))
