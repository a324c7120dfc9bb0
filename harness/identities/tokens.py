"""What an identity looks like in a text, whatever stands around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

HEX: Final = re.compile(r"0[xX][0-9a-fA-F]{12,}|[0-9a-fA-F]{28,}")
"""Hex from 12 digits with 0x, and runs of hex digits (or decimal ones) from 28 without."""

CUT: Final = re.compile(r"(0[xX])([0-9a-fA-F]{3,63})(…|\.{2,3}|\\u2026)([0-9a-fA-F]{0,40})")
"""A hash as people cut it: `0x1234…abcd`."""

_UUID_CORE: Final = re.compile(r"-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-")
_UUID_START: Final = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}\Z")
_UUID_END: Final = re.compile(r"[0-9a-fA-F]{12}(?![0-9a-fA-F])")
BYTES: Final = re.compile(r"0[xX][0-9a-fA-F]+")

_AT: Final = re.compile("@|%40")
_MAILBOX: Final = re.compile(r"[A-Za-z0-9._+~-]{1,64}\Z")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24}(?![A-Za-z0-9-])")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4: Final = re.compile(rf"(?<![0-9A-Za-z._-])(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9A-Za-z_]|\.[0-9])")
_PRODUCT: Final = re.compile(r"[A-Z][A-Za-z]*/\Z")
IPV6: Final = re.compile(
    r"(?<![0-9A-Za-z:.])(?=[0-9a-fA-F:]*:[0-9a-fA-F:]*:)"
    r"(?:[0-9a-fA-F]{1,4}:){1,7}(?::|[0-9a-fA-F]{1,4}|(?::[0-9a-fA-F]{1,4}){1,6})(?![0-9A-Za-z:])"
)
QUERY: Final = re.compile(r"(?<=[?&])([A-Za-z_]{1,30})=([^&\s\"'\\#]*)")
MARKET_PATH: Final = re.compile(r"/(?:clob-)?markets/(?:live-activity/)?(0[xX][0-9a-fA-F]{64})")

FIELD: Final = re.compile(
    r'(?P<before>(?<!\\)(?P<slashes>\\{0,31}+)"(?P<name>[A-Za-z][\w .-]{0,39})(?P=slashes)"\s*:\s*'
    r'(?:(?P=slashes)(?P<quote>"))?)'
    r'(?(quote)(?P<text>.*?)(?<!\\)(?P<closing>(?P=slashes)")|(?:(?P<items>\[[^\[\]{}]*\])|(?P<number>[0-9]+)))',
    re.S,
)
"""A field of a JSON text, however often the text itself stands in another: its name, and a text, a list of
plain values or a whole number."""

_ESCAPE: Final = r"(?<!\\)\\++u00[2-7][0-9a-fA-F]|%[2-7][0-9a-fA-F]"
_ESCAPED: Final = re.compile(_ESCAPE)
_DISGUISED: Final = re.compile(rf"(?<![0-9A-Za-z@.-])[0-9A-Za-z@.-]*+(?:(?:{_ESCAPE})[0-9A-Za-z@.-]*+)++")


def undisguised(text: str, change: Callable[[str], str] | None = None) -> str:
    """The text with letters and digits plain that JSON or a URL may escape though it need not.

    With `change`, only those runs that it changes when they are plain, and as it changes them.
    """
    if "\\u00" not in text and "%" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        seen = _ESCAPED.sub(_plain, found[0])
        changed = seen if change is None else change(seen)
        return found[0] if change is not None and changed == seen else changed

    return _DISGUISED.sub(plain, text)


def _plain(found: re.Match[str]) -> str:
    character = chr(int(found[0][-2:], 16))
    return character if character.isalnum() else found[0]


def uuids(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every UUID; found by the hyphens in its middle, which are rare, not by its hex."""
    for core in _UUID_CORE.finditer(text):
        start, end = core.start() - 8, core.end() + 12
        if _UUID_START.search(text, max(0, start - 1), core.start()) and _UUID_END.match(text, core.end()):
            yield start, end


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every email, found by its `@`."""
    for sign in _AT.finditer(text):
        mailbox = _MAILBOX.search(text, max(0, sign.start() - 64), sign.start())
        domain = _DOMAIN.match(text, sign.end())
        if mailbox and domain:
            yield mailbox.start(), domain.end()


def changed(text: str, spans: Iterable[tuple[int, int]], change: Callable[[str], str]) -> str:
    """The text with every span, in order and apart, changed."""
    for start, end in reversed(list(spans)):
        text = text[:start] + change(text[start:end]) + text[end:]
    return text


def uuid_number(text: str) -> int:
    """The number of a UUID's text."""
    return int(text.replace("-", ""), 16)


def is_version(text: str, start: int) -> bool:
    """Whether the four numbers that start here are a product's version: `Chrome/120.0.0.0`."""
    return text[start - 1 : start] == "/" and _PRODUCT.search(text[max(0, start - 40) : start]) is not None


def ip_number(text: str) -> tuple[str, int] | None:
    """`ipv4` or `ipv6` and the number of an address; None where the text is none."""
    try:
        return ("ipv6", int(IPv6Address(text))) if ":" in text else ("ipv4", int(IPv4Address(text)))
    except AddressValueError:
        return None
