"""Markets as identities: conditions, questions, tokens, symbols and titles, each replaced by another.

A token is one number in all of its spellings: decimal, hex, a word of a log.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from harness.identities import shapes
from harness.identities.keyed import KeyedMap
from harness.identities.places import place
from harness.identities.public import PUBLIC_NUMBERS

TITLES: Final = frozenset(
    [
        *("question", "title", "slug", "marketslug", "eventslug", "eventtitle", "description"),
        *("icon", "image", "groupitemtitle", "rules"),
    ]
)
"""Fields that say what a market is about, in small letters without separators."""
TAGS: Final = frozenset({48, 55, 107})  # SecurityID, Symbol, SecurityDesc
_ID: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?P<prefix>0[xX])?(?P<digits>[0-9a-fA-F]{64})|(?P<number>[0-9]{60,78}))"
    r"(?![0-9A-Za-z])"
)
_LEAST_TITLE: Final = 8
"""Shorter ones are words that may stand anywhere: they are replaced in their own fields alone."""


class Markets:
    """The markets of the evidence: `learn` all, then replace."""

    def __init__(self, key: bytes) -> None:
        self._map = KeyedMap(key)
        self._known: set[int] = set()
        self._names: dict[str, str] = {}

    @property
    def count(self) -> int:
        """How many ids and names there are."""
        return len(self._known) + len(self._names)

    def learn(self, name: str, value: str) -> None:
        """Note what a value under this name says of markets; a number of 60 digits is a token anywhere."""
        plain = name.lower().replace("_", "").replace("-", "")
        if plain in TITLES and value:
            self._names.setdefault(value, f"market {len(self._names) + 1}")
            return
        for found in _ID.finditer(value):
            number = int(found["number"]) if found["number"] else int(found["digits"], 16)
            if (found["number"] or place(name) == "market") and number not in PUBLIC_NUMBERS:
                self._known.add(number)

    def learn_symbol(self, value: str) -> None:
        """Note a market's name in a FIX message."""
        if _ID.fullmatch(value):
            self.learn("market", value)
        elif value and value not in self._names:
            self._names[value] = self._map.image(
                "name", value, partial(shapes.name, value), lambda new: new not in self._names
            )

    def number(self, value: int) -> int:
        """What stands for a number, where it is a market's."""
        if value not in self._known:
            return value
        return self._map.image("id", value, partial(shapes.word, value), lambda new: new not in self._known)

    def text(self, text: str) -> str:
        """A text with every id and every name of a market replaced."""
        if text in self._names:
            return self._names[text]
        for name, image in self._names.items():
            if len(name) >= _LEAST_TITLE and name in text:
                text = text.replace(name, image.replace(" ", "-"))
        return _ID.sub(self._one, text)

    def left(self, text: str) -> list[str]:
        """The ids and long names of markets that still stand in a text."""
        ids = (
            int(found["number"] or found["digits"], 10 if found["number"] else 16)
            for found in _ID.finditer(text)
        )
        names = [name for name in self._names if len(name) >= _LEAST_TITLE and name in text]
        return [*(hex(number) for number in ids if number in self._known), *names]

    def _one(self, found: re.Match[str]) -> str:
        if found["number"]:
            value = int(found["number"])
            image = self.number(value)
            return found[0] if image == value else str(image)
        value = int(found["digits"], 16)
        image = self.number(value)
        return found[0] if image == value else f"{found['prefix'] or ''}{image:064x}"
