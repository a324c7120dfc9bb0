"""FIX messages that a log tells as JSON: by tags or by names, flat or as header, body and trailer.

Each becomes a line with its time, its direction and the message with SOH, which is read as a FIX log is.
Source: the FIX trading community's JSON encoding (Header, Body, Trailer; names; groups as lists).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness import exactjson
from harness.evidence.ticket import stamps
from harness.wire.fix.dictionary import dictionary_for
from harness.wire.fix.names import DictionaryError

_LIKELY: Final = re.compile(r'"(?:8|BeginString)"\s*:\s*"FIX')
_TIMES: Final = ("ts", "time", "timestamp", "@timestamp", "t", "at", "received_at", "asctime", "date")
_DIRECTION: Final = ("dir", "direction", "side", "way", "type", "flow", "event", "msg", "message")
_OUT: Final = frozenset(("out", "outgoing", "sent", "send", "tx", "outbound", "toapp", "toadmin", ">"))
_IN: Final = frozenset(("in", "incoming", "received", "receive", "recv", "rx", "inbound", "fromapp", "<"))
_PARTS: Final = ("header", "body", "trailer")
_FIRST: Final = ("8", "9", "35")
_FIX: Final = dictionary_for("FIXT.1.1")
_DEPTH: Final = 4


def of_line(line: str) -> str:
    """A line that tells a FIX message as JSON, as a line of a FIX log; every other line as it is."""
    if not _LIKELY.search(line):
        return line
    start, end = line.find("{"), line.rfind("}")
    try:
        row = exactjson.loads(line[start : end + 1])
    except ValueError:
        return line
    message = _message(row, 0)
    if message is None:
        return line
    fields = dict(message)
    first = [(tag, fields[tag]) for tag in _FIRST if tag in fields]
    last = [row for row in message if row[0] == "10"]
    rest = [row for row in message if row[0] not in (*_FIRST, "10")]
    text = "".join(f"{tag}={value}\x01" for tag, value in (*first, *rest, *last))
    return f"{_head(line[:start], row)}{text}"


def _head(before: str, row: Mapping[str, Any]) -> str:
    """The time and the direction as a log writes them, as far as the row tells them."""
    said = next((str(row[name]).lower() for name in _DIRECTION if name in row), "")
    way = "sent " if said in _OUT else "received " if said in _IN else ""
    when = next((str(row[name]) for name in _TIMES if stamps.in_message(row, (name,)) is not None), "")
    stamp = f"{when} " if stamps.whole(when) is not None else ""
    return f"{before.strip()} {stamp}{way}".lstrip()


def _message(value: Any, depth: int) -> list[tuple[str, str]] | None:
    """The fields of the message in a row, in their order; None where there is none."""
    if not isinstance(value, Mapping) or depth > _DEPTH:
        return None
    flat: list[tuple[str, Any]] = []
    for name, each in value.items():
        is_part = name.lower() in _PARTS and isinstance(each, Mapping)
        flat += each.items() if is_part else [(name, each)]
    names = {name for name, _ in flat}
    if names & {"8", "BeginString"} and names & {"35", "MsgType"}:
        try:
            return list(_fields(flat))
        except DictionaryError:
            return None
    found = (_message(each, depth + 1) for each in value.values())
    return next((each for each in found if each is not None), None)


def _fields(rows: list[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, value in rows:
        tag = str(_FIX.field_tag(name))
        if isinstance(value, list):
            yield tag, str(len(value))
            for each in value:
                yield from _fields(list(each.items()) if isinstance(each, Mapping) else [])
        elif value is not None:
            yield tag, value if isinstance(value, str) else exactjson.dumps(value)
