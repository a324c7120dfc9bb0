"""The one door to the network: a connection is made only where the guard gave leave, to judged addresses."""

from __future__ import annotations

import socket
from typing import Protocol

from harness.clock import RunClock


class Leave(Protocol):
    """Leave to connect, as only the guard gives it."""

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The numeric addresses judged for a host and port. Raises GuardError for any other place."""


class Dial:
    """Connects to what its leave names, never to what a name resolves to later."""

    def __init__(self, leave: Leave) -> None:
        self._leave = leave

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses judged for a place, for a process that connects itself. Raises GuardError."""
        return self._leave.addresses(host, port)

    def connect(self, host: str, port: int, timeout_s: int) -> socket.socket:
        """A connected TCP socket, without delay for small writes; blocking calls on it end at the time-out.

        All addresses together get the time-out, in their order. Raises GuardError where there is no leave,
        before anything is looked up; OSError where nobody answers.
        """
        refused: OSError | None = None
        clock = RunClock()
        for address in self._leave.addresses(host, port):
            left_us = timeout_s * 1_000_000 - clock.now_us()
            if left_us <= 0:
                break
            try:
                opened = socket.create_connection((address, port), timeout=left_us / 1_000_000)
            except OSError as error:
                refused = error
                continue
            opened.settimeout(timeout_s)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
        raise refused or OSError(f"no address of {host}:{port} was judged")
