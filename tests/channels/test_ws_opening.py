"""A WebSocket that does not open as it should: every way ends within one deadline, and names its phase."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from harness import limits
from harness.channels.ws import WsDriver
from harness.channels.wsframes import WsBounds
from harness.clock import RunClock
from harness.errors import GuardError, HarnessError, TargetError

from .hostile import Hostile, Script, answer, read_head, reset, says, text
from .leaves import NO_DIAL, OPEN_DIAL
from .notes import Notes

SOON = WsBounds(open_us=300_000)
"""For what never opens; whatever is to be told in another way has the usual time."""


def refused(url: str, bounds: WsBounds | None = None, tls: ssl.SSLContext | None = None) -> HarnessError:
    """How a subscription fails at a place; nothing of it is reported as having happened."""
    notes = Notes()
    driver = WsDriver(url, "market", None, notes, RunClock(), OPEN_DIAL, bounds=bounds, tls=tls)
    with pytest.raises(TargetError) as caught:
        driver.send({"subscribe": {}}, notes)
    assert notes.told == []
    return caught.value


def plain(data: bytes) -> Script:
    """Read the request, answer with these bytes, and wait for the other side's end."""

    def script(server: Hostile, held: socket.socket) -> None:
        read_head(held)
        held.sendall(data)
        server.read_all(held)

    return script


def with_lines(*lines: bytes) -> Script:
    """A right answer with these header lines more."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.sendall(answer(read_head(held), *lines))
        server.read_all(held)

    return script


def dripping(data: bytes) -> Script:
    """Answer these bytes one at a time."""
    return lambda server, held: (read_head(held), server.drip(held, data))[1]


def flooding(data: bytes, more: bytes) -> Script:
    """Answer the one and then the other without an end."""

    def script(server: Hostile, held: socket.socket) -> None:
        read_head(held)
        held.sendall(data)
        while not server.over.is_set():
            held.sendall(more)

    return script


HEAD = b"HTTP/1.1 101 Switching Protocols\r\n"
LIMIT = rf"within the limit of {limits.WS_HANDSHAKE_BYTES} bytes for status and headers"
DRIPS = r"did not open within 0.300 s: the WebSocket handshake had not ended \(\d+ bytes had come\)"


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        pytest.param(lambda server, held: server.read_all(held), "T021", DRIPS, id="says-nothing"),
        pytest.param(dripping(HEAD * 1000), "T021", DRIPS, id="drips-the-status-line"),
        pytest.param(dripping(HEAD + b"x: y\r\n" * 1000), "T021", DRIPS, id="drips-headers"),
        pytest.param(flooding(HEAD, b"a: b\r\n" * 1000), "T022", LIMIT, id="headers-without-end"),
        pytest.param(flooding(b"HTTP/1.1 200 ", b"x" * 4096), "T022", LIMIT, id="a-status-without-end"),
        pytest.param(flooding(HEAD + b"a: ", b"x" * 4096), "T022", LIMIT, id="a-header-without-end"),
        pytest.param(plain(b"SSH-2.0-OpenSSH\r\n\r\n"), "T022", "with 'SSH-2.0-OpenSSH'", id="ssh"),
        pytest.param(plain(b"HTTP/1.0 101 x\r\n\r\n"), "T022", "with 'HTTP/1.0 101 x'", id="http-1.0"),
        pytest.param(plain(b"HTTP/1.1 99 x\r\n\r\n"), "T022", "with 'HTTP/1.1 99 x'", id="status-99"),
        pytest.param(plain(HEAD + b" folded: x\r\n\r\n"), "T022", "a header line that is none", id="folded"),
        pytest.param(plain(HEAD + b"no colon\r\n\r\n"), "T022", "that is none: 'no colon'", id="no-colon"),
        pytest.param(plain(HEAD + b"a: \0\r\n\r\n"), "T022", "a header line that is none", id="nul"),
        pytest.param(plain(HEAD + b"\r\n"), "T022", "missing Connection header", id="no-upgrade"),
        pytest.param(
            with_lines(b"Sec-WebSocket-Accept: x"),
            "T022",
            "Sec-WebSocket-Accept header: multiple",
            id="key-twice",
        ),
        pytest.param(
            plain(HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"),
            "T022",
            "invalid Sec-WebSocket-Accept header: x",
            id="another-s-key",
        ),
        pytest.param(
            with_lines(b"Sec-WebSocket-Extensions: permessage-deflate"),
            "T022",
            "no extensions supported",
            id="compression-unasked",
        ),
        pytest.param(
            with_lines(b"Sec-WebSocket-Protocol: chat"),
            "T022",
            "no subprotocols supported",
            id="subprotocol-unasked",
        ),
        pytest.param(
            flooding(b"HTTP/1.1 401 x\r\n\r\n", b"x" * 65_536), "T001", "HTTP 401", id="a-body-without-end"
        ),
        pytest.param(lambda server, held: held.close(), "T001", "does not open", id="ends-at-once"),
        pytest.param(lambda server, held: reset(held), "T001", "does not open", id="resets-at-once"),
        pytest.param(
            lambda server, held: (read_head(held), held.sendall(HEAD))[1],
            "T001",
            f"ended in the WebSocket handshake, after {len(HEAD)} bytes",
            id="ends-in-the-middle",
        ),
    ],
)
def test_an_opening_that_goes_wrong(script: Script, code: str, told: str) -> None:
    """Each is a TargetError with its code, and nothing stands on the timeline."""
    with Hostile(script) as server:
        error = refused(server.url, SOON if code == "T021" else None)

    assert error.code == code
    assert re.search(told, error.text), error.text
    assert server.taken == 1


def test_a_redirect_is_not_followed() -> None:
    """A redirect is told with where it leads, and nobody connects there."""
    with Hostile(says(b"")) as other:
        with Hostile(plain(f"HTTP/1.1 302 Found\r\nLocation: {other.url}\r\n\r\n".encode())) as server:
            error = refused(server.url)

        assert (error.code, f"to '{other.url}': redirects are not followed" in error.text) == ("T001", True)
    assert other.taken == 0


def test_the_answer_s_head_may_be_as_large_as_its_limit() -> None:
    """Status and headers of exactly the limit open the channel; one byte more does not."""

    def padded(more: int) -> Script:
        def script(server: Hostile, held: socket.socket) -> None:
            request = read_head(held)
            room = limits.WS_HANDSHAKE_BYTES - len(answer(request, b"x: "))
            held.sendall(answer(request, b"x: " + b"y" * (room + more)))
            server.read_all(held)

        return script

    notes = Notes()
    with Hostile(padded(0)) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), OPEN_DIAL)
        driver.send({"raw": "x"}, notes)
        assert notes.of("opened") == [None]
    driver.close()
    with Hostile(padded(1)) as server:
        assert refused(server.url).code == "T022"


def test_frames_may_come_with_the_answer() -> None:
    """What stands behind the answer's empty line in one packet is the first frame."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.sendall(answer(read_head(held)) + text("early"))
        server.read_all(held)

    notes = Notes()
    with Hostile(script) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), OPEN_DIAL)
        driver.send({"raw": "x"}, notes)
        assert notes.wait("pushed").wire == {"text": "early"}
    driver.close()


def test_the_environment_changes_nothing() -> None:
    """websockets' own variables neither tighten nor loosen what we accept, nor name us."""
    script = """if True:
        import sys
        from channels.hostile import Hostile, read_head, answer, frame
        from channels.leaves import OPEN_DIAL
        from channels.notes import Notes
        from harness.channels.ws import WsDriver
        from harness.clock import RunClock
        asked = []
        def serve(server, held):
            asked.append(read_head(held))
            held.sendall(answer(asked[0], *[b"x: y"] * 50) + frame(1, b"a", fin=False))
            held.sendall(frame(0, b"b", fin=False) + frame(0, b"c"))
            server.read_all(held)
        notes = Notes()
        with Hostile(serve) as server:
            driver = WsDriver(server.url, "market", None, notes, RunClock(), OPEN_DIAL)
            driver.send({"raw": "x"}, notes)
            print(notes.wait("pushed").wire["text"], b"User-Agent: escalation-harness\\r\\n" in asked[0])
        driver.close()
    """
    small = {
        f"WEBSOCKETS_MAX_{name}": "1" for name in ("NUM_HEADERS", "LINE_LENGTH", "BODY_SIZE", "FRAGMENTS")
    }
    ours = {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "https_proxy": "http://127.0.0.1:9",
        "ws_proxy": "x",
    }
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **small, **ours, "WEBSOCKETS_USER_AGENT": "spy"},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert ran.stdout.split() == ["abc", "True"]


def test_without_leave_nothing_is_opened() -> None:
    """A place that the guard did not judge is its refusal, and nobody is connected to."""
    notes = Notes()
    with Hostile(says(b"")) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), NO_DIAL)
        with pytest.raises(GuardError):
            driver.send({"subscribe": {}}, notes)
    assert (server.taken, notes.told) == (0, [])
