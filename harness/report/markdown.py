"""Verdicts as a Markdown table, for a job's summary or a comment; every text of a case is inert in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from harness.report.alike import alike
from harness.report.plain import one_line
from harness.report.records import gate, never_ran
from harness.report.terminal import NOBODY, Aside, leftovers, marked
from harness.report.words import GROUPS, is_aside, is_red

_WRONG: Final = 2
TABLE_BYTES: Final = 768 * 1024
"""GitHub drops a job's summary over 1 MiB as a whole."""
_NAMED: Final = 1_000
_HEADS: Final = ("case", "on", "verdict", "at", "what")


def markdown(
    held: Mapping[str, Any], quarantine: Mapping[str, Aside] = NOBODY, wrong: Sequence[str] = ()
) -> str:
    """What many fail alike over, then the table, what is red first, then what was planned and never ran.

    `quarantine` has the cases that are in it by id, `wrong` what is wrong with its file.
    """
    return "\n".join(_lines(held, quarantine, wrong)) + "\n"


def _lines(held: Mapping[str, Any], quarantine: Mapping[str, Aside], wrong: Sequence[str]) -> Iterator[str]:
    for finding in alike(held["records"]):
        yield f"**One finding**: {_inert(str(finding))}"
        yield ""
    records = sorted(held["records"], key=lambda each: (not is_red(each), each["item"]))
    missing = never_ran([held])
    red = sum(map(is_red, records))
    yield f"**{len(records)} judged, {red} red, {len(missing)} never ran**"
    yield from _said(held, quarantine, wrong)
    yield ""
    yield _row(_HEADS)
    yield _row(["---"] * len(_HEADS))
    rows = [_record_row(marked(each, quarantine)) for each in records]
    kept = _fitting(rows)
    yield from rows[:kept]
    if kept < len(rows):
        reds = sum(map(is_red, records[kept:]))
        yield ""
        yield f"And {len(rows) - kept} more, {reds} of them red: the verdicts file has them all."
    if missing:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        yield ""
        yield f"Never ran: {', '.join(_inert(item) for item in missing[:_NAMED])}{more}"


def _said(held: Mapping[str, Any], quarantine: Mapping[str, Aside], wrong: Sequence[str]) -> Iterator[str]:
    """What the gate would say, and which cases it is about."""
    code = _WRONG if wrong else gate([held], quarantine=quarantine).code
    counted = [each for each in held["records"] if not is_aside(each, quarantine)]
    groups = [(title, [each for each in counted if each["word"] in words]) for title, words in GROUPS]
    yield ""
    yield f"`harness gate` exits with {code}, unless it is told of an allowance."
    for line in wrong:
        yield f"- {_inert(line)}"
    for title, those in groups:
        if those:
            told = ", ".join(f"{_inert(each['item'])} {_inert(each['word'])}" for each in those[:_NAMED])
            told += f" and {len(those) - _NAMED} more" if len(those) > _NAMED else ""
            yield f"- {title}: {told}"
    aside = [each for each in held["records"] if each.get("id") in quarantine]
    for each in aside:
        one = quarantine[each["id"]]
        yield f"- in quarantine: {_inert(each['item'])} {_inert(each['word'])}: {_inert(f'{one}: {one.why}')}"
    for line in leftovers(held["records"]):
        yield f"- left on the target: {_inert(line)}"


def _record_row(record: Mapping[str, Any]) -> str:
    where = f"{record.get('target') or ''} {record.get('build') or ''}".strip()
    cells = (record["item"], where, record["word"], record.get("at") or "–", record.get("why") or "")
    return _row([_inert(str(cell)) for cell in cells])


def _fitting(rows: Sequence[str]) -> int:
    """So many of the first rows fit."""
    sizes = accumulate(len(row.encode()) + 1 for row in rows)
    return next((at for at, size in enumerate(sizes) if size > TABLE_BYTES), len(rows))


def _row(cells: Sequence[str]) -> str:
    """A row of the table; a bar in a cell ends none (GitHub takes the backslash away, in code too)."""
    safe = " | ".join(cell.replace("|", "\\|") for cell in cells)
    return f"| {safe} |"


def _inert(text: str) -> str:
    """A text in a code span: no link, image, mention or tag can come of it."""
    plain = one_line(text)
    if not plain.strip():
        return ""
    marks = "`" * (plain.count("`") + 1)  # longer than any run of them inside
    return f"{marks} {plain} {marks}" if "`" in plain else f"`{plain}`"
