"""The cassette's bytes: header, one event a line, seal. Values in, values out; read by `lines.py`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from harness import exactjson
from harness.errors import CassetteDamaged
from harness.model import Event, FieldError

FORMAT: Final = 1
"""The version of the format, the header's `harness`; what cannot be read by older harnesses counts it up."""

NAMES: Final = ("broken", "fixed")
ORIGINS: Final = ("live", "venue", "evidence")
EVIDENCE: Final = "evidence"
"""The name of a recording that is no proof of a case yet: what a customer's program or file gave."""

_SEAL: Final = re.compile(rb'\{"seal":\{"events":(0|[1-9][0-9]{0,8}),"digest":"sha256:([0-9a-f]{64})"\}\}\n')
_WHEN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_KEYS: Final = frozenset(
    {
        "harness",
        "case",
        "row",
        "name",
        "origin",
        "target",
        "build",
        "recorded_at",
        "started_wall_us",
        "seed",
        "inputs",
        "redaction",
        "edited",
    }
)
_CONFLICT: Final = (b"\n<<<<<<<", b"\n=======", b"\n>>>>>>>")
_RESEAL: Final = (
    "If the edit is meant: harness seal --edited {path}; if not: git checkout it, or record it again"
)


@dataclass(frozen=True, slots=True)
class Header:
    """A cassette's first line: which case, where and when it was recorded, and the inputs that made it.

    `recorded_at` is ISO 8601 in UTC with a `Z`; `started_wall_us` unix microseconds at the run's start;
    `inputs` whatever a replay reads instead of making (actors, markets, derived facts); `redaction` how many
    placeholders of each label the file holds; `edited` when it was edited by hand, oldest first.
    """

    case: str
    name: str
    origin: str
    target: str
    recorded_at: str
    started_wall_us: int
    seed: int
    row: str = ""
    build: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    redaction: Mapping[str, int] = field(default_factory=dict)
    edited: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        texts = (self.case, self.name, self.origin, self.target, self.recorded_at, self.row, self.build)
        if not all(isinstance(text, str) for text in texts):
            raise ValueError(
                f"a header's case, row, name, origin, target, build and times are texts: {self!r}"
            )
        if not self.case or not self.target:
            raise ValueError("a header names its case and its target")
        if self.origin not in ORIGINS:
            raise ValueError(f"a cassette's origin is one of {', '.join(ORIGINS)}, not {self.origin!r}")
        if self.name not in NAMES and (self.name, self.origin) != (EVIDENCE, EVIDENCE):
            raise ValueError(f"a cassette is named {' or '.join(NAMES)}, not {self.name!r}")
        for when in (self.recorded_at, *self.edited):
            if not isinstance(when, str) or not _WHEN.fullmatch(when):
                raise ValueError(f"a time is written as 2026-11-22T08:06:00Z, in UTC, not as {when!r}")
        if type(self.started_wall_us) is not int or type(self.seed) is not int or self.started_wall_us < 0:
            raise ValueError("started_wall_us and seed are integers, and no time is before 1970")
        if not isinstance(self.inputs, Mapping) or not isinstance(self.redaction, Mapping):
            raise ValueError("inputs and redaction are mappings")

    def as_json(self) -> dict[str, Any]:
        """The header as a mapping in the order of the cassette's line; empty fields are left out."""
        line: dict[str, Any] = {"harness": FORMAT, "case": self.case}
        if self.row:
            line["row"] = self.row
        line |= {"name": self.name, "origin": self.origin, "target": self.target}
        if self.build:
            line["build"] = self.build
        line |= {"recorded_at": self.recorded_at, "started_wall_us": self.started_wall_us, "seed": self.seed}
        line |= {"inputs": dict(self.inputs), "redaction": dict(self.redaction)}
        if self.edited:
            line["edited"] = [{"at": when} for when in self.edited]
        return line

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Header:
        """Read the header back. Raises ValueError (FieldError where a key is to blame) otherwise."""
        unknown = line.keys() - _KEYS
        if unknown:
            raise FieldError(min(unknown), f"unknown header key {min(unknown)!r}")
        values = {key: value for key, value in line.items() if key not in ("harness", "edited")}
        for key in ("case", "name", "origin", "target", "recorded_at", "started_wall_us", "seed"):
            if key not in values:
                raise FieldError("", f"the header has no {key!r}")
        edits = line.get("edited", [])
        if not isinstance(edits, list) or not all(isinstance(edit, dict) and "at" in edit for edit in edits):
            raise FieldError("edited", 'edited is a list of {"at": time}')
        return cls(**values, edited=tuple(edit["at"] for edit in edits))


@dataclass(frozen=True, slots=True)
class Cassette:
    """One recorded timeline with the inputs that made it: events in order of their numbers and times."""

    header: Header
    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        for before, after in zip(self.events, self.events[1:], strict=False):
            if after.number <= before.number or after.at_us < before.at_us:
                raise ValueError(f"event {after.number} stands after event {before.number}")


def header_line(header: Header) -> bytes:
    """The first line of a cassette or journal."""
    return exactjson.dumps(header.as_json()).encode() + b"\n"


def event_line(event: Event) -> bytes:
    """One event's line."""
    return exactjson.dumps(event.as_json()).encode() + b"\n"


def sealed(content: bytes, events: int) -> bytes:
    """Header and event lines with their seal: the number of events, the digest of every byte before."""
    digest = hashlib.sha256(content).hexdigest()
    return content + b'{"seal":{"events":%d,"digest":"sha256:%s"}}\n' % (events, digest.encode())


def unsealed(data: bytes, path: str) -> bytes:
    """The bytes before a seal that fits them. Raises CassetteDamaged K002; `path` is named in its text."""
    start = data.rfind(b"\n", 0, -1) + 1
    content, last = data[:start], data[start:]
    seal = _SEAL.fullmatch(last)
    if seal is None:
        raise CassetteDamaged("K002", _without_seal(data, last, path))
    digest = hashlib.sha256(content).hexdigest()
    if digest.encode() != seal[2]:
        raise CassetteDamaged("K002", _changed(content, digest, seal[2].decode(), path))
    events = content.count(b"\n") - 1
    if events != int(seal[1]):
        text = f"{path}: its seal counts {seal[1].decode()} events, but it holds {events}: it was changed. "
        raise CassetteDamaged("K002", text + _RESEAL.format(path=path))
    return content


def _without_seal(data: bytes, last: bytes, path: str) -> str:
    found = f"its {data.count(bytes([10]))} whole lines end without a seal"
    if not data:
        found = "it is empty"
    elif last.startswith(b'{"seal"'):
        found = "its seal was cut off or changed"
    if b"\r\n" in data:
        found += "; its line ends are CR LF: git must not convert it (*.jsonl -text in .gitattributes)"
    return f"{path}: {found}. git checkout it, or record it again"


def _changed(content: bytes, digest: str, sealed_as: str, path: str) -> str:
    found = (
        f"its content was changed after it was sealed (digest {digest[:12]}…, sealed as {sealed_as[:12]}…)"
    )
    conflict = min((at for each in _CONFLICT if (at := content.find(each)) >= 0), default=-1)
    if conflict >= 0:
        line = content.count(b"\n", 0, conflict) + 2
        return (
            f"{path}:{line}: it holds a merge conflict. Choose one side with git checkout --ours or --theirs"
        )
    if b"\r\n" in content:
        found += "; its line ends are CR LF: git must not convert it (*.jsonl -text in .gitattributes)"
    return f"{path}: {found}. {_RESEAL.format(path=path)}"
