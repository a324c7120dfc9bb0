"""The words of the case language as data: for the readers, the JSON Schema and the reference page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NAME: Final = r"[A-Za-z_][A-Za-z0-9_-]*"
"""What can be referred to: the name of an actor, a step, a check, a column or a saved part."""

KINDS: Final = {
    "text": "text",
    "flag": "true or false",
    "count": "a whole number from 1",
    "number": "a number, or a reference",
    "duration": "a time such as `250ms`, `5s` or `2m`",
    "date": "a date; the day, and the month, may be left out",
    "share": "a share such as `98%`",
    "mapping": "a mapping",
    "fields": "a mapping, or a reference to one",
    "named": "a mapping: names that you choose, each with a value",
    "list": "a list",
    "texts": "a list of texts",
    "bounds": "two numbers, the least and the greatest",
    "paths": "a list of paths such as `$.id`",
    "term": "a path such as `$.size`, or a number",
    "terms": "a path such as `$.trades[*].size`, a number, or a list of them",
    "steps": "a list of steps and groups",
    "checks": "a list of checks",
    "expectation": "an expectation",
    "saves": "a mapping of names to paths such as `$.id` or `$.body.trades[0].id`",
    "rounds": "a whole number from 1, or a list",
    "any": "any value",
}
"""The kinds of values, and how each is told to a reader."""


@dataclass(frozen=True, slots=True)
class Word:
    """One key: its name, the kind of its value, what it says in a line, and an example of the value.

    The example is YAML as it stands behind the key; `beside` is what must stand beside it in an example that
    reads, as `key: value` lines. `options` are the only words it takes, where there are few (of kind `any`,
    a reference may stand there too). `pattern` is the regular expression of a text. `inner` are the words of
    the mapping that is the value; of kind `named` or `list`, of each entry; None where any words stand
    there. With `short`, a text may stand instead of such a mapping; with `bare`, nothing at all. Of all words
    of one `choice`, exactly one stands.
    """

    name: str
    kind: str
    doc: str
    example: str
    required: bool = False
    options: tuple[str, ...] = ()
    beside: str = ""
    pattern: str = ""
    inner: tuple[Word, ...] | None = None
    short: bool = False
    bare: bool = False
    choice: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of value")


@dataclass(frozen=True, slots=True)
class Verb:
    """One of the words that a step's own key takes: what it does, and the words that go with it.

    `example` are the `key: value` lines of such a step, without its id.
    """

    name: str
    doc: str
    words: tuple[str, ...]
    example: str


def names(words: Iterable[Word | Verb]) -> tuple[str, ...]:
    """The names of some words, in order."""
    return tuple(word.name for word in words)
