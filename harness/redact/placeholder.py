"""Placeholders: `«alice.secret·····»`, as long as what they stand for, equal where that was equal."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

_SHAPE: Final = re.compile(r"«[^«»\n]*»")
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.:#-]")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_FILL: Final = "·"


def is_placeholder(text: str) -> bool:
    """Whether the whole text is a placeholder, of this run or another; nothing in it is secret any more."""
    return _SHAPE.fullmatch(text) is not None or not text.strip(_FILL)


def alike(recorded: Any, built: Any) -> bool:
    """Whether a built JSON value can be what was recorded; a placeholder stands for any text as long.

    For comparing a redacted intent with one that was never redacted.
    """
    if isinstance(recorded, str) and isinstance(built, str):
        return recorded == built or _text_alike(recorded, built)
    if isinstance(recorded, Mapping) and isinstance(built, Mapping):
        return recorded.keys() == built.keys() and all(alike(recorded[key], built[key]) for key in recorded)
    if isinstance(recorded, list | tuple) and isinstance(built, list | tuple):
        return len(recorded) == len(built) and all(map(alike, recorded, built))
    return type(recorded) is type(built) and bool(recorded == built)


def _text_alike(recorded: str, built: str) -> bool:
    if len(recorded) != len(built):
        return False
    at = 0
    for span in _SHAPE.finditer(recorded):
        if recorded[at : span.start()] != built[at : span.start()]:
            return False
        at = span.end()
    return recorded[at:] == built[at:]


class Ledger:
    """Every placeholder issued in one run, so that equal secrets stay equal and different ones different."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[tuple[str, str, int], str] = {}
        self._labels: dict[str, str] = {}
        self._numbers: Counter[tuple[str, int]] = Counter()

    def issue(self, label: str, value: str, chars: int, shown: str = "") -> str:
        """The placeholder of `chars` characters for this value of this label; shows `shown`, or the label.

        Under three characters there is no room to tell one secret from another.
        """
        if chars < 3:
            return ("", _FILL, "«»")[chars]
        name = _UNFIT.sub("_", shown or label)
        with self._lock:
            text = self._texts.get((name, value, chars))
            if text is None:
                text = self._new(name, chars)
                self._texts[(name, value, chars)] = text
                self._labels.setdefault(text, label)
            return text

    def _new(self, name: str, chars: int) -> str:
        room = chars - 2
        while True:
            self._numbers[(name, chars)] += 1
            number = self._numbers[(name, chars)]
            suffix = "" if number == 1 else "~" + _base36(number)
            shown = name[: max(0, room - len(suffix))] + suffix
            text = f"«{shown[:room].ljust(room, _FILL)}»"
            if text not in self._labels or len(suffix) > room:
                return text

    def label_of(self, text: str) -> str | None:
        """The label of a placeholder issued here, None of any other text."""
        return self._labels.get(text)

    def free(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of every stretch of the text between the placeholders issued here."""
        at = 0
        for span in _SHAPE.finditer(text):
            if span[0] in self._labels:
                yield at, span.start()
                at = span.end()
        yield at, len(text)

    def manifest(self, text: str) -> dict[str, int]:
        """How often each label's placeholders stand in the text, by label."""
        found = Counter(
            label for span in _SHAPE.findall(text) if (label := self._labels.get(span)) is not None
        )
        return dict(sorted(found.items()))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
