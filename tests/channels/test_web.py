"""HTTP exchanges over sockets: deadlines, connections that are used again, and what is never done."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from venue.bench import DEADLINE_S
from wire.answers import CONVERSATIONS, OK, TE, sized

from harness import limits
from harness.channels.web import UnansweredError, Web
from harness.clock import Clock, ManualClock, RunClock
from harness.wire.exchange import Answer, request_of

from .clocks import LookedAtClock
from .hostileweb import HostileWeb, Say, closing, dripping, resetting, saying
from .leaves import OPEN_DIAL

LARGE = bytes(32 * 1024 * 1024)
"""More than the buffers of a loopback connection hold."""


def ask(web: Web, path: str = "/x", method: str = "GET", body: bytes = b"") -> Answer:
    return web.exchange(request_of(method, web.host, path, {}, body))


def told_of(web: Web, path: str = "/x", method: str = "GET", body: bytes = b"") -> UnansweredError:
    """The error of an exchange that must have one."""
    with pytest.raises(UnansweredError) as caught:
        ask(web, path, method, body)
    return caught.value


@contextmanager
def against(say: Say, clock: Clock | None = None, **options: int) -> Iterator[tuple[Web, HostileWeb]]:
    with HostileWeb(say) as server, Web(server.url, OPEN_DIAL, clock or RunClock(), **options) as web:
        yield web, server


@pytest.mark.parametrize(
    ("start", "drop", "phase"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"x", "reading the head"),
        (b"", b"HTTP/1.1 102 Processing\r\n", "reading the head"),
        (OK + b"\r\n", b"x", "reading the body"),
        (OK + b"Content-Length: 99999\r\n\r\n", b"x", "reading the body"),
        (TE, b"1\r\nx\r\n", "reading the body"),
        (TE + b"1;", b"x", "reading the body"),
        (TE + b"1\r\nx\r\n0\r\nX: ", b"x", "reading the body"),
    ],
)
def test_a_drip_ends_at_the_deadline(start: bytes, drop: bytes, phase: str) -> None:
    """However slowly an answer drips, all of it has one deadline, and it is told how far it came."""
    with against(dripping(start, drop), LookedAtClock()) as (web, _):
        error = told_of(web)

    assert (error.code, error.phase) == ("T011", phase)
    assert error.came_bytes >= len(start)
    assert re.search(
        r"after \d+ bytes of an answer: 127\.0\.0\.1:\d+ was given 10 s for the whole", str(error)
    )


def test_silence_ends_at_the_deadline() -> None:
    """A server that takes a request and says nothing is waited for until the deadline."""
    with against(lambda held: threading.Event().wait(0), exchange_s=2) as (web, _):
        error = told_of(web)

    assert (error.code, error.phase, error.came_bytes) == ("T011", "waiting for the answer", 0)


def test_a_request_that_nobody_reads_ends_at_the_deadline() -> None:
    """A server that takes the connection and reads nothing holds nobody up for longer than the deadline."""
    with HostileWeb(deaf=True) as server, Web(server.url, OPEN_DIAL, RunClock(), exchange_s=2) as web:
        error = told_of(web, method="POST", body=LARGE)

    assert (error.code, error.phase) == ("T011", "sending the request")
    assert str(error).endswith("whether the request was carried out is not known, and it is not sent again")


def test_a_connection_that_nobody_takes_ends_at_the_deadline() -> None:
    """A full queue of connections, which drops what comes, is not waited for longer either."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as closing_all:
        for _ in range(4):
            each = closing_all.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Web(url, OPEN_DIAL, RunClock(), exchange_s=2) as web:
            error = told_of(web)

    assert (error.code, error.phase) == ("T011", "connecting")


def test_a_tls_handshake_that_drips_ends_at_the_deadline() -> None:
    """The handshake is a part of the exchange."""
    drip = dripping(b"\x16\x03\x03\x40\x00", b"\x00")  # a record of 16 KiB, byte by byte
    with HostileWeb(drip, deaf=True) as server:
        url = server.url.replace("http:", "https:")
        with Web(url, OPEN_DIAL, RunClock(), exchange_s=2) as web:
            error = told_of(web)

    assert (error.code, error.phase, error.came_bytes) == ("T011", "in the TLS handshake", 0)


def test_an_answer_before_the_request_is_read_is_the_answer() -> None:
    """A server that refuses a large body at its head is heard, and the connection is not used again."""
    refusal = saying(sized(b"too large", b"HTTP/1.1 413 Content Too Large\r\n"))
    with HostileWeb(refusal, deaf=True) as server, Web(server.url, OPEN_DIAL, RunClock()) as web:
        answers = [ask(web, method="POST", body=LARGE) for _ in range(2)]

    assert [(answer.status, answer.body) for answer in answers] == [(413, b"too large")] * 2
    assert len(server.held) == 2


def test_nobody_listens(unused_port: int) -> None:
    """A refused connection is told with its place."""
    with Web(f"http://127.0.0.1:{unused_port}", OPEN_DIAL, RunClock()) as web:
        error = told_of(web)

    assert str(error) == (
        f"T012 connecting, after 0 bytes of an answer: 127.0.0.1:{unused_port}: Connection refused"
    )


def cuts(name: str) -> list[int]:
    """After how many bytes of a reference conversation to cut by default: every sixteenth, and the ends."""
    length = len(CONVERSATIONS[name][1])
    return sorted({*range(0, length, 16), 1, length - 1})


def every_cut(name: str) -> list[int]:
    return list(range(len(CONVERSATIONS[name][1])))


@pytest.mark.parametrize("name", sorted(CONVERSATIONS))
@pytest.mark.parametrize(
    "chosen", [pytest.param(cuts, id="some"), pytest.param(every_cut, id="all", marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("ending", [closing, resetting])
def test_a_connection_that_is_cut_anywhere_is_told_with_its_byte(
    name: str, chosen: Callable[[str], list[int]], ending: Callable[[bytes], Say]
) -> None:
    """Cut after any byte there is one error, which knows phase and byte; the next exchange is well."""
    method, data, _ = CONVERSATIONS[name]
    with against(saying(b"")) as (web, server):
        for cut in chosen(name):
            server.say = ending(data[:cut])
            error = told_of(web, method=method)

            assert (error.code, error.came_bytes) == ("T013", cut)
            phase = "waiting for the answer" if not cut else "reading the head"
            assert error.phase == (phase if cut < head_bytes(data) else "reading the body"), cut
            assert ask(web, "/ok").body == b"fine"


def head_bytes(data: bytes) -> int:
    """How many bytes of a conversation come before the body."""
    at = data.index(b"\r\n\r\n") + 4
    return at + (head_bytes(data[at:]) if data.startswith(b"HTTP/1.1 100") else 0)


@pytest.mark.parametrize("method", ["POST", "DELETE", "GET"])
@pytest.mark.parametrize("ending", [closing(), resetting(), closing(OK), resetting(OK + b"Content-Le")])
def test_a_request_whose_answer_is_lost_is_not_sent_again(method: str, ending: Say) -> None:
    """Neither on a new connection nor on one that was used before, whatever the method is."""
    with against(ending) as (web, server):
        first = told_of(web, method=method)
        ask(web, "/ok")
        second = told_of(web, method=method)

    assert [request.split(b" ")[1] for request in server.asked] == [b"/x", b"/ok", b"/x"]
    assert {first.code, second.code} == {"T013"}
    assert "the connection had answered 1 requests before" in str(second)
    assert ("it is not sent again" in str(second)) is (method != "GET")


def test_connections_are_used_again() -> None:
    """One after the other they go over one connection, whose answers are counted."""
    with against(saying()) as (web, server):
        assert [ask(web, "/ok").body for _ in range(5)] == [b"fine"] * 5
        assert len(server.held) == 1


def test_a_connection_that_was_closed_in_the_meantime_is_not_used() -> None:
    """What a server closed while it was idle is noticed before a request is lost on it."""
    with against(saying()) as (web, server):
        ask(web, "/ok")
        server.held[0].shutdown(socket.SHUT_RDWR)
        assert ask(web, "/ok", "POST").body == b"fine"
        assert len(server.held) == 2


def test_an_answer_to_a_request_that_was_never_sent_is_nobodys() -> None:
    """What comes on an idle connection is no answer to the next request."""
    with against(saying()) as (web, server):
        ask(web, "/ok")
        server.held[0].sendall(sized(b"forged"))
        assert ask(web, "/ok").body == b"fine"
        assert len(server.held) == 2


@pytest.mark.parametrize(("idle_us", "connections"), [(limits.HTTP_IDLE_US, 1), (limits.HTTP_IDLE_US + 1, 2)])
def test_a_connection_that_was_idle_for_long_is_not_used(idle_us: int, connections: int) -> None:
    """Up to the limit it is used again, a microsecond later no more."""
    clock = ManualClock()
    with against(saying(), clock) as (web, server):
        ask(web, "/ok")
        clock.advance(idle_us)
        ask(web, "/ok")

        assert len(server.held) == connections


def test_so_many_idle_connections_are_kept() -> None:
    """As many as the limit says wait for another request; one more is closed when it is done."""
    most = limits.HTTP_IDLE_CONNECTIONS
    barrier = threading.Barrier(most + 1)

    def together(held: socket.socket) -> None:
        barrier.wait(DEADLINE_S)
        held.sendall(sized(b"fine"))

    with against(together) as (web, server):
        for _ in range(2):
            threads = [threading.Thread(target=ask, args=(web,)) for _ in range(most + 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        assert len(server.held) == most + 2


class Ticking:
    """A dial, and the socket that it gives, whose answers take time without anybody waiting."""

    patience = None

    def __init__(self, clock: ManualClock, *comes: tuple[int, bytes]) -> None:
        self._clock = clock
        self._comes = list(comes)

    def connect(self, host: str, port: int, timeout_s: int) -> Ticking:
        return self

    def settimeout(self, _: object) -> None:
        pass

    def send(self, data: bytes) -> int:
        return len(data)

    def recv(self, _: int) -> bytes:
        after_us, data = self._comes.pop(0)
        self._clock.advance(after_us)
        return data

    def close(self) -> None:
        pass


def test_exactly_the_time_of_an_exchange() -> None:
    """With a microsecond left the rest of an answer is waited for; at the deadline it is not."""
    ends_us = limits.HTTP_EXCHANGE_S * 1_000_000
    for first_us, came in ((ends_us - 1, "200"), (ends_us, "T011")):
        clock = ManualClock()
        dial: Any = Ticking(clock, (first_us, OK), (1, b"Content-Length: 0\r\n\r\n"))
        with Web("http://exchange.test", dial, clock) as web:
            if came == "T011":
                assert told_of(web).code == came
            else:
                assert str(ask(web).status) == came
