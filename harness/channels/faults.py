"""What can go wrong with a connection, done on purpose: cut, half-open, a slow reader.

A fault is done to the socket, below every library, so that the other side sees what a customer's exchange
saw: a reset without a goodbye, a peer that neither reads nor answers, a window that fills up.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Mapping
from typing import Any, Final

from harness.world import Line

CUT: Final = "cut"
HALF_OPEN: Final = "half_open"
SLOW_READER: Final = "slow_reader"
OVER: Final = "over"

SLOW_EVERY_MS: Final = 50
"""A slow reader takes something this often."""
SLOW_BUFFER_BYTES: Final = 32_768
"""A slow reader's receive buffer; the kernel doubles it. A packet of loopback (64 KiB) must fit."""
WE_CUT: Final = "we cut the connection"
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER, no time: close() sends RST and drops what is unsent


def reset_on_close(held: socket.socket) -> None:
    """Have the socket's close() be a reset, without a FIN."""
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


class FaultySocket:
    """A connected socket, plain or TLS, which one thread reads; faults may be begun from any other."""

    def __init__(self, held: socket.socket, slow_bytes: int) -> None:
        """`slow_bytes`: what a slow reader takes at a time."""
        self._held = held
        self._slow_bytes = slow_bytes
        self._listening = threading.Event()
        self._listening.set()
        self._slow = False
        self._hurry = threading.Event()
        self._buffer_bytes = 0
        self.was_cut = False

    def begin(self, kind: str) -> None:
        """Begin a fault, or end (`over`) half_open and slow_reader; a cut is for good.

        Where the connection has just ended by itself there is nothing left to go wrong.
        """
        try:
            self._begin(kind)
        except OSError:
            self._let_go()

    def _begin(self, kind: str) -> None:
        match kind:
            case "cut":
                self._cut()
            case "half_open":
                self._listening.clear()
            case "slow_reader":
                self._hurry.clear()
                self._buffer_bytes = self._held.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
                self._held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER_BYTES)
                self._slow = True
            case "over":
                if self._slow:
                    self._held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer_bytes)
                self._let_go()
            case _:
                raise ValueError(f"{kind!r} is no fault of a socket")

    @property
    def is_deaf(self) -> bool:
        """Whether it is half-open: nothing is read, so nothing is to be answered."""
        return not self._listening.is_set()

    @property
    def is_slow(self) -> bool:
        """Whether it reads slowly, so that what takes long is our doing."""
        return self._slow

    def listen(self, timeout_us: int) -> None:
        """Wait until a half-open connection is over, `timeout_us` at most."""
        self._listening.wait(timeout_us / 1_000_000)

    def pace(self) -> bool:
        """Hold a message that has come as a slow reader does; False where the connection was cut."""
        self.hold()
        return not self.was_cut

    def hold(self) -> None:
        """Wait as a slow reader does before it reads."""
        if self._slow:
            self._hurry.wait(SLOW_EVERY_MS / 1000)

    def take(self, size: int) -> bytes:
        """Read what is there, as much as the fault allows; b"" at the end and after a cut."""
        if self._slow and not hasattr(self._held, "pending"):
            size = min(size, self._slow_bytes)  # TLS gives a record at most, and keeps what is not taken
        return b"" if self.was_cut else self._held.recv(size)

    def recv(self, size: int) -> bytes:
        """Read as the fault allows, however long it lasts; b"" at the end and after a cut."""
        self._listening.wait()
        self.hold()
        return self.take(size)

    def sendall(self, data: bytes) -> None:
        """Write; the faults are about reading."""
        if self.was_cut:
            raise ConnectionResetError(WE_CUT)
        self._held.sendall(data)

    def shutdown(self, how: int) -> None:
        """End a direction; after a cut there is none left, and a FIN would be a goodbye."""
        if not self.was_cut:
            self._held.shutdown(how)

    def close(self) -> None:
        """Close the socket; whoever reads it is let go."""
        self._let_go()
        self._held.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._held, name)

    def _cut(self) -> None:
        reset_on_close(self._held)
        self.was_cut = True
        self._let_go()
        try:
            self._held.shutdown(socket.SHUT_RD)  # says nothing to the peer; wakes the reader, who closes
        except OSError:
            return  # it has ended already

    def _let_go(self) -> None:
        self._slow = False
        self._hurry.set()
        self._listening.set()


class Marked:
    """A line whose send is reported with the fault that follows it."""

    def __init__(self, line: Line, kind: str) -> None:
        self._line = line
        self._kind = kind

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        self._line.sent({**wire, "fault": self._kind}, derived)

    def answered(self, wire: Mapping[str, Any]) -> None:
        self._line.answered(wire)

    def lost(self, why: str) -> None:
        self._line.lost(why)


def marked(line: Line, kind: str | None) -> Line:
    """The line of a step that has a fault, or has none."""
    return line if kind is None else Marked(line, kind)
