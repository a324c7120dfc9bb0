"""One HTTP/1.1 exchange without I/O: the bytes of a request, and its answer read within limits.

h11 keeps the rules of the protocol (RFC 9112); here are the limits, and what we refuse beyond it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import h11

from harness.limits import (
    HTTP_ANSWER_BYTES,
    HTTP_BODY_BYTES,
    HTTP_CHUNKING_BYTES,
    HTTP_CHUNKS,
    HTTP_HEAD_BYTES,
    HTTP_HEADERS,
    HTTP_INTERIM,
)
from harness.wire.codings import ACCEPTED, Body, CodingError, TooLargeError

Header = tuple[str, str]

_IN_PATH: Final = "!$%&'()*+,/:;=@[\\]^|"
_IN_QUERY: Final = _IN_PATH + "?`{}"
_SWITCHED: Final = 101
_BODILESS: Final = (204, 304)
_BODIED: Final = ("POST", "PUT", "PATCH")
_CHUNK_BYTES: Final = 16
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes out, host and length among its headers. Its target is escaped already."""

    method: str
    target: str
    headers: tuple[Header, ...]
    body: bytes = b""

    @property
    def changes_nothing(self) -> bool:
        """Whether its method is safe (RFC 9110 §9.2.1)."""
        return self.method in ("GET", "HEAD", "OPTIONS", "TRACE")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its headers in order as they came, its body decoded."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of this name, in small letters; empty where there is none."""
        return next((value for held, value in self.headers if held.lower() == name), "")


class NoRequestError(ValueError):
    """What is asked for cannot be sent as HTTP (the caller's fault)."""


class BrokenError(Exception):
    """The answer is not one that can be taken (the other side's fault): a code of docs/errors.md and why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def request_of(
    method: str, host: str, target: str, headers: Mapping[str, str | None], body: bytes = b""
) -> Request:
    """A request with the headers that everybody sends; one that is given replaces ours, None leaves it out.

    Raises NoRequestError for a control character in the target.
    """
    ours = {"Host": host, "Accept": "*/*", "Accept-Encoding": ACCEPTED, "User-Agent": "escalation-harness"}
    named = {name.lower() for name in headers}
    sized = not named & {"content-length", "transfer-encoding"}
    length = {"Content-Length": str(len(body))} if sized and (body or method.upper() in _BODIED) else {}
    kept = {name: value for name, value in ours.items() if name.lower() not in named}
    all_of_them = {**kept, **headers, **length}
    pairs = tuple((name, value) for name, value in all_of_them.items() if value is not None)
    return Request(method.upper(), escaped(target), pairs, body)


def escaped(target: str) -> str:
    """A request target with what may not stand there percent-encoded; a `%` stays as it is.

    Raises NoRequestError for a control character: nobody means one.
    """
    if any(char < " " or char == "\x7f" for char in target):
        raise NoRequestError(f"{target!r} holds a control character")
    path, mark, query = target.partition("?")
    return quote(path, safe=_IN_PATH) + mark + quote(query, safe=_IN_QUERY)


class Exchange:
    """A request and the answer to it, as bytes go out and come in."""

    def __init__(self, request: Request) -> None:
        """Raises NoRequestError where HTTP cannot hold the request."""
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=HTTP_HEAD_BYTES)
        self.outgoing = self._sent(request)
        self.came_bytes = 0
        self._consumed_bytes = 0
        self._interim = 0
        self._head: Any = None
        self._has_no_body = request.method == "HEAD"
        self._body: Body | None = None
        self._data_bytes = 0
        self._chunks = 0

    @property
    def phase(self) -> str:
        """Where the reading of the answer stands, in words."""
        if self._head is not None:
            return "reading the body"
        return "reading the head" if self.came_bytes else "waiting for the answer"

    @property
    def is_reusable(self) -> bool:
        """Whether another request may follow on the connection: both are done, and nothing is left over."""
        left, ended = self._h11.trailing_data
        states = (self._h11.our_state, self._h11.their_state)
        return states == (h11.DONE, h11.DONE) and not left and not ended

    def receive(self, data: bytes) -> Answer | None:
        """Take bytes as they came, b"" for the end; the answer, when it is whole. Raises BrokenError."""
        self.came_bytes += len(data)
        self._h11.receive_data(data)
        try:
            return self._read()
        except h11.RemoteProtocolError as error:
            if error.error_status_hint == 431:
                text = f"{self._line} has more than {HTTP_HEAD_BYTES} bytes"
                raise BrokenError("T015", text) from None
            if not data:
                raise BrokenError("T013", "the other side closed the connection" + _missing(error)) from None
            raise BrokenError("T014", _violation(error)) from None
        except TooLargeError as error:
            raise BrokenError("T015", str(error)) from None
        except CodingError as error:
            raise BrokenError("T016", str(error)) from None

    def _sent(self, request: Request) -> bytes:
        try:
            head = h11.Request(
                method=request.method.encode("ascii"),
                target=request.target.encode("ascii"),
                headers=[(name.encode("ascii"), value.encode("ascii")) for name, value in request.headers],
            )
            events = [head, *([h11.Data(data=request.body)] if request.body else []), h11.EndOfMessage()]
            return b"".join(self._h11.send(event) or b"" for event in events)
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            raise NoRequestError(str(error)) from None

    def _read(self) -> Answer | None:
        while True:
            if self.came_bytes > HTTP_ANSWER_BYTES:
                raise BrokenError("T015", f"the answer has more than {HTTP_ANSWER_BYTES} bytes as it comes")
            event: Any = self._h11.next_event()
            if event is h11.NEED_DATA:
                self._check_chunking()
                return None
            if isinstance(event, h11.InformationalResponse) and event.status_code != _SWITCHED:
                self._check_fields(event.headers, "a head")
                self._interim += 1
                if self._interim > HTTP_INTERIM:
                    raise BrokenError("T015", f"more than {HTTP_INTERIM} interim answers (1xx) came")
            elif isinstance(event, h11.InformationalResponse | h11.Response):
                self._take_head(event)
                if event.status_code == _SWITCHED:
                    return self._whole()
            elif isinstance(event, h11.Data):
                self._take_data(event)
            else:
                if isinstance(event, h11.EndOfMessage):
                    self._check_chunking()
                    self._check_fields(event.headers, "the trailers")
                return self._whole()

    def _take_head(self, head: h11.Response | h11.InformationalResponse) -> None:
        self._check_fields(head.headers, "the head")
        self._head = head
        fields = dict(head.headers)
        length = fields.get(b"content-length")
        if length is None or self._has_no_body or head.status_code in _BODILESS:
            return
        if b"transfer-encoding" in fields:  # whoever reads the one and whoever reads the other disagree
            raise BrokenError("T014", "the answer has both a Content-Length and a Transfer-Encoding")
        most = HTTP_ANSWER_BYTES if fields.get(b"content-encoding") else HTTP_BODY_BYTES
        if int(length) > most:
            raise BrokenError("T015", f"the body has {int(length)} bytes, and {most} are read at most")

    def _check_fields(self, headers: Sized, what: str) -> None:
        """Limits of a head or trailers that have just been read whole."""
        consumed = self.came_bytes - len(self._h11.trailing_data[0])
        size = consumed - self._consumed_bytes
        self._consumed_bytes = consumed
        if what != "the trailers" and size > HTTP_HEAD_BYTES:
            raise BrokenError("T015", f"{what} has more than {HTTP_HEAD_BYTES} bytes")
        if len(headers) > HTTP_HEADERS:
            raise BrokenError("T015", f"{what} has more than {HTTP_HEADERS} headers")

    def _take_data(self, event: h11.Data) -> None:
        if self._body is None:
            codings = [value.decode("latin-1") for name, value in self._head.headers if name == _CODING]
            self._body = Body(", ".join(codings))
        self._chunks += event.chunk_end
        if self._chunks > HTTP_CHUNKS:
            raise BrokenError("T015", f"the body has more than {HTTP_CHUNKS} chunks")
        self._data_bytes += len(event.data)
        self._body.take(bytes(event.data))

    def _check_chunking(self) -> None:
        """What came beside the data may not be much more than the data."""
        if not self._chunks:
            return
        beside = self.came_bytes - len(self._h11.trailing_data[0]) - self._consumed_bytes - self._data_bytes
        most = HTTP_CHUNKING_BYTES + _CHUNK_BYTES * self._chunks + 2 * self._data_bytes
        if beside > most:
            text = f"{beside} bytes of chunk heads and extensions came with {self._data_bytes} of data"
            raise BrokenError("T015", f"{text}: {most} are read at most")

    def _whole(self) -> Answer:
        body = self._body.whole() if self._body is not None else b""
        return Answer(self._head.status_code, _as_text(self._head.headers.raw_items()), body)

    @property
    def _line(self) -> str:
        return "the head" if self._head is None else "a chunk's head, or the trailers,"


_CODING: Final = b"content-encoding"


def _as_text(headers: Iterable[tuple[bytes, bytes]]) -> tuple[Header, ...]:
    """Headers as text: all of them as UTF-8, and where that does not fit as Latin-1, which always does."""
    pairs = list(headers)
    for coding in ("utf-8", "latin-1"):
        try:
            return tuple((name.decode(coding), value.decode(coding)) for name, value in pairs)
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 holds every byte")


def _missing(error: Exception) -> str:
    """What h11 says of a body that was cut: how much came of how much."""
    _, parenthesis, rest = str(error).partition(" (")
    return f" ({rest}" if parenthesis and rest.startswith(("received", "incomplete")) else ""


def _violation(error: Exception) -> str:
    """What is wrong with the answer. A header's value is not shown: it may be anybody's secret."""
    what, _, shown = str(error).partition(": ")
    return what if what == "illegal header line" else f"{what}: {shown[:_SHOWN]}".removesuffix(": ")
