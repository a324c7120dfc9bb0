"""Where an exchange goes: where the guard judged, whatever a server, a name or the environment says."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from wire.answers import sized

from harness.channels import authorities
from harness.channels.dial import Dial
from harness.channels.web import UnansweredError, Web
from harness.clock import RunClock
from harness.errors import GuardError
from harness.wire.exchange import Answer, request_of

from .hostileweb import HostileWeb, saying
from .leaves import OPEN_DIAL, named, permit_for


def get(web: Web, **headers: str | None) -> Answer:
    return web.exchange(request_of("GET", web.host, "/ok", headers))


def behind_tls(certificates: Path, name: str) -> HostileWeb:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / f"{name}.crt", certificates / f"{name}.key")
    return HostileWeb(tls=context)


def secure(server: HostileWeb, trusted: ssl.SSLContext | None = None) -> Web:
    return Web(server.url, OPEN_DIAL, RunClock(), certificates=trusted)


def trusting(certificates: Path, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificates / f"{name}.crt")
    return context


def pinned(port: int) -> Dial:
    """Leave for `exchange.test`, which was judged to be on this machine."""
    return Dial(named(port, "127.0.0.1"))


def at_its_name(server: HostileWeb) -> Web:
    return Web(f"http://exchange.test:{server.port}", pinned(server.port), RunClock())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_the_answer(status: int) -> None:
    """Nobody goes where a server sends him: the answer is the redirect."""
    with HostileWeb() as elsewhere, HostileWeb() as server, Web(server.url, OPEN_DIAL, RunClock()) as web:
        head = b"HTTP/1.1 %d Elsewhere\r\nLocation: %s/ok\r\n" % (status, elsewhere.url.encode())
        server.say = saying(sized(b"", head))
        answer = web.exchange(request_of("POST", web.host, "/x", {}, b"{}"))

    assert (answer.status, answer.header("location")) == (status, f"{elsewhere.url}/ok")
    assert elsewhere.held == []


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certificates: Path) -> Iterator[Path]:
    """All that other clients take from the environment, each of them wrong."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login alice password hunter2\n")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        for each in (name, name.lower()):
            monkeypatch.setenv(each, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "right.crt"))
    monkeypatch.setenv("SSL_CERT_DIR", str(certificates))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    authorities.usual_authorities.cache_clear()
    yield tmp_path
    authorities.usual_authorities.cache_clear()


def test_the_environment_changes_nothing(environment: Path) -> None:
    """Neither proxies nor passwords are taken from it."""
    with HostileWeb() as server, Web(server.url, OPEN_DIAL, RunClock()) as web:
        assert get(web).body == b"fine"

    assert b"authorization" not in server.asked[0].lower()


def test_the_environment_names_no_authorities(environment: Path, certificates: Path) -> None:
    """A certificate that only the environment trusts is refused, and no keys are written down."""
    told = pytest.raises(UnansweredError, match="its certificate is refused: self-signed certificate")
    with behind_tls(certificates, "right") as server, secure(server) as web, told as caught:
        get(web)

    assert (caught.value.code, caught.value.phase) == ("T012", "in the TLS handshake")
    assert not (environment / "keys").exists()


def test_a_certificate_of_another_name_is_refused(certificates: Path) -> None:
    """A server whose certificate we trust is none of ours where it is of another name."""
    trusted = trusting(certificates, "wrong")
    with behind_tls(certificates, "wrong") as server:
        told = pytest.raises(UnansweredError, match="IP address mismatch, certificate is not valid")
        with secure(server, trusted) as web, told as caught:
            get(web)

    assert caught.value.code == "T012"
    assert server.asked == []


def test_a_certificate_is_of_the_name_and_not_of_the_address(certificates: Path) -> None:
    """Where a name was judged to be at an address, the certificate must be of the name."""
    trusted = trusting(certificates, "right")
    with behind_tls(certificates, "right") as server:
        url = f"https://exchange.test:{server.port}"
        told = pytest.raises(UnansweredError, match="Hostname mismatch")
        with Web(url, pinned(server.port), RunClock(), certificates=trusted) as web, told:
            get(web)


def test_tls_connections_are_used_again(certificates: Path) -> None:
    """The right certificate opens a connection, which more than one exchange goes over."""
    trusted = trusting(certificates, "right")
    with behind_tls(certificates, "right") as server:
        with secure(server, trusted) as web:
            assert [get(web).body for _ in range(3)] == [b"fine"] * 3
        assert len(server.held) == 1


def ragged(held: socket.socket) -> None:
    held.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it?")
    held.close()


def test_tls_that_ends_without_a_goodbye_is_cut(certificates: Path) -> None:
    """Where the end of the connection is the end of the body, TLS must say that it is the end."""
    trusted = trusting(certificates, "right")
    with behind_tls(certificates, "right") as server:
        server.say = ragged
        told = pytest.raises(UnansweredError)
        with secure(server, trusted) as web, told as caught:
            web.exchange(request_of("GET", web.host, "/x", {}))

    assert (caught.value.code, caught.value.phase) == ("T013", "reading the body")


def test_a_host_header_leads_nowhere_else() -> None:
    """A case may send any Host; the connection goes to the judged place."""
    with HostileWeb() as server, at_its_name(server) as web:
        get(web, Host="elsewhere.test")

    assert b"\r\nHost: elsewhere.test\r\n" in server.asked[0]


def test_a_name_that_leads_elsewhere_now_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a name resolves to after it was judged changes nothing."""
    real = socket.getaddrinfo

    def numeric_only(host: str, *more: object) -> object:
        assert host == "127.0.0.1"
        return real(host, *more)  # type: ignore[arg-type] # as create_connection calls it

    monkeypatch.setattr(socket, "getaddrinfo", numeric_only)
    with HostileWeb() as server, at_its_name(server) as web:
        assert get(web).body == b"fine"


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "exchange.test.", "127.0.0.1"],
)
def test_a_place_spelt_otherwise_was_not_judged(host: str) -> None:
    """Only the very name that was judged is connected to."""
    with Web(f"http://{host}:9", pinned(9), RunClock()) as web, pytest.raises(GuardError):
        get(web)


@contextmanager
def on_ipv6() -> Iterator[int]:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with listener:
        yield listener.getsockname()[1]


def test_ipv6() -> None:
    """An IPv6 address stands in brackets in the URL and in Host, and without them at the door."""
    with on_ipv6() as port:
        url = f"http://[::1]:{port}"
        told = pytest.raises(UnansweredError)
        with Web(url, Dial(permit_for(rest=url)), RunClock(), exchange_s=2) as web, told as caught:
            get(web)

        assert caught.value.phase == "waiting for the answer"
        assert web.host == f"[::1]:{port}"
