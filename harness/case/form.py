"""Reading a mapping of the case language: each key once, unknown ones refused with the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields
from decimal import Decimal
from functools import cache
from typing import Any

from harness.errors import CaseError, Place, Problem
from harness.matchers import INSTEAD_OF_EVENTS, Expectation, mentions, nearest
from harness.references import Template, duration_us, parse
from harness.strictyaml import Mapping, Node, Scalar, Sequence


class Form:
    """One mapping being read. Problems are collected, not raised, so that a file's errors come at once."""

    def __init__(self, node: Node, problems: list[Problem], what: str, known: Collection[str]) -> None:
        self.problems = problems
        self.what = what
        self.place: Place = node.place
        self._known = known
        self._entries: dict[str, Node] = {}
        self._key_places: dict[str, Place] = {}
        self._meant: set[str] = set()
        self.readable = isinstance(node, Mapping)
        if not isinstance(node, Mapping):
            self.problem(
                node.place, "C002", f"{what} is a mapping of {_words(self._known)}, not {_kind(node)}"
            )
            return
        for key, value in node.entries:
            if key.text in self._known:
                self._entries[key.text] = value
                self._key_places[key.text] = key.place
            else:
                self._unknown(key.text, key.place)

    def _unknown(self, word: str, place: Place) -> None:
        close = nearest(word, self._known)
        if close:
            self._meant.add(close)
        hint = f"did you mean {close!r}?" if close else f"known are {_words(self._known)}"
        self.problem(place, "C001", f"unknown key {word!r} in {self.what}; {hint}")

    def problem(self, place: Place, code: str, text: str) -> None:
        """Note one thing that is wrong."""
        self.problems.append(Problem(place, code, text))

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def lacks(self, *keys: str) -> bool:
        """Whether none of these keys is there, nor meant by a misspelt one: that is told already."""
        return self.readable and not any(key in self._entries or key in self._meant for key in keys)

    def node(self, key: str) -> Node | None:
        """The node under a key, if it is there."""
        return self._entries.get(key)

    def place_of(self, key: str) -> Place:
        """Where a key stands; the mapping's own place where it does not."""
        return self._key_places.get(key, self.place)

    def required(self, key: str, why: str) -> Node | None:
        """The node under a key that must be there."""
        if self.lacks(key):
            self.problem(self.place, "C003", f"{self.what} has no {key!r}: {why}")
        return self._entries.get(key)

    def text(self, key: str) -> str | None:
        """A text; a number or truth value there is refused and answered with 'quote it'."""
        node = self._entries.get(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and isinstance(node.value, str):
            if not node.value.strip():
                self.problem(node.place, "C002", f"{key!r} is an empty text: write it, or take the key away")
                return None
            return node.value
        if isinstance(node, Scalar) and node.value is not None:
            self.problem(node.place, "C004", f'{key!r} is text: quote it, {key}: "{node.raw}"')
        else:
            self.problem(node.place, "C002", f"{key!r} is text, not {_kind(node)}")
        return None

    def choice(self, key: str, options: Collection[str]) -> str | None:
        """One of a few words."""
        word = self.text(key)
        if word is None or word in options:
            return word
        close = nearest(word, sorted(options))
        hint = f"did you mean {close!r}?" if close else f"it is one of {_words(options)}"
        self.problem(self._entries[key].place, "C005", f"{key!r} is {word!r}; {hint}")
        return None

    def refers(self, key: str) -> bool:
        """Whether the text under a key holds a reference, so that its value is known only at run."""
        node = self._entries.get(key)
        return isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value

    def flag(self, key: str) -> bool:
        """`true` or `false`; false where it is not given."""
        node = self._entries.get(key)
        if node is None:
            return False
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.problem(node.place, "C002", f"{key!r} is true or false, not {_kind(node)}")
        return False

    def count(self, key: str) -> int | None:
        """A whole number of at least one."""
        node = self._entries.get(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and type(node.value) is int and node.value >= 1:
            return node.value
        self.problem(node.place, "C002", f"{key!r} is a whole number from 1, not {_kind(node)}")
        return None

    def duration(self, key: str) -> int | None:
        """A length of time such as `5s` or `250ms`, in microseconds."""
        node = self._entries.get(key)
        if node is None:
            return None
        raw = node.raw if isinstance(node, Scalar) else ""
        try:
            us = duration_us(raw)
            if us:
                return us
            self.problem(node.place, "C006", f"{key!r} is a time over 0: {raw} is no time at all")
            return None
        except (ValueError, CaseError):
            found = repr(raw) if raw else _kind(node)
            self.problem(node.place, "C006", f"{key!r} is a time such as 5s, 250ms or 2m, not {found}")
            return None

    def chooses(self, key: str, expectation: Expectation | None) -> None:
        """Note what stands instead of an event where events are chosen: it would never choose one."""
        for word in INSTEAD_OF_EVENTS:
            said = expectation is not None and mentions(expectation, word)
            if said and (key, word) != ("never", "$closed"):  # that a stream never ends can be watched
                text = (
                    f"{key!r} chooses events, and {{{word}}} stands instead of one: it belongs under 'expect'"
                )
                self.problem(self.place_of(key), "M006", text)

    def amount(self, key: str) -> None:
        """Note what is no number, as text or number; a reference is looked up at run."""
        node = self._entries.get(key)
        if node is None or (isinstance(node, Scalar) and is_amount(filled(node, []))):
            return
        self.problem(node.place, "C002", f"{key!r} is a number or a reference, not {_kind(node)}")

    def filled(self, key: str) -> Any:
        """A value of any shape, with its references kept as templates."""
        node = self._entries.get(key)
        return None if node is None else filled(node, self.problems)

    def items(self, key: str) -> Iterator[Node]:
        """The items of a list."""
        node = self._entries.get(key)
        if node is None:
            return
        if not isinstance(node, Sequence):
            self.problem(node.place, "C002", f"{key!r} is a list, not {_kind(node)}")
            return
        yield from node.items

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found: list[str] = []
        for node in self.items(key):
            if isinstance(node, Scalar) and isinstance(node.value, str):
                found.append(node.value)
            else:
                self.problem(node.place, "C002", f"{key!r} lists words, not {_kind(node)}")
        return tuple(found)


def is_amount(value: Any) -> bool:
    """Whether a filled value can be an amount: a number, a number as text, or a reference."""
    if isinstance(value, str):
        return re.fullmatch(r"-?[0-9]{1,78}(\.[0-9]{1,78})?", value) is not None
    return isinstance(value, int | Decimal | Template) and not isinstance(value, bool)


def filled(node: Node, problems: list[Problem]) -> Any:
    """A node as plain values, texts with references as templates."""
    if isinstance(node, Mapping):
        return {key.text: filled(value, problems) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [filled(item, problems) for item in node.items]
    return template(node, problems)


def template(node: Scalar, problems: list[Problem]) -> Any:
    """A scalar's value; a text with references as a template."""
    if not isinstance(node.value, str) or "${" not in node.value:
        return node.value
    try:
        return parse(node.value, node.place)
    except CaseError as error:
        problems.extend(error.problems)
        return node.value


def fields_of(form: Form, key: str) -> dict[str, Any] | None:
    """A mapping of names to values of any shape; None where it is not given."""
    node = form.node(key)
    if node is None:
        return None
    if isinstance(node, Mapping):
        read: dict[str, Any] = form.filled(key)
        return read
    form.problem(node.place, "C002", f"{key!r} is a mapping of names to values, not {_kind(node)}")
    return None


@cache
def _field_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def held_in(record: Any) -> list[Any]:
    """The values of a dataclass's fields, in their order."""
    return [getattr(record, name) for name in _field_names(record.__class__)]


def templates_in(value: Any) -> Iterator[Template]:
    """Every template inside a filled value."""
    if isinstance(value, Template):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from templates_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from templates_in(item)


def _words(words: Collection[str]) -> str:
    return ", ".join(sorted(words))


def _kind(node: Node) -> str:
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return f"the truth value {node.raw}"
    if isinstance(node.value, int | Decimal):
        return f"the number {node.raw}"
    return f"the text {node.raw!r}"
