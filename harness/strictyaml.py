"""Strict YAML: a case file's text to places and typed values, or every problem of the file at once.

The only module that imports `yaml`. It reads libyaml's events, never its composer or constructor, and
stops while parsing as soon as a limit is passed. Typed are only `true`, `false`, `null` (also an empty
value) and plain decimals: integers are `int`, other numbers `Decimal` with their digits; all else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeAlias

import yaml

from harness import limits
from harness.errors import CaseError, Place, Problem
from harness.yamlslips import SyntaxTrouble, diagnose, tab_indents
from harness.yamltext import readable

Value: TypeAlias = "str | int | Decimal | bool | None"

_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "": None}
_NUMBER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: `raw` is its text in the file, `plain` says that it stood there without quotes."""

    value: Value
    raw: str
    plain: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, in the file's order."""

    items: tuple[Node, ...]
    place: Place

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Key:
    """A mapping's key: always text (`8` and `"8"` are the same key)."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, in the file's order; raises ValueError where a key comes twice (our own fault)."""

    entries: tuple[tuple[Key, Node], ...]
    place: Place

    def __post_init__(self) -> None:
        if len({key.text for key, _ in self.entries}) != len(self.entries):
            raise ValueError(f"{self.place}: a mapping's keys must differ")

    def get(self, name: str) -> Node | None:
        """Give the value of the key, or None where the mapping has no such key."""
        return next((node for key, node in self.entries if key.text == name), None)

    def __iter__(self) -> Iterator[tuple[Key, Node]]:
        return iter(self.entries)


Node: TypeAlias = Scalar | Sequence | Mapping


def load(text: str | bytes, path: str) -> Node:
    """Read one YAML document; `path` is the file's name as the author knows it, for the places.

    Raises CaseError (the author's fault) with all problems of the file: those of meaning all together,
    those of syntax up to the first, since nothing behind it can be trusted.
    """
    return _Builder(readable(text, path), path).build()


def plain(node: Node) -> Any:
    """Turn a node into dict, list and values, without places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(item) for key, item in node.entries}


class _StopError(Exception):
    """The scan ends here: the last problem says why."""


@dataclass(slots=True)
class _Open:
    """A collection that is being filled; `key` is the mapping's key that waits for its value."""

    mapping: bool
    place: Place
    as_key: bool
    items: list[Node]
    entries: dict[str, tuple[Key, Node]]
    key: Key | None = None
    skip: bool = False


class _Builder:
    def __init__(self, source: str, path: str) -> None:
        self.source = source
        self.path = path
        self.problems: list[Problem] = []
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.nodes = 0
        self.documents = 0
        self.covered: set[int] = set()

    def build(self) -> Node:
        try:
            for event in yaml.parse(self.source, Loader=yaml.CSafeLoader):
                self.take(event)
        except yaml.YAMLError as error:
            self.report_syntax(error)
        except _StopError:
            pass  # the problem that stopped the scan is reported below, with the others
        else:
            if self.root is None or (isinstance(self.root, Scalar) and self.root.plain and not self.root.raw):
                self.problem(Place(self.path, 1, 1), "Y004", "the file is empty: a case begins with its id")
        self.report_tabs()
        if self.problems:
            raise CaseError(self.problems)
        assert self.root is not None
        return self.root

    def report_tabs(self) -> None:
        told = {problem.place.line for problem in self.problems if problem.code == "Y012"}
        for line in tab_indents(self.source):
            if len(self.problems) >= limits.YAML_PROBLEMS:
                return
            if line not in self.covered and line not in told:
                self.problem(Place(self.path, line, 1), "Y012", "a tab indents this line: use blanks")

    def problem(self, place: Place, code: str, text: str) -> None:
        """Note a problem; past the limit the earlier ones are enough."""
        if len(self.problems) < limits.YAML_PROBLEMS:
            self.problems.append(Problem(place, code, text))

    def stop(self, place: Place, code: str, text: str) -> NoReturn:
        self.problems = [*self.problems[: limits.YAML_PROBLEMS - 1], Problem(place, code, text)]
        raise _StopError

    def place(self, mark: Any) -> Place:
        return Place(self.path, mark.line + 1, mark.column + 1)

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.close()
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.document(event)

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            text = "a second document begins here: one case a file; take the --- away or split the file"
            self.stop(self.place(event.start_mark), "Y026", text)

    def alias(self, event: Any) -> None:
        place, name = self.place(event.start_mark), f"*{event.anchor[:40]}"
        self.problem(place, "Y022", f'{name} is an alias: repeat what it stands for, or quote it: "{name}"')
        self.count(place)
        self.add(Scalar(name, name, False, place), name)

    def count(self, place: Place) -> None:
        self.nodes += 1
        if self.nodes > limits.YAML_NODES:
            self.stop(place, "Y006", f"the file has more than {limits.YAML_NODES} values: split the case")

    def marked(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            name = f"&{event.anchor[:40]}"
            text = f'{name} is an anchor: take it away, or quote the text: "{name} …"'
            self.problem(place, "Y023", text)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")[:40]
            text = f"{tag} is a tag: take it away; values have no types but text, number, true, false, null"
            self.problem(place, "Y025", text)

    def scalar(self, event: Any) -> None:
        place = self.place(event.start_mark)
        self.count(place)
        self.marked(event, place)
        raw: str = event.value
        size = len(raw) if raw.isascii() else len(raw.encode("utf-8", "surrogatepass"))
        if size > limits.YAML_SCALAR_BYTES:
            text = f"a text of {size} bytes; at most {limits.YAML_SCALAR_BYTES} are read: shorten it"
            self.problem(place, "Y007", text)
        if event.end_mark.line > event.start_mark.line:
            self.covered.update(range(event.start_mark.line + 2, event.end_mark.line + 2))
        is_plain = not event.style
        top = self.stack[-1] if self.stack else None
        if top is not None and top.mapping and top.key is None and not top.skip:
            self.key(top, raw, is_plain, place)
            return
        value: Value = raw
        if is_plain:
            value = self.typed(raw, place)
        self.add(Scalar(value, raw, is_plain, place), raw)

    def typed(self, raw: str, place: Place) -> Value:
        if raw in _CONSTANTS:
            return _CONSTANTS[raw]
        number = _NUMBER.fullmatch(raw)
        if number is None:
            return raw
        digits = sum(character.isdigit() for character in raw.lower().partition("e")[0])
        exponent = (number[3] or "e0")[1:].lstrip("+-").lstrip("0")
        if digits > limits.YAML_INT_DIGITS:
            text = f"a number of {digits} digits; at most {limits.YAML_INT_DIGITS} are read"
        elif len(exponent) > 3 or int(exponent or 0) > limits.YAML_EXPONENT:
            text = f"a number's exponent is at most {limits.YAML_EXPONENT}"
        else:
            return Decimal(raw) if number[2] or number[3] else int(raw)
        self.problem(place, "Y008", text + ": quote it if it is text")
        return raw

    def key(self, top: _Open, raw: str, is_plain: bool, place: Place) -> None:
        top.key = Key(raw, place)
        if raw == "" and is_plain:
            self.problem(place, "Y021", "a key is missing before the `:`")
        elif raw == "<<" and is_plain:
            self.problem(place, "Y024", "<< is a merge key: write the keys out")
        elif raw in top.entries:
            first = top.entries[raw][0].place
            earlier = f"line {first.line}, column {first.column}"
            text = f'the key "{raw[:60]}" comes twice in this mapping: first in {earlier}'
            self.problem(place, "Y020", text)

    def add(self, node: Node, name: str = "") -> None:
        """Put a finished node into the collection around it, or make it the root."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if not top.mapping:
            top.items.append(node)
        elif top.key is None and not top.skip:
            top.key = Key(name, node.place)
        else:
            if top.key is not None:
                top.entries.setdefault(top.key.text, (top.key, node))
            top.key, top.skip = None, False

    def open(self, event: Any) -> None:
        place = self.place(event.start_mark)
        self.count(place)
        self.marked(event, place)
        if len(self.stack) >= limits.YAML_DEPTH:
            self.stop(place, "Y005", f"more than {limits.YAML_DEPTH} levels deep: no case needs that")
        top = self.stack[-1] if self.stack else None
        as_key = top is not None and top.mapping and top.key is None and not top.skip
        if as_key:
            text = "a key must be a text, not a list or a mapping: if this is a text with brackets, quote it"
            self.problem(place, "Y021", text)
        self.stack.append(_Open(isinstance(event, yaml.MappingStartEvent), place, as_key, [], {}))

    def close(self) -> None:
        done = self.stack.pop()
        if done.as_key:
            self.stack[-1].skip = True
        elif done.mapping:
            self.add(Mapping(tuple(done.entries.values()), done.place))
        else:
            self.add(Sequence(tuple(done.items), done.place))

    def report_syntax(self, error: yaml.YAMLError) -> None:
        around = getattr(error, "context_mark", None)
        here = getattr(error, "problem_mark", None) or around
        at = (here.line, here.column) if here else (0, 0)
        opened = (around.line, around.column) if around else at
        trouble = SyntaxTrouble(getattr(error, "problem", None) or str(error), at[0], at[1], opened)
        line, column, code, text = diagnose(trouble, self.source)
        self.problem(Place(self.path, line + 1, column + 1), code, text)
