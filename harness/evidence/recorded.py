"""The text of a vcrpy cassette to plain values: within limits, no tag obeyed, nothing composed by libyaml.

libyaml's events are read one by one, and reading stops while parsing as soon as a limit is passed. Unlike a
case, which people write, a recording may hold bytes (`!!binary`), aliases (PyYAML writes an object that
stands there twice as one; each counts as much as what it stands for), and the tags that vcrpy's own reader
knows.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import yaml

from harness import exactjson, limits
from harness.errors import EvidenceError, Place
from harness.evidence.yamlvalues import COLLECTIONS, STANDARD, tagged, typed
from harness.yamltext import directive_line

_JSON_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{,]')
_INTERACTIONS: Final = "interactions"

NOT_ONE: Final = "this is no cassette of vcrpy: that is a mapping with a list of interactions"
OLD: Final = (
    "a list at the top was written by vcrpy before 1.0: run python -m vcr.migration on it, or record again"
)
NO_INTERACTION: Final = "an interaction is a mapping of a request and a response, and this is none"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A cassette's values; `lines` are where its interactions begin (none for JSON)."""

    values: Any
    lines: tuple[int, ...] = ()


def is_interaction(value: Any) -> bool:
    """Whether a value of the list has the two parts of an interaction."""
    return isinstance(value, dict) and all(
        isinstance(value.get(key), dict) for key in ("request", "response")
    )


def read_recorded(data: bytes, path: str) -> Recorded:
    """Read a cassette of vcrpy's YAML or JSON serializer; `path` is its name for the places.

    Raises EvidenceError (the file's fault): I002 past a limit, I003 what is not read, with its place.
    """
    if len(data) > limits.RECORDED_TEXT_BYTES:
        most = limits.RECORDED_TEXT_BYTES
        _refuse(Place(path), "I002", f"the file has {len(data)} bytes; at most {most} are read: split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _refuse(Place(path, line, 1), "I003", f"byte 0x{data[error.start]:02x} is not UTF-8")
    if text.lstrip()[:1] == "{":
        return Recorded(_json(text, path))
    line = directive_line(text)
    if line:
        _refuse(Place(path, line, 1), "I003", "a directive (%) is not read")
    return _Reader(path).read(text)


def _json(text: str, path: str) -> Any:
    for count, _ in enumerate(_JSON_TOKENS.finditer(text)):
        if count > limits.RECORDED_NODES:
            _refuse(Place(path), "I002", f"it holds more than {limits.RECORDED_NODES} values")
    try:
        return exactjson.loads(text, limits.RECORDED_DEPTH)
    except ValueError as error:
        _refuse(Place(path), "I003", f"it begins as JSON and is none: {error}")


def _refuse(place: Place, code: str, text: str) -> NoReturn:
    raise EvidenceError(code, f"{place}: {text}")


@dataclass(slots=True)
class _Weight:
    """What a value adds wherever it is repeated: values, characters, levels."""

    nodes: int = 1
    chars: int = 0
    levels: int = 0

    def add(self, inner: _Weight) -> None:
        self.nodes += inner.nodes
        self.chars += inner.chars
        self.levels = max(self.levels, inner.levels + 1)


@dataclass(slots=True)
class _Open:
    """A collection that is being filled; `key` is the mapping's key that waits for its value."""

    values: dict[str, Any] | list[Any]
    tag: str | None
    anchor: str | None
    place: Place
    weight: _Weight
    key: str | None = None


class _Reader:
    def __init__(self, path: str) -> None:
        self._path = path
        self._stack: list[_Open] = []
        self._root: Any = None
        self._anchors: dict[str, tuple[Any, _Weight]] = {}
        self._lines: list[int] = []
        self._nodes = self._part_nodes = self._chars = self._documents = 0

    def read(self, text: str) -> Recorded:
        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                self._take(event)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = Place(self._path, mark.line + 1, mark.column + 1) if mark else Place(self._path)
            told = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is no YAML"
            _refuse(place, "I003", str(told))
        return Recorded(self._root, tuple(self._lines))

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                _refuse(self._place(event), "I003", "a second document begins here: a cassette is one")

    def _place(self, event: Any) -> Place:
        return Place(self._path, event.start_mark.line + 1, event.start_mark.column + 1)

    def _count(self, weight: _Weight, place: Place) -> None:
        self._nodes += weight.nodes
        self._part_nodes += weight.nodes
        self._chars += weight.chars
        if self._part_nodes > limits.RECORDED_PART_NODES or self._nodes > limits.RECORDED_NODES:
            most = f"{limits.RECORDED_PART_NODES} in a part, {limits.RECORDED_NODES} in a file"
            _refuse(place, "I002", f"too many values; at most {most} are read")
        if self._chars > limits.RECORDED_TEXT_BYTES:
            _refuse(place, "I002", "its aliases stand for more text than a file may hold")
        if len(self._stack) + weight.levels > limits.RECORDED_DEPTH:
            _refuse(place, "I002", f"more than {limits.RECORDED_DEPTH} levels deep: no cassette needs that")

    def _scalar(self, event: Any) -> None:
        place = self._place(event)
        weight = _Weight(1, len(event.value), 0)
        self._count(weight, place)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.values, dict) and top.key is None:
            self._key(top, top.values, event, place)
            return
        tag = None if event.tag is None else event.tag.removeprefix(STANDARD)
        value: Any = event.value
        if tag == "binary":
            try:
                value = base64.b64decode("".join(event.value.split()), validate=True)
            except (binascii.Error, ValueError):
                _refuse(place, "I003", "!!binary that is no base64")
        elif tag is None and not event.style:
            value = typed(event.value)
        elif tag not in (None, "str", "python/str", "python/unicode"):
            _refuse(place, "I003", tagged(event.tag))
        self._add(value, weight, event.anchor, place)

    def _key(self, top: _Open, values: dict[str, Any], event: Any, place: Place) -> None:
        if event.tag is not None and event.tag.removeprefix(STANDARD) not in ("str", "python/unicode"):
            _refuse(place, "I003", tagged(event.tag))
        if event.value == "<<" and not event.style:
            _refuse(place, "I003", "<< is a merge key: they are not read")
        if event.value in values:
            _refuse(place, "I003", f'the key "{event.value[:60]}" comes twice in this mapping')
        top.key = event.value

    def _alias(self, event: Any) -> None:
        place = self._place(event)
        known = self._anchors.get(event.anchor)
        if known is None:
            _refuse(place, "I003", f"*{event.anchor[:40]} stands for nothing that is whole before it")
        value, weight = known
        self._count(weight, place)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.values, dict) and top.key is None:
            _refuse(place, "I003", "a key is a text, not an alias")
        self._add(value, weight, None, place)

    def _open(self, event: Any) -> None:
        place = self._place(event)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.values, dict) and top.key is None:
            _refuse(place, "I003", "a key is a text, not a list or a mapping")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if top is None and not is_mapping:
            _refuse(place, "I001", NOT_ONE if event.tag else OLD)
        if self._in_interactions():
            self._lines.append(place.line)
            self._part_nodes = 0
        self._count(_Weight(levels=1), place)
        tag = None if event.tag is None else event.tag.removeprefix(STANDARD)
        if tag is not None and tag not in COLLECTIONS[is_mapping]:
            _refuse(place, "I003", tagged(event.tag))
        values: dict[str, Any] | list[Any] = {} if is_mapping else []
        self._stack.append(_Open(values, tag, event.anchor, place, _Weight(levels=1)))

    def _in_interactions(self) -> bool:
        """Whether the next value is an interaction: an item of the root's list of that name."""
        return (
            len(self._stack) == 2
            and self._stack[0].key == _INTERACTIONS
            and isinstance(self._stack[1].values, list)
        )

    def _close(self) -> None:
        done = self._stack.pop()
        if len(self._stack) == 1:
            self._part_nodes = 0 if self._stack[0].key == _INTERACTIONS else self._part_nodes
        value: Any = done.values
        if done.tag is not None:
            value = COLLECTIONS[isinstance(value, dict)][done.tag](value)
        self._add(value, done.weight, done.anchor, done.place)

    def _add(self, value: Any, weight: _Weight, anchor: str | None, place: Place) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, weight)
        if self._in_interactions() and not is_interaction(value):
            _refuse(place, "I001", NO_INTERACTION)
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        top.weight.add(weight)
        if isinstance(top.values, list):
            top.values.append(value)
        elif top.key is not None:
            top.values[top.key] = value
            top.key = None
