"""The keys of a case that are words of the language: not names that the author chose, not expectations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from harness.case.groups import WORDS
from harness.case.kinds import KINDS
from harness.case.manners import COMMON
from harness.case.read import HEADER
from harness.case.rules import COMMON as OF_CHECKS
from harness.case.rules import RULES
from harness.case.words import Word

Spot = tuple[str | int, ...]
"""A path to a key, the key the last part."""


def language_keys(root: Any) -> Iterator[Spot]:
    """Every such key of a case, found by the tables of words."""
    return _keys(root, HEADER, ())


def _keys(held: Any, words: Iterable[Word], path: Spot) -> Iterator[Spot]:
    known = {word.name: word for word in words}
    for name, value in held.items() if isinstance(held, dict) else ():
        yield (*path, name)
        yield from _inside(value, known[name], (*path, name))


def _inside(value: Any, word: Word, path: Spot) -> Iterator[Spot]:
    if word.kind == "steps":
        for at, part in enumerate(value):
            yield from _keys(part, _part_words(part), (*path, at))
    elif word.kind == "checks":
        for at, check in enumerate(value):
            yield from _keys(check, (*OF_CHECKS, *(kind.word for kind in RULES.values())), (*path, at))
    elif word.inner is not None and word.kind == "mapping":
        yield from _keys(value, word.inner, path)
    elif word.inner is not None and word.kind == "named":
        for name, entry in value.items():
            yield from _keys(entry, word.inner, (*path, name))
    elif word.inner is not None:
        for at, entry in enumerate(value):
            yield from _keys(entry, word.inner, (*path, at))


def _part_words(part: dict[str, Any]) -> tuple[Word, ...]:
    kinds = [kind for name, kind in KINDS.items() if name in part]
    kind = next((each for each in kinds if len(kinds) == 1 or each.verbs or each.word.name == "fund"), None)
    return WORDS if kind is None else (*COMMON, *kind.words, kind.word)
