"""The tap between the engine and the exchange: bytes pass as they are, and each message is told first.

The engine has hooks of its own, but the wheel's cannot be taken from Python, and none sees what the engine
drops: here every byte of both directions passes, in the order of the wire.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Sequence
from typing import Final

from harness.channels.connecting import connected
from harness.wire.fix.codec import Parser
from harness.wire.fix.message import Frame, Garbled

CONNECT_S: Final = 5
TOO_LONG: Final = "T024"
READ_BYTES: Final = 4096
"""Little at a time: the engine reads in the same thread, so what it is given must fit its socket's buffer."""


class Tap:
    """A port for the engine, and at most one connection through it to the exchange."""

    def __init__(self, goes_out: Callable[[Frame], None], comes_in: Callable[[Frame], None]) -> None:
        self._goes_out = goes_out
        self._comes_in = comes_in
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._engine: socket.socket | None = None
        self._exchange: socket.socket | None = None
        self._out = Parser()
        self._in = Parser()

    @property
    def port(self) -> int:
        """Where the engine connects to."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def is_open(self) -> bool:
        """Whether there is a connection to the exchange."""
        return self._exchange is not None

    def open(self, addresses: Sequence[str], port: int) -> None:
        """Connect to the exchange; the engine may connect next.

        Raises OSError where nobody answers, ValueError where an address is not numeric (ours).
        """
        self._exchange = connected(addresses, port, CONNECT_S)
        self._out, self._in = Parser(), Parser()

    def close(self) -> None:
        """End the connection on both sides; may be called twice."""
        for end in (self._engine, self._exchange):
            if end is not None:
                end.close()
        self._engine = self._exchange = None

    def shut(self) -> None:
        """Close the port, too."""
        self.close()
        self._listener.close()

    def watched(self) -> list[socket.socket]:
        """The sockets that may have something to read."""
        ends = [self._engine, self._exchange] if self._engine is not None else []
        return [self._listener, *(end for end in ends if end is not None)]

    def relay(self, ready: list[socket.socket]) -> str | None:
        """Pass on what is ready; why the connection ended, where it did."""
        if self._listener in ready:
            self._accept()
        try:
            if self._engine in ready and not self._pass_out():
                return "we closed the connection"
            if self._exchange in ready:
                return self._pass_in()
        except OSError as error:
            return str(error)
        return None

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            return  # the engine has given it up already
        if self._exchange is None or self._engine is not None:
            accepted.close()  # it tries on its own, and nobody has asked for a connection
            return
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._engine = accepted

    def _pass_out(self) -> bool:
        assert self._engine is not None
        assert self._exchange is not None
        data = self._engine.recv(READ_BYTES)
        for frame in self._out.feed(data):
            self._goes_out(frame)
        self._exchange.sendall(data)
        return bool(data)

    def _pass_in(self) -> str | None:
        """Pass on what the exchange says; why the connection ended, where it did."""
        assert self._engine is not None
        assert self._exchange is not None
        if not select.select([], [self._engine], [], 0)[1]:
            return None  # the engine is behind: it reads before more is taken for it
        data = self._exchange.recv(READ_BYTES)
        for frame in self._in.feed(data):
            self._comes_in(frame)
            if isinstance(frame, Garbled) and frame.flaw.code == "message_limit":  # the engine would keep it
                return f"{TOO_LONG} we closed the connection: {frame.flaw.text}"
        self._engine.sendall(data)
        return None if data else "the peer closed the connection"
