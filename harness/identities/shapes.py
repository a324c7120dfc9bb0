"""What an image looks like: of the same kind and, where the format has room, as long as its value.

Lengths that cannot be kept: a decimal number of a hash or address that starts with many zeros, an IPv4
address of 7 or 8 characters, an email of under 8, an IPv6 address whose first two groups are not of 4 and 3
digits.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import Final

from harness.identities.keyed import Draws
from harness.wire.ctf import checksum_address

ADDRESS_BITS: Final = 160
WORD_BITS: Final = 256
LEAST_ADDRESS: Final = 1 << 96
"""No address that anybody holds is smaller: a number below is a count, an amount, a precompile."""

_PIECES: Final = re.compile(r"\\+(?:u[0-9a-fA-F]{4}|.)|.", re.S)
"""An escape of a JSON text, however deep it stands, or one character."""
_PATIENCE: Final = 64
"""So many candidates of a value's own shape are tried before the shape is left."""
_DOCUMENTATION: Final = ("192.0.2.0", "198.51.100.0", "203.0.113.0")  # RFC 5737
_RESERVED_V4: Final = 240 << 24  # RFC 1112: routed nowhere; where the documentation ranges hold too few
_DOCUMENTATION_V6: Final = 0x20010DB8 << 96  # RFC 3849
_DOMAIN: Final = "@example.com"  # RFC 2606
_SHORT_DOMAIN: Final = ".test"


def address(value: int, draws: Draws, failed: int) -> int:
    """Another address; with as many decimal digits where its own number is a usual one.

    One that EIP-55 writes without a capital (1 in 2,000) has an image without letters, and any other an image
    whose mixed case is one: else nobody could tell whether it was spelled in lower case or checksummed.
    """
    if _is_plain(value):
        return int("".join(draws.one_of(string.digits) for _ in range(ADDRESS_BITS // 4)), 16)
    while True:
        drawn = _number(value, ADDRESS_BITS, LEAST_ADDRESS, (47, 48, 49), draws)
        if not _is_plain(drawn) and not _is_plain(drawn, str.upper):
            return drawn


def _is_plain(number: int, case: Callable[[str], str] = str.lower) -> bool:
    """Whether EIP-55 writes an address in one case alone."""
    written = checksum_address(f"0x{number:040x}")[2:]
    return written == case(written)


def word(value: int, draws: Draws, failed: int) -> int:
    """Another 32-byte hash, never one that reads as a padded address; with as many decimal digits."""
    return _number(value, WORD_BITS, 1 << 192, (76, 77, 78), draws)


def _number(value: int, bits: int, least: int, usual: tuple[int, ...], draws: Draws) -> int:
    digits = len(str(value))
    while True:
        drawn = draws.bits(bits)
        if drawn >= least and (digits not in usual or len(str(drawn)) == digits):
            return drawn


def uuid(value: int, draws: Draws, failed: int) -> int:
    """Another UUID of the same version and variant (RFC 9562)."""
    variant_bits = 0xC << 60 if value >> 62 & 3 == 2 else 0xF << 60
    kept = 0xF << 76 | variant_bits
    return draws.bits(128) & ~kept | value & kept


def digits(value: str, draws: Draws, failed: int) -> str:
    """As many other hex digits."""
    count = len(value) + len(value) % 2
    return f"{draws.bits(4 * count):0{count}x}"[-len(value) :]


def name(value: str, draws: Draws, failed: int) -> str:
    """Letters for letters and digits for digits, in their case; all else, escapes too, stays.

    A number stays one. Where so short a shape is used up, the name gets longer.
    """
    longer = failed // _PATIENCE
    if value.isdecimal():
        size = len(value) + longer
        least = 0 if value[0] == "0" or size == 1 else 10 ** (size - 1)
        return f"{least + draws.below(10**size - least):0{size}d}"
    drawn = []
    for piece in _PIECES.findall(value):
        if not piece.isalnum():
            drawn.append(piece)
        elif piece.isdigit():
            drawn.append(draws.one_of(string.digits))
        else:
            drawn.append(draws.one_of(string.ascii_uppercase if piece.isupper() else string.ascii_lowercase))
    if not any(map(str.isalnum, drawn)):
        longer += 1
    return "".join(drawn) + "".join(draws.one_of(string.ascii_lowercase) for _ in range(longer))


def email(value: str, draws: Draws, failed: int) -> str:
    """An address in a domain that nobody can own (RFC 2606), as long where there is room for one."""
    length = max(len(value), 8) + failed // _PATIENCE

    def letters(count: int) -> str:
        return "".join(draws.one_of(string.ascii_lowercase) for _ in range(count))

    if length >= len(_DOMAIN) + 6:
        return letters(length - len(_DOMAIN)) + _DOMAIN
    local = max(1, (length - len(_SHORT_DOMAIN) - 1) // 2)
    return letters(local) + "@" + letters(length - len(_SHORT_DOMAIN) - 1 - local) + _SHORT_DOMAIN


def ipv4(value: int, draws: Draws, failed: int) -> int:
    """An address of a documentation range; a reserved one where those are too short or used up."""
    length = max(len(str(IPv4Address(value))), 9)
    documented = _DOCUMENTED[length]
    if documented and failed < _PATIENCE:
        return documented[draws.below(len(documented))]
    while True:
        drawn = _RESERVED_V4 + draws.below(0x0FFFFFFF)
        if len(str(IPv4Address(drawn))) == length:
            return drawn


def ipv6(value: int, draws: Draws, failed: int) -> int:
    """An address of the documentation range; a group of zeros stays one, others keep their digits."""
    drawn = _DOCUMENTATION_V6
    for shift in range(80, -16, -16):
        size = len(f"{value >> shift & 0xFFFF:x}") if value >> shift & 0xFFFF else 0
        if failed > _PATIENCE:
            size = 4
        if size:
            least = 1 << 4 * (size - 1)
            drawn |= least + draws.below((least << 4) - least) << shift
    return drawn


def _documented() -> Mapping[int, tuple[int, ...]]:
    """The documentation addresses by the length of their text."""
    every = [int(IPv4Address(start)) + last for start in _DOCUMENTATION for last in range(256)]
    return {size: tuple(one for one in every if len(str(IPv4Address(one))) == size) for size in range(9, 16)}


_DOCUMENTED: Final = _documented()
