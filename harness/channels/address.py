"""Where a FIX session of a target is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FixAddress:
    """Where a session is, and who both sides are."""

    host: str
    port: int
    sender: str
    target: str
    begin_string: str
    sign: Callable[[Mapping[int, str]], Sequence[tuple[int, str]]] | None = None
    """Gives what signs a Logon, of the header that it gets by tag; None: nothing does."""
    lasts: bool = False
    """Whether it was there before this run, so that the other side goes on counting where it stands."""

    @property
    def origin(self) -> str:
        """Where its limits are counted."""
        return f"tcp://{self.host}:{self.port}"
