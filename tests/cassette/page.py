"""A reader made from docs/cassette-format.md alone: nothing of the product is used."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cassette-format.md"
HEADER = ["harness", "case", "row", "name", "origin", "target", "build", "recorded_at", "started_wall_us"]
HEADER += ["seed", "inputs", "redaction", "edited"]
HEADER_MAY_LACK = {"row", "build", "edited"}
EVENT = ["n", "at_us", "kind", "on", "as", "step", "round", "index", "by", "data"]
EVENT_MAY_LACK = {"as", "step", "round", "index", "data"}
KINDS = ["send", "answer", "lost", "open", "push", "closed", "step", "end", "deadline", "horizon"]
BYS = ["case", "session", "peer", "runner"]
SEAL = re.compile(rb'\{"seal":\{"events":(0|[1-9][0-9]*),"digest":"sha256:([0-9a-f]{64})"\}\}\n')
TEXT = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\bfnrt]|u00[01][0-9a-f]))*"')


class Read(NamedTuple):
    """What a file holds."""

    header: dict[str, Any]
    events: list[dict[str, Any]]


class Number(str):
    """A number by its digits."""


def sealed(data: bytes) -> Read:
    """A sealed cassette; AssertionError where the page would not call it one."""
    assert data.endswith(b"\n")
    assert not data.startswith(b"\xef\xbb\xbf")
    *lines, last = data.splitlines(keepends=True)
    seal = SEAL.fullmatch(last)
    assert seal is not None, "no seal at the end"
    assert int(seal[1]) == len(lines) - 1, "the seal counts otherwise"
    assert hashlib.sha256(b"".join(lines)).hexdigest().encode() == seal[2], "the seal's digest differs"
    return content(lines)


def journal(data: bytes) -> Read:
    """What a journal holds: every line up to the first whose check does not fit."""
    first, *rest = data.splitlines(keepends=True)
    assert re.fullmatch(rb'\{"journal":\{"pid":[0-9]+\}\}\n', first)
    before, lines = first, []
    for line, check in zip(rest[::2], rest[1::2], strict=False):
        before += line
        if check != b'{"kept":"sha256:%s"}\n' % hashlib.sha256(before).hexdigest().encode():
            break
        before += check
        lines.append(line)
    return content(lines)


def content(lines: list[bytes]) -> Read:
    """Header and events, each line as the page says we write it."""
    header, *events = [written(line) for line in lines]
    assert header["harness"] == "1"
    ordered(header, HEADER, HEADER_MAY_LACK)
    assert header["name"] in ("broken", "fixed") or header["name"] == header["origin"] == "evidence"
    assert header["origin"] in ("live", "venue", "evidence")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", header["recorded_at"])
    number = at_us = -1
    for event in events:
        ordered(event, EVENT, EVENT_MAY_LACK)
        assert event["kind"] in KINDS
        assert event["by"] in BYS
        assert int(event["n"]) > number, "n rises"
        assert int(event["at_us"]) >= at_us, "at_us never falls"
        number, at_us = int(event["n"]), int(event["at_us"])
    return Read(header, events)


def ordered(line: dict[str, Any], keys: list[str], may_lack: set[str]) -> None:
    """Keys in the page's order; those that may lack do when empty or zero, the others never."""
    assert list(line) == [key for key in keys if key in line], list(line)
    assert set(keys) - set(line) <= may_lack, set(keys) - set(line)
    assert all(line[key] not in ("", "0", {}, []) for key in may_lack if key in line), line


def written(line: bytes) -> dict[str, Any]:
    """A line as a value; without spaces between, without escapes that need not be, no key twice."""
    text = line.decode()
    assert text.endswith("\n")
    assert not re.search(r"\s", TEXT.sub("", text[:-1])), "a space, or an escape that need not be"

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs), "a key stands twice"
        return dict(pairs)

    value = json.loads(text, object_pairs_hook=mapping, parse_int=Number, parse_float=Number)
    assert isinstance(value, dict)
    return value
