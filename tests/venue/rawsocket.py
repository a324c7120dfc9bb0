"""A WebSocket client made by hand over a plain socket (RFC 6455), so that every bit can be wrong."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from .bench import DEADLINE_S

TEXT, BINARY, CONTINUED, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


class RawSocket:
    """One connection behind its handshake."""

    def __init__(self, held: socket.socket) -> None:
        self.held = held
        self._came = held.makefile("rb")

    @classmethod
    @contextmanager
    def open(cls, url: str) -> Iterator[RawSocket]:
        """Connect and shake hands."""
        place = urlsplit(url)
        assert place.hostname is not None
        held = socket.create_connection((place.hostname, place.port or 80), DEADLINE_S)
        raw = cls(held)
        try:
            key = base64.b64encode(os.urandom(16)).decode()
            lines = [f"GET {place.path} HTTP/1.1", f"Host: {place.netloc}", "Upgrade: websocket"]
            lines += ["Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
            held.sendall("\r\n".join([*lines, "", ""]).encode())
            assert raw._came.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
            while raw._came.readline() != b"\r\n":
                pass
            yield raw
        finally:
            raw._came.close()
            held.close()

    def frame(
        self, kind: int, payload: bytes, *, last: bool = True, masked: bool = True, reserved: int = 0
    ) -> bytes:
        """The bytes of one frame."""
        head = bytes([last << 7 | reserved << 4 | kind])
        length, bit = len(payload), masked << 7
        if length < 126:
            head += bytes([bit | length])
        elif length < 1 << 16:
            head += bytes([bit | 126]) + struct.pack("!H", length)
        else:
            head += bytes([bit | 127]) + struct.pack("!Q", length)
        if not masked:
            return head + payload
        key = os.urandom(4)
        return head + key + bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))

    def send(self, kind: int, payload: bytes, **shape: Any) -> None:
        """Send one frame."""
        self.held.sendall(self.frame(kind, payload, **shape))

    def say(self, value: Any) -> None:
        """Send one text message: a text as it is, anything else as JSON."""
        self.send(TEXT, (value if isinstance(value, str) else json.dumps(value)).encode())

    def read(self) -> tuple[int, bytes] | None:
        """The next frame's opcode and payload; None where the connection has ended without one."""
        try:
            head = self._came.read(2)
        except ConnectionResetError:
            return None
        if len(head) < 2:
            return None
        assert not head[1] & 0x80, "a server masks nothing"
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._came.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._came.read(8))
        return head[0] & 0x0F, self._came.read(length)

    def hear(self) -> str:
        """The next message, which must be a text."""
        came = self.read()
        assert came is not None
        kind, payload = came
        assert kind == TEXT, came
        return payload.decode()

    def ended(self) -> tuple[int, str] | None:
        """Read to the end: the close code and reason, or None where there was no goodbye."""
        while (came := self.read()) is not None:
            kind, payload = came
            if kind == CLOSE:
                return struct.unpack("!H", payload[:2])[0], payload[2:].decode()
        return None
