"""The canaries of a run: a name, the proven case and cassette that each is made from, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .copied import Copy


@dataclass(frozen=True, slots=True)
class Canary:
    """One broken copy: `breaks` changes the text of the case or the events of the cassette."""

    name: str
    case_id: str
    proof: str
    row: str
    breaks: Callable[[Copy], None]


PACK: list[Canary] = []


def canary(case_id: str, proof: str = "fixed", row: str = "") -> Callable[[Callable[[Copy], None]], None]:
    """Take a function that breaks a copy into the pack, under its own name."""

    def taken(breaks: Callable[[Copy], None]) -> None:
        PACK.append(Canary(breaks.__name__.replace("_", "-"), case_id, proof, row, breaks))

    return taken
