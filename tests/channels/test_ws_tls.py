"""A WebSocket over TLS: whom it trusts, what goes wrong in the handshake, and an end in the middle."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from harness.channels.authorities import usual_authorities
from harness.channels.ws import WsDriver
from harness.channels.wsframes import WsBounds
from harness.clock import RunClock

from .hostile import Hostile, Script, says, shaken, text
from .leaves import OPEN_DIAL
from .notes import Notes
from .test_ws_opening import SOON, refused

# ---- TLS -------------------------------------------------------------------------------------------------


def behind_tls(certificates: Path, name: str, then: Script) -> Script:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / f"{name}.crt", certificates / f"{name}.key")

    def script(server: Hostile, held: socket.socket) -> None:
        with context.wrap_socket(held, server_side=True) as secured:
            then(server, secured)

    return script


def trusting(certificates: Path, name: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificates / f"{name}.crt"))


RECORD = b"\x16\x03\x03\x40\x00" + b"\x02" * 16_384
SECURE_DRIPS = "did not open within 0.300 s: the TLS handshake had not ended"


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        (lambda server, held: server.read_all(held), "T021", SECURE_DRIPS),
        (
            lambda server, held: server.drip(held, b"\x16\x03\x03\x40\x00" + b"\x02" * 16_384),
            "T021",
            SECURE_DRIPS,
        ),
        (lambda server, held: held.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "T023", "TLS failed"),
        (lambda server, held: held.sendall(bytes(65_536)), "T023", "TLS failed"),
    ],
    ids=["says-nothing", "drips-a-record", "speaks-http", "garbage"],
)
def test_tls_that_goes_wrong(script: Script, code: str, told: str) -> None:
    """TLS has the same deadline as the rest, and what is no TLS is said to be none."""
    with Hostile(script) as server:
        error = refused(server.url.replace("ws:", "wss:"), SOON if code == "T021" else None)
    assert (error.code, told in error.text) == (code, True), error.text


def test_a_certificate_is_verified(certificates: Path) -> None:
    """One of another name, or of nobody we trust, opens nothing; the right one opens the channel."""
    for name, trusted in (("wrong", "wrong"), ("right", "wrong"), ("right", None)):
        with Hostile(behind_tls(certificates, name, says(b""))) as server:
            tls = trusting(certificates, trusted) if trusted else None
            error = refused(server.url.replace("ws:", "wss:"), tls=tls)
        assert (error.code, "CERTIFICATE_VERIFY_FAILED" in error.text) == ("T023", True)


def test_the_environment_names_no_authorities(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that only SSL_CERT_FILE trusts opens nothing."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "right.crt"))
    usual_authorities.cache_clear()
    with Hostile(behind_tls(certificates, "right", lambda server, held: None)) as server:
        error = refused(server.url.replace("ws:", "wss:"))
    assert (error.code, "CERTIFICATE_VERIFY_FAILED" in error.text) == ("T023", True)


def test_over_tls_frames_come_and_go(certificates: Path) -> None:
    """Frames larger than a TLS record come whole, and what we say arrives."""
    words = ["x" * 100_000, "y"]
    script = shaken(lambda server, held: (held.sendall(b"".join(map(text, words))), server.read_all(held))[1])
    notes = Notes()
    with Hostile(behind_tls(certificates, "right", script)) as server:
        url = server.url.replace("ws:", "wss:")
        tls = trusting(certificates, "right")
        soon = WsBounds(close_us=300_000)
        driver = WsDriver(url, "market", None, notes, RunClock(), OPEN_DIAL, bounds=soon, tls=tls)
        driver.send({"raw": "z" * 200_000}, notes)
        notes.wait("pushed", count=2)
        driver.close()
    assert [wire["text"] for wire in notes.of("pushed")] == words
    assert len(server.seen) > 200_000


def test_tls_that_ends_in_the_middle_is_the_end_of_the_channel(certificates: Path) -> None:
    """Garbage inside an open TLS connection closes the channel, once, and says so."""

    def script(server: Hostile, held: socket.socket) -> None:
        held.sendall(text("last"))
        with socket.socket(fileno=held.detach()) as bare:
            bare.sendall(b"no TLS at all" * 10)
            bare.recv(65_536)

    notes = Notes()
    with Hostile(behind_tls(certificates, "right", shaken(script))) as server:
        tls = trusting(certificates, "right")
        url = server.url.replace("ws:", "wss:")
        driver = WsDriver(url, "market", None, notes, RunClock(), OPEN_DIAL, tls=tls)
        driver.send({"raw": "x"}, notes)
        [code, reason] = notes.wait("closed").wire
        driver.close()
    assert (code, "the connection broke: " in reason) == (None, True), reason
    assert [wire["text"] for wire in notes.of("pushed")] == ["last"]
    assert len(notes.of("closed")) == 1
