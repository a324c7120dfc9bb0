"""The one door to the network: a connection is made only where the guard gave leave, to judged addresses."""

from __future__ import annotations

import socket
from typing import Protocol


class Leave(Protocol):
    """Leave to connect, as only the guard gives it."""

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The numeric addresses judged for a host and port. Raises GuardError for any other place."""


class Dial:
    """Connects to what its leave names, never to what a name resolves to later."""

    def __init__(self, leave: Leave) -> None:
        self._leave = leave

    def connect(self, host: str, port: int, timeout_s: int) -> socket.socket:
        """A connected TCP socket, without delay for small writes; blocking calls on it end at the time-out.

        Raises GuardError where there is no leave, before anything is looked up; OSError where nobody answers.
        """
        refused: OSError | None = None
        for address in self._leave.addresses(host, port):
            try:
                opened = socket.create_connection((address, port), timeout=timeout_s)
            except OSError as error:
                refused = error
                continue
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
        raise refused or OSError(f"no address of {host}:{port} was judged")
