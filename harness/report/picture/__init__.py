"""The picture: one self-contained timeline of a run, or of broken and fixed side by side."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from harness.files import write_atomically
from harness.outcome import Outcome
from harness.proving import prove
from harness.report.picture.drawing import drawn
from harness.report.picture.layout import sheet
from harness.report.picture.story import panel
from harness.report.plain import one_line, plain_text
from harness.report.wording import shortened
from harness.seal import NAMES

PANELS: Final = 2
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def picture(outcomes: Sequence[Outcome]) -> str:
    """Draw one outcome, or two side by side, as one SVG without scripts or outside resources.

    Raises ValueError where there is nothing, or more than two, to draw (the caller's fault).
    """
    if not 1 <= len(outcomes) <= PANELS:
        raise ValueError(f"a picture shows one run or two, not {len(outcomes)}")
    return drawn(sheet([panel(outcome) for outcome in outcomes]), _title(outcomes), _facts(outcomes))


def page(outcomes: Sequence[Outcome]) -> str:
    """The picture as an HTML page that loads nothing."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(plain_text(_title(outcomes)))}</title>"
        "<style>:root{color-scheme:light dark}body{margin:16px}svg{max-width:100%;height:auto}</style>"
        f"</head><body>\n{picture(outcomes)}</body></html>\n"
    )


def write(outcomes: Sequence[Outcome], path: Path) -> Path:
    """Write the picture: a page where the path ends in `.html`, else an SVG. Raises FileError."""
    told = page(outcomes) if path.suffix == ".html" else picture(outcomes)
    write_atomically(path, told.encode())
    return path


def beside(outcome: Outcome, cassettes: Path) -> tuple[Outcome, ...]:
    """The outcomes that one picture should show: the red run at the left, the good one at the right.

    A proof stands beside the case's other proof, a live run beside the replay of `fixed`; where that one
    cannot be replayed, the outcome stands alone.
    """
    case = outcome.case
    if case is None or outcome.run is None:
        return (outcome,)
    mine = outcome.proof
    row = next((row for row in case.rows if row.name == outcome.row), None)
    other = prove(case, "broken" if mine == NAMES[1] else "fixed", cassettes, row=row)
    if other.run is None:
        return (outcome,)
    return (other, outcome) if mine == NAMES[1] else (outcome, other)


def _title(outcomes: Sequence[Outcome]) -> str:
    case = next((outcome.case for outcome in outcomes if outcome.case), None)
    return one_line(f"{case.id}  {case.title}" if case else outcomes[0].item)


def _facts(outcomes: Sequence[Outcome]) -> str:
    case = next((outcome.case for outcome in outcomes if outcome.case), None)
    if case is None:
        return ""
    fixed = f"fixed in {case.fixed_in}" if case.fixed_in else str(case.status)
    told = (case.component, case.severity, fixed, f"reported {case.reported}" if case.reported else "")
    return shortened(" · ".join(part for part in told if part))
