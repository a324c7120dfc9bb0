"""What goes out on a connection is what was asked, and nothing goes out without leave."""

from __future__ import annotations

import pytest
from wire.answers import sized

from harness.channels.web import Web
from harness.clock import RunClock
from harness.errors import GuardError
from harness.wire.exchange import NoRequestError, request_of

from .hostileweb import saying
from .leaves import NO_DIAL
from .test_web import against, ask


def test_without_leave_nothing_is_connected() -> None:
    """The guard's refusal is raised as it is."""
    with Web("http://127.0.0.1:9", NO_DIAL, RunClock()) as web, pytest.raises(GuardError):
        ask(web)


def test_what_cannot_be_sent_connects_to_nobody() -> None:
    """A request that HTTP cannot hold is refused before a connection is made."""
    with Web("http://127.0.0.1:9", NO_DIAL, RunClock()) as web, pytest.raises(NoRequestError):
        web.exchange(request_of("GET", web.host, "/x", {"X": "a\r\nb"}))


def test_what_is_written_is_what_was_asked() -> None:
    """The bytes on the wire, all of them."""
    with against(saying(sized(b""))) as (web, server):
        web.exchange(request_of("POST", web.host, "/é?q=ü", {"X-A": "1"}, b"{}"))

    assert server.asked[0].split(b"\r\n") == [
        b"POST /%C3%A9?q=%C3%BC HTTP/1.1",
        b"Host: 127.0.0.1:%d" % server.port,
        b"Accept: */*",
        b"Accept-Encoding: gzip, deflate",
        b"User-Agent: escalation-harness",
        b"X-A: 1",
        b"Content-Length: 2",
        b"",
        b"{}",
    ]
