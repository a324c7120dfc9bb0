"""Which of many secrets may stand in a text: a look at every ninth place, however many secrets there are."""

from __future__ import annotations

from typing import Final

from harness.redact.forms import Known

_GRAM_CHARS: Final = 8
_LONG_CHARS: Final = 16
_STRIDE: Final = _LONG_CHARS - _GRAM_CHARS + 1
"""A text of 16 characters has a gram of 8 that begins at a place divisible by 9, wherever it stands."""

Grams = dict[str, list[Known]]


class Index:
    """Registered secrets by the grams of what is looked for of them. Any thread may look while one adds."""

    def __init__(self) -> None:
        self._grams: Grams = {}
        self._small_grams: Grams = {}
        self._always: list[Known] = []
        self._short: list[tuple[str, Known]] = []  # too short for grams: looked for one by one
        self._small_short: list[tuple[str, Known]] = []

    def add(self, known: Known) -> None:
        """Look for a further secret."""
        if known.always:
            self._always.append(known)
        for grams, short, needles in (
            (self._grams, self._short, known.needles),
            (self._small_grams, self._small_short, known.small_needles),
        ):
            for needle in needles:
                if len(needle) < _LONG_CHARS:
                    short.append((needle, known))
                    continue
                for at in range(len(needle) - _GRAM_CHARS + 1):
                    grams.setdefault(needle[at : at + _GRAM_CHARS], []).append(known)

    def suspects(self, text: str, small: str) -> list[Known]:
        """The secrets that may be in a text (`small`: in small letters); all others certainly are not."""
        found = {id(known): known for known in self._always}
        for grams, short, within in (
            (self._grams, self._short, text),
            (self._small_grams, self._small_short, small),
        ):
            found |= {id(known): known for needle, known in short if needle in within}
            places = range(0, len(within) - _GRAM_CHARS + 1, _STRIDE) if grams else ()
            for gram in {gram for at in places if (gram := within[at : at + _GRAM_CHARS]) in grams}:
                found |= {id(known): known for known in grams[gram]}
        return [known for known in found.values() if known.may_stand_in(text, small)]
