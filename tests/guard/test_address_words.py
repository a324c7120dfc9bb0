"""What an address is, and why what else looks like one is refused, in words."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import GuardError
from harness.guard import (
    Address,
    address_of,
)
from harness.guard.addresses import host_of

WRITE = "write scheme://host:port/path with letters, digits, '.', '_' and '-'"
QUERY = "a query stands in it; a secret belongs into an environment variable"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://a:1", "a", 1),
        ("http://a:65535/", "a", 65535),
        ("http://a_b-c.d/x/y.z~_-/", "a_b-c.d", 80),
        ("http://" + "a" * 63 + ".b", "a" * 63 + ".b", 80),
        ("http://" + "a." * 126 + "b", "a." * 126 + "b", 80),
        ("http://0xg", "0xg", 80),
        ("http://1a", "1a", 80),
        ("http://[2001:1::1]", "2001:1::1", 80),
        ("http://[fe80::1]:5", "fe80::1", 5),
    ],
)
def test_what_has_one_reading_is_an_address(url: str, host: str, port: int) -> None:
    """The longest labels and names, the first and the last port, letters behind digits."""
    assert address_of(url) == Address(host, port)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://0x", "'0x' is a number in another form: write IPv4 as four decimal numbers"),
        ("http://a.0x", "'a.0x' is a number in another form: write IPv4 as four decimal numbers"),
        ("http://" + "a." * 126 + "bc", f"{'a.' * 126 + 'bc'!r} is no host's name"),
        ("http://a-.b", "'a-.b' is no host's name"),
        ("http://-", "'-' is no host's name"),
        ("http://[2001::1]", "'2001::1' wraps an IPv4 address: write that"),
        ("http://[2001:0:1::1]", "'2001:0:1::1' wraps an IPv4 address: write that"),
        ("http://[::2]", "'::2' wraps an IPv4 address: write that"),
        ("http://[ff02::1]", "'ff02::1' is no address of one machine: name the one that is meant"),
        (
            "http://a:123456",
            "'http://a:123456' is no address: " + WRITE,
        ),
        ("tcp://a", "'tcp://a' names no port: write host:port"),
        (
            "x:" + "y" * 50,
            f"'x:{'y' * 38}' is no address: it begins with one of http://, https://, ws://, wss://, tcp://",
        ),
        (
            "http://" + "%" * 130 + "/secret",
            f"'http://{'%' * 112} is no address: " + WRITE,
        ),
        (
            "http://a/b?c/d@e",
            "'http://a' is no address: a query stands in it; a secret belongs into an environment variable",
        ),
        (
            "http://u:p@a/b@c",
            "'http://a' is no address: a user or a password stands in it; name an environment variable that "
            "holds the whole URL",
        ),
        ("http://a:0", "a has the port 0, which is none"),
        ("http://a?s3cret", "'http://a' is no address: " + QUERY),
        ("http://a#s3cret?", "'http://a' is no address: " + QUERY),
        ("http://a.", "'a.' ends in a dot: leave it out, it is the same host"),
        ("http://a%/b@c", "'http://a%' is no address: " + WRITE),
        ("x/y@z", "'x/y@z' is no address: it begins with one of http://, https://, ws://, wss://, tcp://"),
    ],
)
def test_a_refusal_in_its_words(url: str, text: str) -> None:
    """What was found, without what may be secret, and what to write."""
    with pytest.raises(GuardError) as refused:
        address_of(url)
    assert (refused.value.code, refused.value.text) == ("G008", text)


def test_an_address_that_is_made_by_hand() -> None:
    """Its port is a number from 1 to 65535, its host is spelt as the guard spells it."""
    assert (Address("a", 1).port, Address("a", 65535).port) == (1, 65535)
    assert Address("::1", 1).is_numeric is True
    assert Address("a", 1).is_numeric is False
    assert (str(Address("::1", 1)), str(Address("1.2.3.4", 5))) == ("[::1]:1", "1.2.3.4:5")
    port: Any
    for port in (0, 65536, True, "80"):
        with pytest.raises(GuardError, match="which is none"):
            Address("a", port)
    with pytest.raises(GuardError, match="'A' is spelt 'a'"):
        Address("A", 1)
    assert host_of("0:0::1") == "::1"
