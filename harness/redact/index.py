"""Which of many secrets may stand in a text: a look at every ninth place, however many secrets there are."""

from __future__ import annotations

from typing import Final

from harness.redact.forms import Known, small_letters

_GRAM_CHARS: Final = 8
_LONG_CHARS: Final = 16
_STRIDE: Final = _LONG_CHARS - _GRAM_CHARS + 1
"""A text of 16 characters has a gram of 8 that begins at a place divisible by 9, wherever it stands."""


class Index:
    """Registered secrets by the grams of what is looked for of them. Any thread may look while one adds."""

    def __init__(self) -> None:
        self._grams: dict[str, list[Known]] = {}  # in small letters: one look serves both sorts of needle
        self._always: list[Known] = []
        self._short: list[tuple[str, Known]] = []  # too short for grams: looked for one by one

    def add(self, known: Known) -> None:
        """Look for a further secret."""
        if known.always:
            self._always.append(known)
        for needle in map(small_letters, (*known.needles, *known.small_needles)):
            if len(needle) < _LONG_CHARS:
                self._short.append((needle, known))
                continue
            for at in range(len(needle) - _GRAM_CHARS + 1):
                self._grams.setdefault(needle[at : at + _GRAM_CHARS], []).append(known)

    def suspects(self, text: str, small: str) -> list[Known]:
        """The secrets that may be in a text (`small`: in small letters); all others certainly are not."""
        found = {id(known): known for known in self._always}
        found |= {id(known): known for needle, known in self._short if needle in small}
        grams, places = self._grams, range(0, len(small) - _GRAM_CHARS + 1, _STRIDE)
        for gram in {gram for at in places if (gram := small[at : at + _GRAM_CHARS]) in grams}:
            found |= {id(known): known for known in grams[gram]}
        return [known for known in found.values() if known.may_stand_in(text, small)]
