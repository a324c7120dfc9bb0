"""Names that people write: what is wrong with one, and which one they meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class DictionaryError(ValueError):
    """A name or value that the dictionary does not take: the case author's fault.

    `code` is stable: `unknown_message`, `unknown_field`, `unknown_code`, `wrong_type`, `not_in_message`.
    `nearest` is the right word that resembles the wrong one most, or None.
    """

    def __init__(self, code: str, text: str, nearest: str | None = None) -> None:
        super().__init__(f"{text}: did you mean {nearest}?" if nearest else text)
        self.code = code
        self.nearest = nearest


def tag_of(name: str) -> int:
    """The tag that a name of digits says, or 0."""
    return int(name) if name.isascii() and name.isdigit() and name[0] != "0" and len(name) < 10 else 0


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word that resembles the wrong one most, or None."""
    known = sorted(set(words))
    folded = {name.lower(): name for name in known}
    meant = word.lower()[:64]
    close = get_close_matches(meant, folded, n=3, cutoff=0.6)
    # People get beginnings right: ClOrderID means ClOrdID, although it holds the whole of OrderID.
    close.sort(key=lambda name: name[:2] != meant[:2])
    return folded[close[0]] if close else None
