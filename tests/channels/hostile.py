"""A server on loopback that does to every connection what a script says, byte by byte."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import socket
import struct
import threading
from collections.abc import Callable
from typing import Self

from harness.channels.faults import reset_on_close

Script = Callable[["Hostile", socket.socket], None]

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
DRIP_S = 0.02


class Hostile:
    """Takes connections one after the other, each to the end of the script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/ws/market"
        self.taken = 0
        self.seen = b""
        self.over = threading.Event()
        self._held: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        held = self._held
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def drip(self, held: socket.socket, data: bytes, size: int = 1) -> None:
        """Write so many bytes at a time with pauses, until it is over; then fail, as the data never ends."""
        for at in range(0, len(data), size):
            held.sendall(data[at : at + size])
            if self.over.wait(DRIP_S):
                return

    def read_all(self, held: socket.socket) -> None:
        """Read until the other side ends, and keep what it says."""
        while data := held.recv(65_536):
            self.seen += data

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                self._held, _ = self._listener.accept()
            except OSError:
                return
            self.taken += 1
            with self._held, contextlib.suppress(OSError):
                self._script(self, self._held)


def read_head(held: socket.socket) -> bytes:
    """A request up to its empty line."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = held.recv(4096)
        if not data:
            raise OSError("no request came")
        head += data
    return head


def answer(request: bytes, *lines: bytes, status: bytes = b"101 Switching Protocols") -> bytes:
    """The answer to a handshake that is right, with more header lines."""
    [key] = re.findall(rb"(?i)sec-websocket-key: *([^\r]+)", request)
    proof = base64.b64encode(hashlib.sha1(key + GUID).digest())
    own = (b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: " + proof)
    return b"\r\n".join([b"HTTP/1.1 " + status, *own, *lines, b"", b""])


def shaken(then: Script) -> Script:
    """A script that begins behind a handshake that is right."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.sendall(answer(read_head(held)))
        then(server, held)

    return script


def says(data: bytes) -> Script:
    """A script that writes this behind the handshake and reads until the other side ends."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.sendall(data)
        server.read_all(held)

    return shaken(script)


def reset(held: socket.socket) -> None:
    """End with a reset."""
    reset_on_close(held)
    held.close()


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bool = False) -> bytes:
    """One frame as a server may or may not write it."""
    head = bytes([fin << 7 | rsv << 4 | opcode])
    size = len(data)
    if size < 126:
        head += bytes([mask << 7 | size])
    elif size < 65_536:
        head += bytes([mask << 7 | 126]) + struct.pack("!H", size)
    else:
        head += bytes([mask << 7 | 127]) + struct.pack("!Q", size)
    return head + (b"\0\0\0\0" if mask else b"") + data


def text(words: str | bytes, *, fin: bool = True) -> bytes:
    return frame(1, words if isinstance(words, bytes) else words.encode(), fin=fin)


def closing(code: int | None, reason: bytes = b"") -> bytes:
    """A close frame; without a code an empty one."""
    return frame(8, b"" if code is None else struct.pack("!H", code) + reason)


def frames_of(seen: bytes) -> list[tuple[int, bytes]]:
    """What a client wrote: opcodes and what they carry, unmasked."""
    found = []
    while len(seen) >= 6:
        size = seen[1] & 0x7F
        at = 2
        if size == 126:
            size, at = struct.unpack("!H", seen[2:4])[0], 4
        elif size == 127:
            size, at = struct.unpack("!Q", seen[2:10])[0], 10
        mask, body = seen[at : at + 4], seen[at + 4 : at + 4 + size]
        found.append((seen[0] & 0x0F, bytes(byte ^ mask[n % 4] for n, byte in enumerate(body))))
        seen = seen[at + 4 + size :]
    return found


def close_codes(seen: bytes) -> list[int | None]:
    """The codes of the close frames that a client wrote."""
    return [
        struct.unpack("!H", body[:2])[0] if body else None for opcode, body in frames_of(seen) if opcode == 8
    ]
