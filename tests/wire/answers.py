"""Answers of HTTP as bytes: good ones to be cut anywhere, and ones that are as large as a limit."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

from harness import limits
from harness.wire.exchange import Answer, Exchange, request_of

OK = b"HTTP/1.1 200 OK\r\n"
PAGE = b'{"data":[' + b",".join(b'{"id":"%d","price":"0.%d"}' % (at, at + 11) for at in range(8)) + b"]}"


def exchange(method: str = "GET", body: bytes = b"", **headers: str | None) -> Exchange:
    """An exchange with somebody."""
    return Exchange(request_of(method, "exchange.test", "/x", headers, body))


def pieces(data: bytes, size: int = 65_536) -> Iterator[bytes]:
    """Bytes as a socket gives them."""
    return (data[at : at + size] for at in range(0, len(data), size))


def read(data: bytes, method: str = "GET", size: int = 65_536) -> Answer | None:
    """What is read of these bytes, the connection staying open."""
    asked = exchange(method)
    for piece in pieces(data, size):
        answer = asked.receive(piece)
        if answer is not None:
            return answer
    return None


def chunked(*parts: bytes, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    """A chunked body."""
    rows = [b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts]
    return b"".join(rows) + b"0\r\n" + trailers + b"\r\n"


def sized(body: bytes, head: bytes = OK) -> bytes:
    """An answer with a Content-Length."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


TE = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIPPED = OK + b"Content-Encoding: gzip\r\n"

CONVERSATIONS: dict[str, tuple[str, bytes, bytes]] = {
    "GET with a length": ("GET", sized(PAGE), PAGE),
    "chunked POST": ("POST", TE + chunked(PAGE[:7], PAGE[7:90], PAGE[90:], trailers=b"X-Sum: 1\r\n"), PAGE),
    "204 without a body": ("DELETE", b"HTTP/1.1 204 No Content\r\nServer: venue\r\n\r\n", b""),
    "gzip": ("GET", sized(gzip.compress(PAGE, mtime=0), GZIPPED), PAGE),
    "JSON-RPC batch": (
        "POST",
        b"HTTP/1.1 100 Continue\r\n\r\n"
        + sized(b'[{"jsonrpc":"2.0","id":0,"result":"0x89"},{"jsonrpc":"2.0","id":1,"result":null}]'),
        b'[{"jsonrpc":"2.0","id":0,"result":"0x89"},{"jsonrpc":"2.0","id":1,"result":null}]',
    ),
}
"""Five reference conversations: how it is asked, all bytes of the answer, its body."""


def _head(size: int) -> bytes:
    start, end = OK + b"Content-Length: 0\r\nX-Pad: ", b"\r\n\r\n"
    return start + b"x" * (size - len(start) - len(end)) + end


def _headers(count: int) -> bytes:
    return OK + b"Content-Length: 0\r\n" + b"X: y\r\n" * (count - 1) + b"\r\n"


def _trailers(count: int) -> bytes:
    return TE + chunked(b"x", trailers=b"X: y\r\n" * count)


def _interim(count: int) -> bytes:
    return b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n" * count + sized(b"")


def _body(size: int) -> bytes:
    return sized(b"x" * size)


def _chunked_body(size: int) -> bytes:
    return TE + chunked(*pieces(b"x" * size))


def _inflated_body(size: int) -> bytes:
    noise = b"".join(zlib.compress(b"%d" % at) for at in range(2_000))  # so that it is not inflated too far
    return sized(gzip.compress((noise * (size // len(noise) + 1))[:size], 1), GZIPPED)


def _answer(size: int) -> bytes:
    part = 8 * 1024  # an extension may be twice as long
    row = b"%x;%s\r\n%s\r\n" % (part, b"e" * (2 * part - 100), b"x" * part)
    end = b"0\r\n\r\n"
    rows, left = divmod(size - len(TE) - len(end), len(row))
    last = left + len(row) - len(b"ffff\r\n\r\n")
    return TE + row * (rows - 1) + b"%04x\r\n%s\r\n" % (last, b"x" * last) + end


def _chunks(count: int) -> bytes:
    return TE + chunked(*[b"x"] * count)


def _chunking(size: int) -> bytes:
    """One byte of data, and `size` bytes more beside it than any chunk and byte may have."""
    wanted = size + 16 + 2
    return TE + chunked(b"x", extension=b";" + b"e" * (wanted - len(b"1;\r\n\r\n0\r\n\r\n")))


def _inflated(times: int) -> bytes:
    """Ten thousand bytes of gzip that decode to `times` as many, and to one more past the limit."""
    more = times - limits.HTTP_INFLATION
    return _padded_gzip(bytes(limits.HTTP_INFLATION * 10_000 + more), 10_000)


def _inflated_from(size: int) -> bytes:
    return sized(gzip.compress(bytes(size), mtime=0), GZIPPED)


def _padded_gzip(content: bytes, size: int) -> bytes:
    plain = gzip.compress(content, mtime=0)
    head, rest = plain[:3] + b"\x08" + plain[4:10], plain[10:]  # with the name of a file, as long as needed
    return sized(head + b"n" * (size - len(plain) - 1) + b"\0" + rest, GZIPPED)


SIZED: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "a head": ("HTTP_HEAD_BYTES", _head),
    "headers": ("HTTP_HEADERS", _headers),
    "trailers": ("HTTP_HEADERS", _trailers),
    "interim answers": ("HTTP_INTERIM", _interim),
    "a body with a length": ("HTTP_BODY_BYTES", _body),
    "a body in chunks": ("HTTP_BODY_BYTES", _chunked_body),
    "an inflated body": ("HTTP_BODY_BYTES", _inflated_body),
    "a whole answer": ("HTTP_ANSWER_BYTES", _answer),
    "chunks": ("HTTP_CHUNKS", _chunks),
    "chunk extensions": ("HTTP_CHUNKING_BYTES", _chunking),
    "inflation": ("HTTP_INFLATION", _inflated),
    "inflation of small bodies": ("HTTP_INFLATION_FROM_BYTES", _inflated_from),
}
"""Answers by the limit that they are measured by: as many bytes, headers, …, as asked for."""
