"""Transaction hashes, orders' ids and addresses in plain words, for whoever looks them up on a chain.

A raw transaction is named by its hash (EIP-2718: the keccak of its bytes) and not kept: it is signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from eth_hash.auto import keccak

from harness.errors import Place
from harness.evidence.ticket.textlines import Lines

_HASH: Final = re.compile(r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_ADDRESS: Final = re.compile(r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{40}(?![0-9A-Za-z])")
_RAW: Final = re.compile(r"(?<![0-9A-Za-z])0x(?:0[1-4])?f[89][0-9a-fA-F]{120,}(?![0-9A-Za-z])", re.I)
_OF_A_KEY: Final = re.compile(
    r"priv(?:ate)?[ _-]?key|(?<!api[ _-])\bkeys?\b|_key\b|secret|mnemonic|\bseed\b|signing|\bpk\b"
    r"|password|phrase",
    re.I,
)
_NOTHING: Final = "0x" + "0" * 64
_TYPES: Final = frozenset({1, 2, 3, 4})
"""EIP-2930, EIP-1559, EIP-4844, EIP-7702; a legacy transaction begins with its list."""
_LONG_LIST: Final = 0xF7


@dataclass(frozen=True, slots=True)
class Named:
    """A hash or an address that a text names, in small letters, and where it stands first."""

    value: str
    place: Place

    @property
    def is_address(self) -> bool:
        """Whether it is an address (20 bytes); else it is a hash (32)."""
        return len(self.value) == 42

    @property
    def shown(self) -> str:
        """As it is told to people: 32 bytes of a mail may be a key, and its place says where it stands."""
        return self.value if self.is_address else f"{self.value[:6]}…{self.value[-4:]}"


def is_hash(text: str) -> bool:
    """Whether a text is 32 bytes as 0x and hex digits."""
    return _HASH.fullmatch(text) is not None


def named_in(lines: Lines, at: int) -> list[Named]:
    """The hashes and addresses of one line, and the hashes of raw transactions in it, in its order.

    32 bytes near words of a key are a key: no name of anything, and asked about nowhere.
    """
    if "0x" not in lines[at] and "0X" not in lines[at]:
        return []  # most lines of a long log
    place = lines.place(at)
    around = f"{lines[at - 1] if at else ''} {lines[at]}"
    hashes = () if _OF_A_KEY.search(around) else _HASH.finditer(lines[at])
    found = [(each.start(), each[0].lower()) for each in hashes if each[0] != _NOTHING]
    found += [(each.start(), each[0].lower()) for each in _ADDRESS.finditer(lines[at])]
    found += [(each.start(), name) for each in _RAW.finditer(lines[at]) if (name := _hash_of_raw(each[0]))]
    return [Named(value, Place(place.path, place.line, start + 1)) for start, value in sorted(found)]


def _hash_of_raw(text: str) -> str:
    """The hash of a raw transaction; "" where the bytes are no list of just that length (RLP)."""
    try:
        raw = bytes.fromhex(text[2:])
    except ValueError:
        return ""
    start = 1 if raw[0] in _TYPES else 0
    size = raw[start] - _LONG_LIST
    length = int.from_bytes(raw[start + 1 : start + 1 + size])
    return "0x" + keccak(raw).hex() if len(raw) == start + 1 + size + length else ""
