"""Addresses have one spelling; what could be read in two ways is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import GuardError
from harness.guard import Address, address_of, is_loopback
from harness.guard.addresses import host_of


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://127.0.0.1", "127.0.0.1:80"),
        ("https://api.example.com", "api.example.com:443"),
        ("wss://api.example.com/ws", "api.example.com:443"),
        ("ws://api.example.com", "api.example.com:80"),
        ("tcp://fix.example.com:9878", "fix.example.com:9878"),
        ("https://API.Example.COM", "api.example.com:443"),
        ("https://rpc.example.com/v2/key-of-it/", "rpc.example.com:443"),
        ("http://[::1]:8081", "[::1]:8081"),
        ("http://[0:0:0:0:0:0:0:1]:8081", "[::1]:8081"),
        ("http://[2001:DB8::1]", "[2001:db8::1]:80"),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example:443"),
    ],
)
def test_one_spelling(url: str, address: str) -> None:
    """Letters are small, IPv6 is short, the scheme's port is said."""
    assert str(address_of(url)) == address


TWO_WAYS = [
    ("https://127.0.0.1@example.com/", "a user or a password stands in it"),
    ("https://user:pass@example.com/", "a user or a password stands in it"),
    ("https://example.com.", "ends in a dot: leave it out"),
    ("https://ехample.com", "letters that look like others"),
    ("https://example.com。evil.test", "letters that look like others"),
    ("http://127.1:1", "a number in another form"),
    ("http://2130706433", "a number in another form"),
    ("http://0x7f000001", "a number in another form"),
    ("http://0177.0.0.1", "a number in another form"),
    ("http://127.0.0.01", "a number in another form"),
    ("http://127.0.0.0x1", "a number in another form"),
    ("http://1.2.3.4.5", "a number in another form"),
    ("http://[::ffff:127.0.0.1]", "wraps an IPv4 address"),
    ("http://[::ffff:c633:6401]", "wraps an IPv4 address"),
    ("http://[::127.0.0.1]", "wraps an IPv4 address"),
    ("http://[64:ff9b::c633:6401]", "wraps an IPv4 address"),
    ("http://[2002:c633:6401::1]", "wraps an IPv4 address"),
    ("http://0.0.0.0:1", "is no address of one machine"),
    ("http://[::]:1", "is no address of one machine"),
    ("http://255.255.255.255", "is no address of one machine"),
    ("http://224.0.0.1", "is no address of one machine"),
    ("http://[fe80::1%25eth0]", "is no address"),
    ("http://[::", "is no address"),
    ("http://example.com:0", "has the port 0"),
    ("http://example.com:65536", "has the port 65536"),
    ("http://example.com:", "is no address"),
    ("http://example.com:80:90", "is no address"),
    ("http://example.com:８０", "letters that look like others"),
    ("http://example.com\\@evil.test", "a user or a password stands in it"),
    ("http://example.com\\evil.test", "is no address"),
    ("http://exa mple.com", "is no address"),
    (" http://example.com", "its scheme is none of"),
    ("http://example.com\n", "is no address"),
    ("http://example.com%2eevil.test", "is no address"),
    ("http://example.com/%2e%2e/", "is no address"),
    ("http://example.com?x=1", "a query stands in it"),
    ("http://example.com/#x", "a query stands in it"),
    ("http:///path", "is no address"),
    ("://example.com", "its scheme is none of"),
    ("http://-example.com", "is no host's name"),
    ("http://example..com", "is no host's name"),
    ("http://" + "a" * 64 + ".com", "is no host's name"),
    ("http://" + "a." * 127 + "com", "is no host's name"),
    ("ftp://example.com", "its scheme is none of http, https, ws, wss, tcp"),
    ("tcp://example.com", "names no port"),
    ("example.com:80", "it begins with one of http://"),
    ("127.0.0.1:8080", "it begins with one of http://"),
    ("", "it begins with one of http://"),
]


@pytest.mark.parametrize(("url", "told"), TWO_WAYS)
def test_what_has_two_readings_is_refused(url: str, told: str) -> None:
    """Forms that other readers take for another place are refused, with what to write instead."""
    with pytest.raises(GuardError) as refused:
        address_of(url)

    assert refused.value.code == "G008"
    assert told in refused.value.text


@pytest.mark.parametrize(("host", "told"), [("fe80::1%eth0", "has a zone"), ("::1%1", "has a zone")])
def test_a_host_with_a_zone_is_refused(host: str, told: str) -> None:
    """What a zone means is decided by the machine that reads it."""
    with pytest.raises(GuardError, match=told):
        host_of(host)


def test_a_refusal_repeats_no_secret() -> None:
    """A password, a path and a query may be secrets: a refusal shows the host."""
    with pytest.raises(GuardError) as refused:
        address_of("https://user:hunter2@rpc.example.com/v2/a-key?token=t0ps3cret")

    assert "rpc.example.com" in refused.value.text
    for secret in ("hunter2", "a-key", "t0ps3cret"):
        assert secret not in refused.value.text


@given(st.one_of(st.text(max_size=40), st.from_regex(r"(http|https|ws|tcp)://[^ ]{0,40}")))
def test_any_text_is_an_address_or_refused(url: str) -> None:
    """No text raises anything else, and an address is its own one spelling."""
    try:
        address = address_of(url)
    except GuardError:
        return
    assert Address(address.host, address.port) == address
    assert address.host == address.host.lower()


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_only_numeric_loopback_is_this_machine(host: str, here: bool) -> None:
    """Names can lead anywhere."""
    assert is_loopback(host) is here


def test_an_address_is_made_in_its_spelling_only() -> None:
    """A host that is spelt otherwise would not compare equal: it is no address."""
    for host, port in (("API.example.com", 443), ("0:0:0:0:0:0:0:1", 1), ("api.example.com", -1)):
        with pytest.raises(GuardError, match="G008"):
            Address(host, port)
