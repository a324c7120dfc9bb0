"""Texts of no known form: read for what they tell of HTTP, where that is more than the known forms found."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from harness.evidence.ticket import botlog, curl, httptext, ledgers, statements, wslog
from harness.evidence.ticket.clues import REST, WS, Clue, Reading, Unread
from harness.evidence.ticket.gleaned import NAME, glean, glean_rows
from harness.evidence.ticket.shapes import objects_of, rows_of, told_bodies, whole
from harness.evidence.ticket.textlines import Lines

PROSE: Final = "text"
_LOOSE: Final = frozenset((PROSE, botlog.NAME, curl.FORM.name, httptext.NAME, wslog.FORM.name))
_DELIMITERS: Final = ",;\t"
_LEAST_CELLS: Final = 2
_MOST_TITLES: Final = 20
_A_NAME: Final = re.compile(r"[@_]?[^\W\d][\w .#%$€()/\-@]{0,48}")


def more_of(reading: Reading, lines: Lines, text: str) -> Reading:
    """The reading with the exchanges that the text's lines or rows tell, where these are more than it has."""
    rows = list(rows_of(text)) if text.lstrip()[:1] in ("{", "[") else list(table_of(text))
    reading = _with_exchanges(reading, lines, rows)
    rows = list(objects_of(text)) or rows
    found, told = ledgers.receipts(lines, rows)
    reading = _with(reading, reading.clues, found, told, ledgers.RECEIPTS)
    if not any(clue.channel == REST for clue in reading.clues):
        found, told = statements.trades(reading.path, rows)
        reading = _with(reading, reading.clues, found, told, statements.NAME)
    return reading


def _with_exchanges(reading: Reading, lines: Lines, rows: Sequence[Mapping[str, Any]]) -> Reading:
    if not _LOOSE.issuperset(reading.form.split(", ")) or _is_all_heard(reading):
        return reading
    found, told = glean_rows(reading.path, iter(rows)) if rows else glean(lines)
    known = whole(reading.clues)
    more = whole(found) - known
    is_better = more > 0 and (not known or reading.form == botlog.NAME)
    is_better = is_better or (more >= 0 < whole(found) and told_bodies(found) > told_bodies(reading.clues))
    is_better = is_better or (more >= 0 and any(map(_is_odd, reading.clues)))
    plain = [clue for clue in reading.clues if not _is_quoted(clue)]
    hears = any(clue.channel.startswith(WS) for clue in plain)
    heard = [clue for clue in found if (is_better if clue.channel == REST else not hears)]
    kept = [clue for clue in plain if clue.channel != REST] if is_better else reading.clues
    return _with(reading, kept, heard, told, NAME)


def _is_all_heard(reading: Reading) -> bool:
    """Whether every line is a stream's frame: then none is left that could tell more, and dumps are long."""
    frames = reading.clues and all(clue.channel.startswith(WS) for clue in reading.clues)
    return bool(frames) and not reading.notes and not any(map(_is_quoted, reading.clues))


def _with(
    reading: Reading, kept: Sequence[Clue], found: Sequence[Clue], told: Sequence[Unread], form: str
) -> Reading:
    """The reading with those of its clues that are kept, and what was found; as it is where nothing was."""
    if not found:
        return reading
    first = max((clue.pair for clue in kept), default=0)
    clues = (*kept, *(replace(clue, pair=clue.pair + first) for clue in found))
    form = f"{reading.form}, {form}" if kept else form
    return replace(reading, form=form, clues=clues, unread=(*reading.unread, *told))


def table_of(text: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a text that is a table, by the names of its columns; titles may stand above them."""
    head = next((line for line in text.split("\n") if sum(map(line.count, _DELIMITERS))), "")
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        cells = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))
    except csv.Error:
        return
    first = next((at for at, row in enumerate(cells[:_MOST_TITLES]) if _are_names(row)), None)
    if first is None:
        return
    names = [name.strip() for name in cells[first]]
    for row in cells[first + 1 :]:
        if len(row) > 1:
            yield {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}


def _are_names(row: Sequence[str]) -> bool:
    """Whether a line of cells names columns: short words, each another, and no value among them."""
    names = [cell.strip() for cell in row if cell.strip()]
    is_wide = len(names) >= _LEAST_CELLS and len(set(names)) == len(names)
    return is_wide and all(_A_NAME.fullmatch(name) is not None for name in names)


def _is_odd(clue: Clue) -> bool:
    """Whether a reader took something else, headers or words, for the body of a request that has none."""
    wire = clue.data.get("wire", {})
    return clue.channel == REST and wire.get("method") in ("GET", "HEAD") and bool(wire.get("body"))


def _is_quoted(clue: Clue) -> bool:
    """Whether a frame is none: the `>` before it is a mail's, and it says nothing that a stream says."""
    text = str(clue.data.get("wire", {}).get("text", ""))
    return clue.channel.startswith(WS) and not any(
        word in text for word in ("event_type", '"type"', "PING", "PONG", '"auth"')
    )
