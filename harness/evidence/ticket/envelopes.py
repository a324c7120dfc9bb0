"""Logs in an envelope: what a collector or a chat put around each line, undone to the lines themselves.

A line may be one JSON object (Docker, structlog, a cloud's log) or logfmt, a whole file one document
(CloudWatch's `events`, an export of Slack, Telegram or Discord, a list of rows), or a table (CSV). The time
of the envelope stands before what was said where that does not begin with one of its own.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from harness import exactjson
from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import Zone

_SAYS: Final = (
    "message",
    "msg",
    "log",
    "@message",
    "textPayload",
    "line",
    "_raw",
    "text",
    "content",
    "event",
    "value",
    "body",
)
_TIMES: Final = (
    *("timestamp", "ts", "time", "asctime", "@timestamp", "date", "datetime"),
    *("eventTime", "created_at", "_time", "receiveTimestamp"),
)
_INSIDE: Final = ("_source", "message", "jsonPayload", "attributes", "fields", "record", "result", "content")
_OF_A_LOG: Final = re.compile(
    r"HTTP Request: [A-Z]+ |\[py_clob_client_v2\]|(?:receive_response|send_request)_(?:headers|body)|8=FIX"
    r"|\b(?:GET|POST|DELETE) https?://|\bcurl |PolyApiException\["
)
_LOGFMT: Final = re.compile(r'(?:^|\s)(?:msg|message|event)="(?P<said>(?:[^"\\]|\\.)*)"')
_LOGFMT_TIME: Final = re.compile(r'(?:^|\s)(?:ts|time|timestamp|t)="?([^\s"]+(?: [0-9:.,]+)?)')
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DEPTH: Final = 4


def of_line(line: str) -> str:
    """What a logger said, where its line is JSON and what it said is of a form that is read."""
    if not _OF_A_LOG.search(line):
        return line
    if (found := _LOGFMT.search(line)) is not None:
        row = {
            "msg": re.sub(r"\\(.)", r"\1", found["said"]),
            "time": (_LOGFMT_TIME.search(line) or [""] * 2)[1],
        }
        return _timed(row, row["msg"])
    if not line.startswith("{"):
        return line
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line
    said = _said(value) if isinstance(value, dict) else None
    return (
        line if said is None or not _OF_A_LOG.search(said) else _timed(value, said.strip()).replace("\n", " ")
    )


def of_document(text: str) -> str | None:
    """The lines that a document's rows say, in its order; None where it has none."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            rows = list(_rows(exactjson.loads(text), _DEPTH))
        except ValueError:
            return None
    else:
        rows = list(_table(text))
    lines = []
    is_log = False
    for row in _oldest_first(rows):
        words = _said(row)
        if _is_request(row):
            lines.append(exactjson.dumps(row))
            is_log = True
        elif words is not None:
            lines.append(_timed(row, words.strip("\n")))
            is_log = is_log or _OF_A_LOG.search(words) is not None
    return "\n".join(lines) if is_log else None


def _rows(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for item in value:
            if is_pair(item):
                yield {"time": item[0], "line": item[1]}
            elif isinstance(item, Mapping) and (_is_request(item) or _said(item) is not None):
                yield item
            elif depth:
                yield from _rows(item, depth - 1)
    elif isinstance(value, Mapping) and depth:
        for item in value.values():
            if isinstance(item, list | Mapping):
                yield from _rows(item, depth - 1)


def _oldest_first(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The rows in the order in which they happened; a viewer of logs exports the newest first."""
    times = [stamp.us for row in rows if (stamp := stamps.in_message(row, _TIMES)) is not None]
    falls = len(times) > 1 and times == sorted(times, reverse=True) and times[0] > times[-1]
    return list(reversed(rows)) if falls else rows


def _is_request(row: Mapping[str, Any]) -> bool:
    """Whether a row tells a request by itself, as a breadcrumb of Sentry does."""
    for held in (row, row.get("data"), row.get("request"), row.get("req")):
        if (
            isinstance(held, Mapping)
            and isinstance(held.get("method"), str)
            and "://" in str(held.get("url"))
        ):
            return True
    return False


def is_pair(item: Any) -> bool:
    """Whether it is a time in nanoseconds and a line, as Loki tells them."""
    is_pair = isinstance(item, list) and len(item) == 2 and all(isinstance(each, str) for each in item)
    return is_pair and item[0].isdecimal() and stamps.unix(item[0]) is not None


def _table(text: str) -> Iterator[Mapping[str, Any]]:
    head = text.partition("\n")[0].strip().strip('"').lower()
    cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t]", head)]
    if len(cells) < 2 or not set(cells) & {name.lower() for name in _SAYS} or not set(cells) & set(_TIMES):
        return
    delimiter = next(mark for mark in ",;\t" if mark in head)
    try:
        for row in csv.DictReader(io.StringIO(text), delimiter=delimiter):
            yield {str(name).strip().lower(): cell for name, cell in row.items() if isinstance(cell, str)}
    except csv.Error:
        return


def _said(row: Mapping[str, Any]) -> str | None:
    for name in _SAYS:
        value = row.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and name == "text":
            return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in value)
    inside = next((row[name] for name in _INSIDE if isinstance(row.get(name), Mapping)), None)
    return None if inside is None else _said(inside)


def _timed(row: Mapping[str, Any], said: str) -> str:
    """What was said, with the envelope's time before it where no line of it begins with a time."""
    if any(stamps.leading(line)[0] is not None for line in said.split("\n")):
        return said
    stamp = stamps.in_message(row, _TIMES)
    if stamp is None:
        inside: Mapping[str, Any] = next(
            (row[name] for name in _INSIDE if isinstance(row.get(name), Mapping)), {}
        )
        stamp = stamps.in_message(inside, _TIMES)
    if stamp is None:
        return said
    moment = (_EPOCH + timedelta(microseconds=stamp.us)).isoformat(timespec="microseconds")
    zone = "" if stamp.zone is Zone.UTC else "local"
    return f"{moment.removesuffix('+00:00')}{'' if zone else 'Z'} {said}"
