"""Did you mean: the known word that is nearest to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Give the known word that resembles `word` most, or None where none does."""
    known = sorted(words)
    folded = {name.lower(): name for name in reversed(known)}
    if word.lower() in folded:
        return folded[word.lower()]
    close = get_close_matches(word[:64], known, n=1, cutoff=0.6)
    return close[0] if close else None
