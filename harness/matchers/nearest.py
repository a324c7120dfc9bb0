"""Did you mean: the known word that is nearest to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_SHORT: Final = 6  # under it, half of all words resemble each other: they begin alike, too


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Give the known word that resembles `word` most, or None where none does."""
    known = sorted(words)
    folded = {name.lower(): name for name in reversed(known)}
    if word.lower() in folded:
        return folded[word.lower()]
    for close in get_close_matches(word[:64], known, n=1, cutoff=0.6):
        if len(word) >= _SHORT or close[:1] == word[:1]:
            return close
    return None
