"""Where a FIX session of a target is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FixAddress:
    """Where a session is, and who both sides are."""

    host: str
    port: int
    sender: str
    target: str
    begin_string: str
