"""HTTP exchanges that were not ours, as the events of a cassette. Values in, values out; no I/O."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from harness import limits
from harness.model import By, Event, Kind, Source
from harness.wire.http import request_wire, response_wire

HTTP: Final = Source("rest")
"""Where evidence stands on the timeline: nobody knows yet which actor it was."""

Headers: TypeAlias = Sequence[tuple[str, str]]

_OF_A_VARIABLE: Final = re.compile(r"^\{\{[^{}]*\}\}(?=/)")
"""A host that is a variable's value, which no file tells: it is not known."""
_GZIP: Final = (zlib.MAX_WBITS | 16,)
_DEFLATE: Final = (zlib.MAX_WBITS, -zlib.MAX_WBITS)  # with its header, as the standard says; and without
_CODINGS: Final[Mapping[str, tuple[int, ...]]] = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _DEFLATE}


@dataclass(frozen=True, slots=True)
class Omitted:
    """A body that is not kept, and why; the event says so in its place (`body_omitted`)."""

    why: str


Body: TypeAlias = bytes | Omitted


def sent(method: str, url: str, headers: Headers, body: Body) -> dict[str, Any]:
    """The data of a send: what went out, with the host that it went to as `base`."""
    parts = urlsplit(_OF_A_VARIABLE.sub("", url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]  # what stands before it is a name and a password
    base = f"{parts.scheme}://{host}" if host else ""
    wire = request_wire(method, target, headers, b"" if isinstance(body, Omitted) else body)
    if base:
        wire = {"method": wire.pop("method"), "base": base, **wire}
    return {"wire": wire | _omission(body)}


_DELETES: Final = ("/order", "/orders", "/cancel-market-orders")
"""What is taken away by a request with a body (docs/exchange.md); other DELETEs have none."""


def is_bare(method: str, url: str) -> bool:
    """Whether a request has no body by its nature: then a log that tells no bodies leaves nothing untold."""
    return method in ("GET", "HEAD") or (
        method == "DELETE" and not url.partition("?")[0].rstrip("/").endswith(_DELETES)
    )


def came(status: int, headers: Headers, body: Body) -> dict[str, Any]:
    """The data of an answer."""
    wire = response_wire(status, headers, b"" if isinstance(body, Omitted) else body)
    return {"wire": wire | _omission(body)}


def kept(headers: Headers, body: bytes) -> Body:
    """The body as it is kept: without its content coding, or nothing where it is too long or unreadable.

    What cannot be decoded is not kept, because no secret could be found in it. A client may have decoded
    the body already and left the header: such a body is taken as it is.
    """
    most = limits.CAPTURED_BODY_BYTES
    if len(body) > most:
        return Omitted(f"{len(body)} bytes: more than {most}")
    named = [value for name, value in headers if name.lower() == "content-encoding"]
    coding = ", ".join(named).strip().lower()
    if coding in ("", "identity") or not body:
        return body
    for window_bits in _CODINGS.get(coding, ()):
        unpacker = zlib.decompressobj(window_bits)
        try:
            plain = unpacker.decompress(body, most + 1)
        except zlib.error:
            continue
        if len(plain) > most:
            return Omitted(f"more than {most} bytes when unpacked from {coding}")
        return plain if unpacker.eof else Omitted(f"its {coding} is cut off")
    return body if _is_text(body) else Omitted(f"content-encoding {coding} cannot be read")


def timeless(exchanges: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[Event]:
    """The events of exchanges whose times nobody knows: in order, all at 0, and watched no further."""
    number = 0
    for index, (send, answer) in enumerate(exchanges):
        yield Event(number, 0, Kind.SEND, HTTP, index=index, by=By.CASE, data=send)
        yield Event(number + 1, 0, Kind.ANSWER, HTTP, index=index, by=By.PEER, data=answer)
        number += 2
    yield Event(number, 0, Kind.HORIZON, HTTP, by=By.RUNNER, data={"until_us": 0})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a cassette with the answer that reached whoever asked: as they went over the wire."""

    channel: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]


def answered(events: Iterable[Event]) -> Iterator[Exchange]:
    """The HTTP exchanges among a cassette's events, in the order of their requests.

    Left out is what no HTTP client could be given: frames, FIX, JSON-RPC, requests whose answer was lost,
    was withheld from the case, or was not kept whole.
    """
    asked: list[Event] = []
    answers: dict[tuple[object, int], Mapping[str, Any]] = {}
    for event in events:
        wire = event.data.get("wire")
        if not isinstance(wire, Mapping):
            continue
        if event.kind is Kind.SEND and "method" in wire and "target" in wire:
            asked.append(event)
        elif event.kind is Kind.ANSWER and "status" in wire and _reached(event.data):
            answers[event.lane, event.index] = wire
    for event in asked:
        answer = answers.get((event.lane, event.index))
        if answer is not None:
            yield Exchange(event.source.channel, event.data["wire"], answer)


def _reached(data: Mapping[str, Any]) -> bool:
    """Whether the answer came to whoever asked, and is here whole."""
    return bool(data.get("delivered", True)) and "body_omitted" not in data["wire"]


def _omission(body: Body) -> dict[str, str]:
    return {"body_omitted": body.why} if isinstance(body, Omitted) else {}


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
