"""Variables that a tool keeps in a file of their own: a Postman environment beside its collection.

A request that was read with `{{name}}` in it gets what another file of the ticket says of that name. Source:
Postman's export of an environment (`values` with `key` and `value`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from harness.evidence.ticket import jsontext
from harness.evidence.ticket.clues import Clue, Reading

FORM: Final = "Postman environment"
_NAMED: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_SCOPE: Final = '"_postman_variable_scope"'


def looks_like(text: str) -> bool:
    """Whether a text is an environment or the globals of Postman."""
    return text.lstrip()[:1] == "{" and _SCOPE in text


def read(text: str, path: str) -> Reading:
    """The variables of an environment; nothing of it is an event, and none of its values is told."""
    return Reading(path, FORM, values=tuple(_values(text)))


def applied(readings: Sequence[Reading]) -> list[Reading]:
    """The readings with the variables of all of them filled in, where some are."""
    values = {name: value for reading in readings for name, value in reading.values}
    return [_filled(reading, values) for reading in readings] if values else list(readings)


def _values(text: str) -> Iterator[tuple[str, str]]:
    try:
        rows = jsontext.loads(text).get("values")
    except ValueError:
        return
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("enabled", True) and isinstance(row.get("value"), str):
            yield str(row.get("key", "")), row["value"]


def _filled(reading: Reading, values: Mapping[str, str]) -> Reading:
    clues = tuple(_with_values(clue, values) for clue in reading.clues)
    left = (row for row in reading.unread if not _is_named(row.what, values))
    return replace(reading, clues=clues, unread=tuple(left))


def _is_named(what: str, values: Mapping[str, str]) -> bool:
    named = _NAMED.match(what)
    return named is not None and named[1] in values


def _with_values(clue: Clue, values: Mapping[str, str]) -> Clue:
    wire = clue.data.get("wire")
    if not isinstance(wire, Mapping) or "{{" not in f"{wire}":
        return clue
    return replace(clue, data={**clue.data, "wire": {key: _in(each, values) for key, each in wire.items()}})


def _in(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _NAMED.sub(lambda found: values.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {key: _in(each, values) for key, each in value.items()}
    return value
