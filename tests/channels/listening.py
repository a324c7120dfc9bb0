"""The other side of a connection, taken by hand: one connection after the other on a loopback port."""

from __future__ import annotations

import socket
from typing import Self

from venue.bench import DEADLINE_S


class Listening:
    """A listener, and the connection that it holds."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(DEADLINE_S)
        self.port: int = self._listener.getsockname()[1]
        self.held: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._listener.close()
        if self.held is not None:
            self.held.close()

    def close(self) -> None:
        """Take no connection any more."""
        self._listener.close()

    def reopen(self) -> None:
        """Take connections again, where it did before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(DEADLINE_S)

    @property
    def connection(self) -> socket.socket:
        assert self.held is not None
        return self.held

    def take(self) -> socket.socket:
        """Let go of the connection before, and take the next one."""
        if self.held is not None:
            self.held.close()
        self.held, _ = self._listener.accept()
        self.held.settimeout(DEADLINE_S)
        return self.held
