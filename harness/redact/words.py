"""Mnemonics: twelve words or more, one after the other, of the list that wallets make their phrases of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

FEWEST: Final = 12
"""BIP-39 knows phrases of 12, 15, 18, 21 and 24 words. The list (English) has neither `the` nor `and`, so
that prose does not come to twelve; a phrase with a slip in it is as secret, so its checksum is not asked."""
_WORD: Final = r"[a-z]{3,8}"
_BETWEEN: Final = r"(?:[\s,;|/+-]{1,4}(?:\d{1,2}[.):]?\s?)?|\\n|%20|\\*[\"'],?\s{0,12}\\*[\"'])"
_RUN: Final = re.compile(rf"(?<![a-z]){_WORD}+(?:{_BETWEEN}{_WORD}+){{{FEWEST - 1},}}")
_ONE: Final = re.compile(rf"(?<!\\){_WORD}")  # the n of an escaped line break is no letter of the word


class Mnemonic:
    """The look of a mnemonic, registered or not."""

    label = "mnemonic"

    def spans(self, text: str, small: str) -> list[tuple[int, int]]:
        """Start and end of every run of enough words; `small` is the text in small letters."""
        return [span for run in _RUN.finditer(small) for span in _phrases(run[0], run.start())]


def _phrases(run: str, at: int) -> Iterator[tuple[int, int]]:
    known, words = _list(), list(_ONE.finditer(run))
    first = 0
    for place in range(len(words) + 1):
        if place < len(words) and words[place][0] in known:
            continue
        if place - first >= FEWEST:
            yield at + words[first].start(), at + words[place - 1].end()
        first = place + 1


@cache
def _list() -> frozenset[str]:
    return frozenset(files("harness.redact").joinpath("bip39.txt").read_text(encoding="ascii").split())
