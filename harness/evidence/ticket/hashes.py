"""Transaction hashes, orders' ids and addresses in plain words, for whoever looks them up on a chain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harness.errors import Place
from harness.evidence.ticket.textlines import Lines

_HASH: Final = re.compile(r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_ADDRESS: Final = re.compile(r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{40}(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Named:
    """A hash or an address that a text names, in small letters, and where it stands first."""

    value: str
    place: Place

    @property
    def is_address(self) -> bool:
        """Whether it is an address (20 bytes); else it is a hash (32)."""
        return len(self.value) == 42


def named_in(lines: Lines, at: int) -> list[Named]:
    """The hashes and addresses of one line, in its order."""
    place = lines.place(at)
    found = sorted((*_HASH.finditer(lines[at]), *_ADDRESS.finditer(lines[at])), key=lambda each: each.start())
    return [Named(each[0].lower(), Place(place.path, place.line, each.start() + 1)) for each in found]
