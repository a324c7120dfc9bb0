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
from harness.evidence.ticket.shapes import rows_of, whole
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
    found, told = ledgers.receipts(lines, rows)
    reading = _with(reading, reading.clues, found, told, ledgers.RECEIPTS)
    if not any(clue.channel == REST for clue in reading.clues):
        found, told = statements.trades(reading.path, rows)
        reading = _with(reading, reading.clues, found, told, statements.NAME)
    return reading


def _with_exchanges(reading: Reading, lines: Lines, rows: Sequence[Mapping[str, Any]]) -> Reading:
    if not _LOOSE.issuperset(reading.form.split(", ")):
        return reading
    found, told = glean_rows(reading.path, iter(rows)) if rows else glean(lines)
    known = whole(reading.clues)
    is_better = whole(found) > known if reading.form == botlog.NAME else not known and whole(found)
    if not is_better and not (any(map(_is_odd, reading.clues)) and whole(found) >= known):
        return reading
    others = [clue for clue in reading.clues if clue.channel != REST and not _is_quoted(clue)]
    return _with(reading, others, found, told, NAME)


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
