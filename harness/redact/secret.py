"""A secret that does not show itself."""

from __future__ import annotations

import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Secret:
    """A text that prints, formats and reprs as `«secret»`; `reveal()` is the only way to it."""

    _value: str

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def __repr__(self) -> str:
        return "«secret»"

    def __format__(self, spec: str) -> str:
        return "«secret»"

    def __eq__(self, other: object) -> bool:
        """Equal texts are equal secrets; takes the same time wherever they differ."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))
