"""The lines of a cassette, read by the version of the format that its first line names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from harness import exactjson
from harness.errors import CassetteDamaged
from harness.model import By, Event, FieldError, Kind, Source
from harness.seal import Cassette, Header


@dataclass(frozen=True, slots=True)
class Reader:
    """How one version of the format is read: each line, a mapping by now, into the values of today."""

    header: Callable[[Mapping[str, Any]], Header]
    event: Callable[[Mapping[str, Any]], Event]
    quick: Callable[[bytes, dict[tuple[str, str], Source]], Event | None]
    """The same of a line at a third of the price, or None: then `event` reads it, or tells why not."""


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """An event's line as `Event.from_json` takes it, field by field."""

    n: int
    at_us: int
    kind: Kind
    on: str
    by: By
    as_: str = msgspec.field(name="as", default="")
    step: str = ""
    round: int = 0
    index: int = 0
    data: dict[str, Any] = {}  # msgspec makes a new one for each


def _quick(line: bytes, sources: dict[tuple[str, str], Source]) -> Event | None:
    """An event of the first version; `sources` are those seen so far, of which a recording has a handful."""
    held = exactjson.loads_as(_Line, line)
    if held is None or held.n < 0 or held.at_us < 0 or held.round < 0 or held.index < 0:
        return None
    named = held.on, held.as_
    source = sources.get(named)
    if source is None:
        source = sources[named] = Source(*named)
    return Event(held.n, held.at_us, held.kind, source, held.step, held.round, held.index, held.by, held.data)


READERS: Final[Mapping[int, Reader]] = {1: Reader(Header.from_json, Event.from_json, _quick)}
"""Every version that was ever released. One is added and none is taken away: old cassettes stay readable."""

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def parse(content: bytes, path: str) -> Cassette:
    """Read header and event lines. Raises CassetteDamaged K005 (a line not ours), K006 (other version)."""
    lines = content.split(b"\n")
    if lines.pop() or not lines:
        raise _not_ours(path, len(lines) + 1, "the line has no end")
    return parse_lines(lines, path)


def parse_lines(lines: Sequence[bytes], path: str) -> Cassette:
    """The same for lines without their newlines, the header first; `path` is named in errors."""
    first, *rest = lines
    reader, header = _header(first, path)
    events: list[Event] = []
    sources: dict[tuple[str, str], Source] = {}
    number = at_us = -1
    for place, line in enumerate(rest, start=2):
        try:
            event = reader.quick(line, sources) or reader.event(_mapping(line))
        except (ValueError, TypeError) as error:
            raise _slipped(path, place, line, "it is not an event", error) from None
        if event.number <= number or event.at_us < at_us:
            text = f"event {event.number} at {event.at_us} µs stands after event {number} at {at_us} µs"
            key = "n" if event.number <= number else "at_us"
            raise _not_ours(path, place, text, _column(line, key))
        number, at_us = event.number, event.at_us
        events.append(event)
    return Cassette(header, tuple(events))


def refuse_doubles(lines: Sequence[bytes], path: str) -> None:
    """Raise CassetteDamaged K005 where an edit wrote a key twice: readers would take the last in silence."""
    for place, line in enumerate(lines, start=1):
        doubled: list[str] = []

        def note(pairs: list[tuple[str, Any]], doubled: list[str] = doubled) -> None:
            keys = [key for key, _ in pairs]
            doubled.extend(key for key in keys if keys.count(key) > 1)

        json.loads(line, object_pairs_hook=note, parse_float=str, parse_int=str)
        if doubled:
            key = doubled[0]
            raise _not_ours(path, place, f"{key!r} stands there twice", _column(line, key, None))


def _header(line: bytes, path: str) -> tuple[Reader, Header]:
    try:
        found = _mapping(line)
        version = found.get("harness")
        if type(version) is not int:
            raise FieldError("harness", 'it has no format version: expected is "harness":1 first')
        reader = READERS.get(version)
        if reader is not None:
            return reader, reader.header(found)
    except (ValueError, TypeError) as error:
        raise _slipped(path, 1, line, "it is not a header", error) from None
    known = ", ".join(map(str, sorted(READERS)))
    text = f"{path}:1: its format is version {version}, and this harness reads {known}: "
    advice = "no harness wrote that. git checkout it, or record it again"
    if version > max(READERS):
        advice = "a newer harness wrote it. Update this one, or record it again with this one"
    raise CassetteDamaged("K006", text + advice)


def _mapping(line: bytes) -> dict[str, Any]:
    if not line.strip():
        raise FieldError("", "the line is empty: delete it")
    found = exactjson.loads(line)
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")
    return found


def _slipped(path: str, place: int, line: bytes, what: str, error: Exception) -> CassetteDamaged:
    """The error for one line, with the column where a person slipped, as far as it can be told."""
    if isinstance(error, FieldError):
        return _not_ours(path, place, f"{what} ({error})", _column(line, error.key))
    if not isinstance(error, exactjson.TooDeepError):
        try:
            json.loads(line, parse_float=str, parse_int=str)  # it names the column
        except json.JSONDecodeError as found:
            return _not_ours(path, place, f"{what} ({found.msg})", found.colno)
        except ValueError:  # not UTF-8
            pass
    return _not_ours(path, place, f"{what} ({error})")


def _column(line: bytes, key: str, depth: int | None = 1) -> int:
    """Where a key stands last, in characters from 1; at any depth where `depth` is None. 1 where nowhere."""
    text = line.decode(errors="replace")
    column, at = 1, 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            at += 1
        elif token[0] in "]}":
            at -= 1
        elif depth in (None, at) and text[token.end() :].lstrip()[:1] == ":" and json.loads(token[0]) == key:
            column = token.start() + 1
    return column


def _not_ours(path: str, line: int, found: str, column: int = 1) -> CassetteDamaged:
    text = (
        f"{path}:{line}:{column}: {found}: mend it and run harness seal --edited {path}, or git checkout it"
    )
    return CassetteDamaged("K005", text)
