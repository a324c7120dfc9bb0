"""How many there are of something, as people say it."""

from __future__ import annotations


def some(count: int, one: str, more: str) -> list[str]:
    """A count with its noun, `1 id` or `4 ids`; nothing where there is none."""
    return [] if not count else [f"1 {one}" if count == 1 else f"{count} {more}"]
