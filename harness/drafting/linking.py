"""References of a draft: an id that an earlier step was told is saved there, once, and referred to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.drafting.people import IDS
from harness.drafting.steps import DraftStep, texts_in

_ID_LIKE: Final = re.compile(r"(?=.*[0-9])[0-9A-Za-z_-]{8,80}")
_UUID: Final = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_IN_A_TEXT: Final = re.compile(rf"{IDS.pattern}|{_UUID}")
"""What in the middle of a text is an id: of a path, such as an order's."""
_MADE: Final = re.compile(rf"0x[0-9a-fA-F]{{64}}|{_UUID}")
"""An id that somebody made in the session: it is another one each time."""
_PART: Final = re.compile(r"[A-Za-z_]\w*|[0-9]+")
"""A part of what came that a `save` can name."""
_ZERO: Final = re.compile(r"0x0+")
_OF_SIGNED: Final = ("builder", "metadata", "signature")
"""Fields of a signed order whose hashes are as they were sent, and are no id."""


def link(steps: Sequence[DraftStep]) -> None:
    """Where a step says what an earlier one was told, it refers to it: that one saves it."""
    taken: set[str] = {step.id for step in steps}
    saved: dict[tuple[str, str], str] = {}
    for number, step in enumerate(steps):
        if step.intent is None:
            continue
        known: dict[str, str] = {}
        for text in dict.fromkeys(_ids_in(step.words)):
            source = next(((one, path) for one in steps[:number] for path in _paths(one, text)), None)
            if source is not None:
                earlier, path = source
                if (earlier.id, path) not in saved:
                    saved[earlier.id, path] = _saved_name(path, taken)
                    earlier.saves[saved[earlier.id, path]] = path
                known[text] = f"${{{saved[earlier.id, path]}}}"
        if known:
            step.words = {key: replaced(value, known) for key, value in step.words.items()}
        if any(_MADE.fullmatch(text) and not _ZERO.fullmatch(text) for text in _ids_in(step.words)):
            step.guesses.append("nothing in the evidence says where its id came from: say what made it")


def replaced(value: Any, known: Mapping[str, str]) -> Any:
    """A value of a step with what is known of its texts, and of the ids in them, in their places."""
    if isinstance(value, Mapping):
        return {key: replaced(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, known) for item in value]
    if not isinstance(value, str):
        return value
    return known.get(value) or _IN_A_TEXT.sub(lambda found: known.get(found[0], found[0]), value)


def _ids_in(words: Mapping[str, Any]) -> Iterator[str]:
    """What in a step's words may be an id that somebody was told: whole texts, and ids in the path."""
    for path, text in texts_in(words):
        if ("${" in text and path[0] != "rest") or path[-1] in _OF_SIGNED:
            continue
        if _ID_LIKE.fullmatch(text):
            yield text
        elif path[0] == "rest":
            yield from _IN_A_TEXT.findall(text)


def _paths(step: DraftStep, text: str) -> Iterator[str]:
    told = step.came if step.heard is None else step.heard
    for path, said in texts_in({"body": told} if step.channel == "rest" else told):
        if said == text and all(_PART.fullmatch(part) for part in path):
            yield "$" + "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in path)


def _saved_name(path: str, taken: set[str]) -> str:
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", re.sub(r"\[[0-9]+\]", "", path).rpartition(".")[2]).lower()
    name, count = word, 1
    while name in taken:
        count += 1
        name = f"{word}{count}"
    taken.add(name)
    return name
