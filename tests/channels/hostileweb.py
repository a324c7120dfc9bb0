"""A server that says whatever it is told to, byte by byte: what no HTTP library would say."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Self

from venue.bench import DEADLINE_S
from wire.answers import GZIPPED, OK, TE, sized

Say = Callable[[socket.socket], None]
MIB = 1024 * 1024


class HostileWeb:
    """Takes connections by threads of their own; reads a request, and has `say` answer it.

    A request for `/ok` is answered as HTTP wants it. `held` are the connections in the order of their coming.
    One that is `deaf` reads nothing: `say` has the connection as soon as it is there.
    """

    def __init__(
        self, say: Say | None = None, *, deaf: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        self.say = say or (lambda _: None)
        self.asked: list[bytes] = []
        self.held: list[socket.socket] = []
        self._deaf = deaf
        self._tls = tls
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for held in self.held:
            with_no_more(held)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                held, _ = self._listener.accept()
            except OSError:
                return
            held.settimeout(DEADLINE_S)
            self.held.append(held)
            thread = threading.Thread(target=self._serve, args=(held,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, held: socket.socket) -> None:
        try:
            if self._tls is not None:
                held = self._tls.wrap_socket(held, server_side=True)
            if self._deaf:
                self.say(held)
                self._ended.wait()
                return
            while request := read_request(held):
                self.asked.append(request)
                if request.split(b" ")[1] == b"/ok":
                    held.sendall(sized(b"fine"))
                else:
                    self.say(held)
        except OSError:
            pass  # the client has had enough
        finally:
            held.close()


def with_no_more(held: socket.socket) -> None:
    """Let go whoever reads or writes there."""
    try:
        held.shutdown(socket.SHUT_RDWR)
    except OSError:
        held.close()


def read_request(held: socket.socket) -> bytes:
    """A request with its body; b"" at the end."""
    came = b""
    while b"\r\n\r\n" not in came:
        data = held.recv(65_536)
        if not data:
            return b""
        came += data
    head, _, body = came.partition(b"\r\n\r\n")
    rows = (row.lower().partition(b":") for row in head.split(b"\r\n"))
    length = next((int(value) for name, _, value in rows if name == b"content-length"), 0)
    while len(body) < length:
        data = held.recv(65_536)
        if not data:
            return b""
        body += data
    return head + b"\r\n\r\n" + body


def saying(*data: bytes | Iterable[bytes]) -> Say:
    """Say all of it, and leave the connection open."""

    def say(held: socket.socket) -> None:
        for part in data:
            for piece in [part] if isinstance(part, bytes) else part:
                held.sendall(piece)

    return say


def closing(*data: bytes | Iterable[bytes]) -> Say:
    """Say all of it, and close."""

    def say(held: socket.socket) -> None:
        saying(*data)(held)
        with_no_more(held)

    return say


def resetting(*data: bytes) -> Say:
    """Say all of it, and reset the connection."""

    def say(held: socket.socket) -> None:
        saying(*data)(held)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        held.close()

    return say


def half_closing(*data: bytes) -> Say:
    """Say all of it, say that no more will come, and go on listening."""

    def say(held: socket.socket) -> None:
        saying(*data)(held)
        held.shutdown(socket.SHUT_WR)

    return say


def dripping(start: bytes, drop: bytes) -> Say:
    """Say the start, and then a drop every ten milliseconds, for as long as anybody listens."""
    pause = threading.Event()

    def drops() -> Iterator[bytes]:
        yield start
        while not pause.wait(0.01):
            yield drop

    return lambda held: saying(drops())(held)


def endless(piece: bytes, *, most: int = 1024 * MIB) -> Iterable[bytes]:
    """A gibibyte of one piece, over and over."""
    return itertools.repeat(piece, most // len(piece) + 1)


def bomb(wbits: int) -> bytes:
    """A mebibyte that decodes to a gibibyte: one flushed mebibyte of zeros, over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    return head + (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)) * 1024


_INFLATED = bomb(16 + zlib.MAX_WBITS)
_PLAIN = OK + b"Content-Length: 1073741824\r\n\r\n"
_DEFLATED = OK + b"Content-Encoding: deflate\r\n"
_TWICE = OK + b"Content-Encoding: gzip, gzip\r\n"
_BROTLI = OK + b"Content-Encoding: br\r\n"
_BOTH = OK + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"

ANSWERS: dict[str, tuple[str, Say]] = {
    "an endless body": ("T015", saying(OK + b"\r\n", endless(bytes(65_536)))),
    "a body of a gibibyte": ("T015", saying(_PLAIN, endless(bytes(65_536)))),
    "an endless body in chunks": ("T015", saying(TE, endless(b"10000\r\n" + bytes(65_536) + b"\r\n"))),
    "tiny chunks without end": ("T015", saying(TE, endless(b"1\r\nx\r\n" * 10_000))),
    "a gzip bomb": ("T015", saying(sized(_INFLATED, GZIPPED))),
    "a deflate bomb": ("T015", saying(sized(bomb(zlib.MAX_WBITS), _DEFLATED))),
    "a deflate bomb without a head": ("T015", saying(sized(bomb(-zlib.MAX_WBITS), _DEFLATED))),
    "gzip in gzip": ("T016", saying(sized(gzip.compress(_INFLATED), _TWICE))),
    "an encoding nobody asked for": ("T016", saying(sized(b"\x1b\x00", _BROTLI))),
    "a hundred thousand headers": ("T015", saying(OK, b"X-Some: header\r\n" * 100_000)),
    "many small headers": ("T015", saying(OK, b"X:\r\n" * 10_000 + b"\r\n")),
    "an endless header": ("T015", saying(OK + b"X: ", endless(b"x" * 65_536))),
    "an endless status line": ("T015", saying(b"HTTP/1.1 200 ", endless(b"x" * 65_536))),
    "endless interim answers": ("T015", saying(endless(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100))),
    "an endless chunk extension": ("T015", saying(TE + b"1;", endless(b"x" * 65_536))),
    "extensions of every chunk": ("T015", saying(TE, endless(b"1;" + b"x" * 1_000 + b"\r\nx\r\n"))),
    "endless trailers": ("T015", saying(TE + b"1\r\nx\r\n0\r\n", endless(b"X: y\r\n" * 1_000))),
    "a length too short": ("", closing(OK + b"Content-Length: 2\r\n\r\nfine, and more than was said")),
    "a length too long": ("T013", closing(OK + b"Content-Length: 9\r\n\r\nfine")),
    "two lengths": ("T014", saying(OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nfine!")),
    "a negative length": ("T014", saying(OK + b"Content-Length: -4\r\n\r\nfine")),
    "a huge length": ("T014", saying(OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n")),
    "a chunk of any size": ("T014", saying(TE + b"f" * 40 + b"\r\n", endless(bytes(65_536)))),
    "a length and chunks": ("T014", saying(_BOTH + b"0\r\n\r\n")),
    "no status": ("T014", saying(b"HTTP/1.1 fine\r\n\r\n")),
    "a NUL in a header": ("T014", saying(OK + b"X: \0\r\n\r\n")),
    "a header without a colon": ("T014", saying(OK + b"X\r\n\r\n")),
    "a folded header": ("", saying(sized(b"fine", OK + b"X: one\r\n two\r\n"))),
    "another protocol": ("T014", saying(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")),
    "nothing": ("T013", closing()),
    "a reset": ("T013", resetting()),
    "a reset in the body": ("T013", resetting(OK + b"Content-Length: 9\r\n\r\nfine")),
    "a half-closed connection": ("T013", half_closing(OK + b"Content-Le")),
    "an answer and a half": ("", saying(sized(b"fine") + OK + b"Content-Length: 6\r\n\r\nforged")),
}
"""What hostile servers say, by name: the code that it is refused by, or none, and how it is said."""
