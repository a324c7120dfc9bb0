"""What `harness new` made of a ticket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Drafted:
    """What `harness new` came to: its exit code, what it said, the case and all that it wrote."""

    code: int
    said: str
    case: str
    written: str


New: TypeAlias = Callable[..., Drafted]
"""Runs `harness new` on the ticket's folder, with these options more."""


def shown(value: str) -> str:
    """A hash as people are told of it."""
    return f"{value[:6]}…{value[-4:]}"
