"""Every error that a socket, TLS or h11 can raise comes out of an exchange as one of ours."""

from __future__ import annotations

import errno
import ssl
from typing import Any

import h11
import pytest

from harness.channels.web import UnansweredError, Web
from harness.clock import RunClock
from harness.wire.exchange import request_of


def all_kinds(of: type[Exception]) -> set[type[Exception]]:
    """A kind of error and all below it."""
    return {of}.union(*map(all_kinds, of.__subclasses__()))


OURS = ("builtins", "socket", "ssl", "_socket", "_ssl")
EVERY_OS_ERROR = sorted(
    (each for each in all_kinds(OSError) if each.__module__ in OURS), key=lambda each: each.__name__
)
NO_TROUBLE = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""Asks to wait, when they come from a socket that does not; never the end of an exchange."""


class Failing:
    """A dial, and the socket that it gives, which fails with one error in one place."""

    patience = None

    def __init__(self, where: str, error: type[OSError]) -> None:
        self.where = where
        self.error = error
        self.closed = False

    def connect(self, host: str, port: int, timeout_s: int) -> Failing:
        self._fail("connect")
        return self

    def settimeout(self, _: object) -> None:
        pass

    def send(self, data: bytes) -> int:
        self._fail("send")
        return len(data)

    def recv(self, _: int) -> bytes:
        self._fail("recv")
        return b""

    def close(self) -> None:
        self.closed = True

    def _fail(self, where: str) -> None:
        if where == self.where:
            raise self.error(errno.EIO, "as told")


@pytest.mark.parametrize("error", EVERY_OS_ERROR, ids=lambda each: each.__name__)
@pytest.mark.parametrize("where", ["connect", "send", "recv"])
def test_every_error_of_a_socket_is_told_as_one_of_ours(where: str, error: type[OSError]) -> None:
    """Whatever the system or TLS raises comes out as one error with a code, and the socket is closed."""
    if where == "send" and error in NO_TROUBLE:
        return  # tried against real sockets: a request that nobody reads
    failing: Any = Failing(where, error)
    told = pytest.raises(UnansweredError)
    with Web("http://exchange.test", failing, RunClock()) as web, told as caught:
        web.exchange(request_of("GET", web.host, "/x", {}))

    expected = {"connect": "T012", "send": "T013", "recv": "T013"}[where]
    assert caught.value.code == ("T011" if issubclass(error, TimeoutError) else expected)
    assert failing.closed is (where != "connect")


def test_every_error_of_h11_is_one_of_two() -> None:
    """Of what h11 raises there are the two kinds that `wire/exchange.py` tells apart: ours and theirs."""
    kinds = {each for each in all_kinds(Exception) if each.__module__.partition(".")[0] == "h11"}

    assert kinds == {h11.ProtocolError, h11.LocalProtocolError, h11.RemoteProtocolError}


class Closing(Failing):
    """A server that has answered and closed before the request is written."""

    def recv(self, _: int) -> bytes:
        return b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("error", [BrokenPipeError, ConnectionResetError, ConnectionAbortedError])
def test_an_answer_is_heard_although_the_request_was_not_written(error: type[OSError]) -> None:
    """A server may refuse a request and close before it has read it; its connection is not used again."""
    closing: Any = Closing("send", error)
    with Web("http://exchange.test", closing, RunClock()) as web:
        assert web.exchange(request_of("POST", web.host, "/x", {}, b"{}")).status == 413
        assert closing.closed
