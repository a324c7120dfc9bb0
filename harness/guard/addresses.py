"""Addresses as the guard reads them: one spelling each, so that two that are equal mean one place.

A URL that other readers could take for another place is refused and not interpreted: user information, forms
of IPv4 but four decimal numbers, a final dot, letters beyond ASCII, escapes. What is left is compared
exactly, host and port; there are no patterns and no prefixes (an allowed `api.example.com` once let
`api.example.com.evil.net` through elsewhere).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from harness.errors import GuardError

PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "tcp": None}
"""Schemes of a target's addresses with their default ports; a FIX gateway (`tcp`) has none."""
_URL: Final = re.compile(
    r"(?P<scheme>[a-z]+)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~-]+)*/?)"
)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAME_CHARACTERS: Final = 253
_WRAPPING: Final = tuple(
    map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "2002::/16", "2001::/32"))
)
"""IPv6 that stands for an IPv4 address: compatible, mapped, NAT64, 6to4, Teredo (RFC 4291, 6052, 3056,
4380)."""
_BROADCAST: Final = ipaddress.IPv4Address("255.255.255.255")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A host and a port. The host is a name in small letters, or a numeric address in its one spelling.

    Raises GuardError G008 for anything that could be read in two ways (its author's fault).
    """

    host: str
    port: int

    def __post_init__(self) -> None:
        if self.host != host_of(self.host):
            raise GuardError("G008", f"{self.host!r} is spelt {host_of(self.host)!r}")
        if type(self.port) is not int or not 0 < self.port < 65536:
            raise GuardError("G008", f"{self.host} has the port {self.port!r}, which is none")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_numeric(self) -> bool:
        """Whether the host is an address and no name."""
        return is_numeric(self.host)


def address_of(url: str) -> Address:
    """Where a URL leads. Raises GuardError G008 where that could be read in two ways (its author's fault).

    The text of the error does not repeat what may be a secret: user information and what stands behind `?`.
    """
    found = _URL.fullmatch(url)
    if found is None or found["scheme"] not in PORTS:
        raise GuardError("G008", f"{_shown(url)} is no address: {_trouble(url)}")
    port = found["port"] or PORTS[found["scheme"]]
    if port is None:
        raise GuardError("G008", f"{_shown(url)} names no port: write host:port")
    return Address(host_of(found["host"].strip("[]")), int(port))


def host_of(text: str) -> str:
    """A host in its one spelling. Raises GuardError G008 where it has several readings."""
    host = text.lower()
    try:
        numeric = ipaddress.ip_address(host)
    except ValueError:
        return _name(host)
    if isinstance(numeric, ipaddress.IPv6Address):
        if numeric.scope_id is not None:
            raise GuardError("G008", f"{text!r} has a zone, which means another place on another machine")
        if any(numeric in wrapping for wrapping in _WRAPPING) and int(numeric) > 1:
            raise GuardError("G008", f"{text!r} wraps an IPv4 address: write that")
    if numeric.is_unspecified or numeric.is_multicast or numeric == _BROADCAST:
        raise GuardError("G008", f"{text!r} is no address of one machine: name the one that is meant")
    return str(numeric)


def is_numeric(host: str) -> bool:
    """Whether a host is an address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is a numeric loopback address; names are not trusted, they can lead anywhere."""
    return is_numeric(host) and ipaddress.ip_address(host).is_loopback


def _name(host: str) -> str:
    labels = host.split(".")
    if host.endswith("."):
        raise GuardError("G008", f"{host!r} ends in a dot: leave it out, it is the same host")
    if not host.isascii():
        raise GuardError("G008", f"{host!r} has letters that look like others: write it in its xn-- form")
    if _NUMERIC.fullmatch(labels[-1]):
        raise GuardError("G008", f"{host!r} is a number in another form: write IPv4 as four decimal numbers")
    if len(host) > _NAME_CHARACTERS or not all(_LABEL.fullmatch(label) for label in labels):
        raise GuardError("G008", f"{host!r} is no host's name")
    return host


def _trouble(url: str) -> str:
    authority = url.partition("://")[2].partition("/")[0]
    if "://" not in url:
        return f"it begins with one of {', '.join(f'{scheme}://' for scheme in PORTS)}"
    if "@" in authority:
        return "a user or a password stands in it; name an environment variable that holds the whole URL"
    if not url.isascii():
        return "letters that look like others stand in it; write a host in its xn-- form"
    if "?" in url or "#" in url:
        return "a query stands in it; a secret belongs into an environment variable"
    if url.partition("://")[0] not in PORTS:
        return f"its scheme is none of {', '.join(PORTS)}"
    return "write scheme://host:port/path with letters, digits, '.', '_' and '-'"


def _shown(url: str) -> str:
    """A URL without what may be secret in it."""
    scheme, mark, rest = url.partition("://")
    authority, _, _ = rest.partition("?")[0].partition("#")[0].partition("/")
    return repr(f"{scheme}{mark}{authority.rpartition('@')[2]}")[:120] if mark else repr(url[:40])
