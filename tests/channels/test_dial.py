"""A connection is made where the leave says, and nowhere else."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from harness.channels.connecting import connected
from harness.channels.dial import Dial, looked_up
from harness.errors import GuardError
from harness.guard import Inquiry

from .leaves import named


def test_it_connects_to_the_judged_address_and_not_to_the_name() -> None:
    """A name that resolves to nothing is reached where it was judged to be, by the first that answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        dial = Dial(named(port, "127.0.0.2", "127.0.0.1"))
        with dial.connect("exchange.test", port, 1) as opened:
            assert opened.getpeername() == ("127.0.0.1", port)
            assert opened.gettimeout() == 1
            assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


def test_without_leave_nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that was not judged is refused before its name is resolved."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("it was looked up"))

    with pytest.raises(GuardError, match=r"G003 elsewhere\.test:1 is no address"):
        Dial(named(1, "127.0.0.1")).connect("elsewhere.test", 1, 1)


def test_nobody_listens() -> None:
    """Where no judged address answers the last refusal is told; where none was judged, that."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        Dial(named(port, "127.0.0.1")).connect("exchange.test", port, 1)
    with pytest.raises(OSError, match="no address for port 9 was judged"):
        connected((), 9, 1)


def test_only_the_guard_gives_leave() -> None:
    """Whatever else looks like a leave opens nothing."""

    class Anywhere:
        def addresses(self, host: str, port: int) -> tuple[str, ...]:
            return ("127.0.0.1",)

    forged: Any
    for forged in (Anywhere(), None, object.__new__(Inquiry)):
        with pytest.raises(GuardError, match="G001"):
            Dial(forged)


def test_no_name_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the dial there are numeric addresses only; a name is a bug, and nothing is looked up."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("it was looked up"))

    with pytest.raises(ValueError, match="localhost"):
        connected(("127.0.0.1", "localhost"), 9, 1)


def test_names_are_looked_up() -> None:
    """A name has its addresses, each once; one that is not known has none."""
    found = looked_up({"localhost", "no-such-host.invalid"})

    assert found["no-such-host.invalid"] == ()
    assert "127.0.0.1" in found["localhost"]
    assert len(set(found["localhost"])) == len(found["localhost"])
