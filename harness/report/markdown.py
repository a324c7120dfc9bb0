"""Verdicts as a Markdown table, for a job's summary or a comment; every text of a case is inert in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.report.alike import alike
from harness.report.plain import one_line
from harness.report.records import gate, never_ran
from harness.report.terminal import NOBODY, Aside, leftovers, marked
from harness.report.words import GROUPS, is_red

_WRONG: Final = 2
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
    for each in (marked(each, quarantine) for each in records):
        where = f"{each.get('target') or ''} {each.get('build') or ''}".strip()
        cells = (each["item"], where, each["word"], each.get("at") or "–", each.get("why") or "")
        yield _row([_inert(str(cell)) for cell in cells])
    if missing:
        yield ""
        yield f"Never ran: {', '.join(_inert(item) for item in missing)}"


def _said(held: Mapping[str, Any], quarantine: Mapping[str, Aside], wrong: Sequence[str]) -> Iterator[str]:
    """What the gate would say, and which cases it is about."""
    code = _WRONG if wrong else gate([held], quarantine=quarantine).code
    groups = [(title, [each for each in held["records"] if each["word"] in words]) for title, words in GROUPS]
    yield ""
    yield f"`harness gate` exits with {code}, unless it is told of an allowance."
    for line in wrong:
        yield f"- {_inert(line)}"
    for title, those in groups:
        if those:
            told = ", ".join(f"{_inert(each['item'])} {_inert(each['word'])}" for each in those)
            yield f"- {title}: {told}"
    aside = [each for each in held["records"] if each.get("id") in quarantine]
    for each in aside:
        one = quarantine[each["id"]]
        yield f"- in quarantine: {_inert(each['item'])} {_inert(each['word'])}: {_inert(f'{one}: {one.why}')}"
    for line in leftovers(held["records"]):
        yield f"- left on the target: {_inert(line)}"


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
