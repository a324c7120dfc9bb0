"""A connection is made where the leave says, and nowhere else."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import pytest

from harness.channels.dial import Dial
from harness.errors import GuardError


@dataclass(frozen=True)
class Named:
    """Leave for one name, at the addresses that were judged for it."""

    judged: tuple[str, ...]

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The judged addresses of `exchange.test`."""
        if host != "exchange.test":
            raise GuardError("G003", f"{host}:{port} is not on this machine: refused")
        return self.judged


def test_it_connects_to_the_judged_address_and_not_to_the_name() -> None:
    """A name that resolves to nothing is reached where it was judged to be, by the first that answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with Dial(Named(("127.0.0.2", "127.0.0.1"))).connect("exchange.test", port, 1) as opened:
            assert opened.getpeername() == ("127.0.0.1", port)
            assert opened.gettimeout() == 1
            assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


def test_without_leave_nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that was not judged is refused before its name is resolved."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("it was looked up"))

    with pytest.raises(GuardError):
        Dial(Named(("127.0.0.1",))).connect("elsewhere.test", 1, 1)


def test_nobody_listens() -> None:
    """Where no judged address answers the last refusal is told; where none was judged, that."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        Dial(Named(("127.0.0.1",))).connect("exchange.test", port, 1)
    with pytest.raises(OSError, match=r"no address of exchange\.test:9 was judged"):
        Dial(Named(())).connect("exchange.test", 9, 1)
