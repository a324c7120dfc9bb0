"""Verdicts as a Markdown table, for a job's summary or a comment; every text of a case is inert in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.report.plain import one_line
from harness.report.records import GROUPS, gate, is_red, never_ran

_HEADS: Final = ("case", "on", "verdict", "at", "what")


def markdown(held: Mapping[str, Any]) -> str:
    """The table, what is red first; below it what was planned and never ran."""
    return "\n".join(_lines(held)) + "\n"


def _lines(held: Mapping[str, Any]) -> Iterator[str]:
    records = sorted(held["records"], key=lambda each: (not is_red(each), each["item"]))
    missing = never_ran([held])
    red = sum(map(is_red, records))
    yield f"**{len(records)} judged, {red} red, {len(missing)} never ran**"
    yield from _said(held)
    yield ""
    yield _row(_HEADS)
    yield _row(["---"] * len(_HEADS))
    for each in records:
        where = f"{each.get('target') or ''} {each.get('build') or ''}".strip()
        cells = (each["item"], where, each["word"], each.get("at") or "–", each.get("why") or "")
        yield _row([_inert(str(cell)) for cell in cells])
    if missing:
        yield ""
        yield f"Never ran: {', '.join(_inert(item) for item in missing)}"


def _said(held: Mapping[str, Any]) -> Iterator[str]:
    """What the gate would say, and which cases it is about."""
    code = gate([held]).code
    groups = [(title, [each for each in held["records"] if each["word"] in words]) for title, words in GROUPS]
    yield ""
    yield f"`harness gate` exits with {code}, unless it is told of a quarantine or an allowance."
    for title, those in groups:
        if those:
            told = ", ".join(f"{_inert(each['item'])} {_inert(each['word'])}" for each in those)
            yield f"- {title}: {told}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _inert(text: str) -> str:
    """A text in a code span: no link, image, mention, tag or cell can come of it."""
    plain = one_line(text).replace("|", "\\|")
    if not plain.strip():
        return ""
    marks = "`" * (plain.count("`") + 1)  # longer than any run of them inside
    return f"{marks} {plain} {marks}" if "`" in plain else f"`{plain}`"
