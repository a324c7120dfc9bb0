"""Where things go: rows to heights, lanes to columns, times to places. Whole pixels; nothing is drawn."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.model import Source
from harness.report.picture.story import lane_order
from harness.report.picture.values import Panel, Row, Stage

MARGIN: Final = 24
GUTTER: Final = 124
TIME: Final = 64
RAILS: Final = 22
GAP: Final = 26
HEAD: Final = 176
ROW: Final = 20
LINE: Final = 15
BREAK: Final = 26
BREAK_US: Final = 500_000
"""A wait from here on is drawn as a broken axis of fixed height, and told in seconds."""
TWO_PX: Final = 1240
ONE_PX: Final = 880
_NARROW: Final = frozenset(" !'(),./:;I[]fijlrt|·")
LANE_PX: Final = 84
"""A lane is no narrower; a picture with many lanes grows wider instead."""


def width_px(text: str, size_px: int) -> int:
    """About how wide a text is: generous, so that what fits here fits in any browser's font."""
    hundredths = 0
    for char in text:
        if char in _NARROW:
            hundredths += 38
        elif char.isascii():
            hundredths += 98 if char in "mwMW@%" else 70 if char.isupper() else 63
        elif not unicodedata.combining(char):
            hundredths += 105 if unicodedata.east_asian_width(char) in "WF" else 85
    return hundredths * size_px // 100


def fitted(text: str, room_px: int, size_px: int) -> str:
    """The text, or as much of its start as has room, with an ellipsis."""
    text = text[: max(1, room_px)]
    if width_px(text, size_px) <= room_px:
        return text
    kept = text[: max(0, room_px * 10 // (5 * size_px))]
    while kept and width_px(kept, size_px) > room_px - size_px:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(text: str, room_px: int, size_px: int, most: int) -> tuple[str, ...]:
    """The text in at most so many lines, broken at blanks where there are some."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most - 1 and width_px(rest, size_px) > room_px:
        kept = fitted(rest, room_px + size_px, size_px).removesuffix("…")
        cut = kept.rfind(" ")
        cut = cut if cut > 0 else max(1, len(kept))
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*lines, fitted(rest, room_px, size_px)) if rest else tuple(lines)


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and its middle line; `gap_us` is the wait before it where the axis is broken, else 0."""

    row: Row
    y: int
    height: int
    gap_us: int
    wrapped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One panel's place: its left edge, width, lanes and rows."""

    panel: Panel
    x: int
    width: int
    lanes: dict[str, int]
    placed: tuple[Placed, ...]
    anchors: tuple[tuple[int, int], ...]

    @property
    def right(self) -> int:
        """Its right edge."""
        return self.x + self.width

    @property
    def body_x(self) -> int:
        """Where its lanes begin, right of times and rails."""
        return self.x + TIME + RAILS

    def y_of(self, at_us: int) -> int:
        """The height of a time: between rows in proportion, though each gap has its own scale."""
        times = [at for at, _ in self.anchors]
        after = bisect_right(times, at_us - 1)
        if after >= len(self.anchors):
            return self.anchors[-1][1] if self.anchors else HEAD
        if after == 0 or times[after] == at_us:
            return self.anchors[after][1]
        (from_us, top), (to_us, bottom) = self.anchors[after - 1], self.anchors[after]
        return top + (bottom - top) * (at_us - from_us) // max(1, to_us - from_us)


@dataclass(frozen=True, slots=True)
class Band:
    """A stage's stripe across the picture."""

    name: str
    y: int
    height: int
    missing: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole picture's measures."""

    width: int
    height: int
    columns: tuple[Column, ...]
    lanes: tuple[Source, ...]
    bands: tuple[Band, ...]


def sheet(panels: Sequence[Panel]) -> Sheet:
    """Lay panels out beside each other, their stages at equal heights."""
    lanes = sorted({lane for panel in panels for lane in panel.lanes}, key=lane_order)
    shares = max(1, len(panels))
    least = GUTTER + 2 * MARGIN + shares * (TIME + RAILS + LANE_PX * max(1, len(lanes))) + GAP * (shares - 1)
    width = max(TWO_PX if shares > 1 else ONE_PX, least)
    column_px = (width - 2 * MARGIN - GUTTER - GAP * (shares - 1)) // shares
    lane_px = (column_px - TIME - RAILS) // max(1, len(lanes))
    placed: list[list[Placed]] = [[] for _ in panels]
    bands: list[Band] = []
    y = HEAD
    for name in _stage_names(panels):
        heights = []
        for at, panel in enumerate(panels):
            stage = next((stage for stage in panel.stages if stage.name == name), None)
            room_px = column_px - TIME - RAILS - 28
            heights.append(_rows(stage, y + 6, placed[at], room_px) - y if stage else 0)
        height = max([30, *(each + 6 for each in heights)])
        bands.append(Band(name, y, height, tuple(not each for each in heights)))
        y += height
    columns = []
    for at, panel in enumerate(panels):
        x = MARGIN + GUTTER + at * (column_px + GAP)
        centres = {str(lane): x + TIME + RAILS + lane_px * i + 22 for i, lane in enumerate(lanes)}
        rows = tuple(placed[at])
        columns.append(Column(panel, x, column_px, centres, rows, _anchors(rows)))
    return Sheet(width, y + 58, tuple(columns), tuple(lanes), tuple(bands))


def _stage_names(panels: Sequence[Panel]) -> list[str]:
    """All stages in order; one that only a later panel has goes where it stands there."""
    names: list[str] = []
    for panel in panels:
        at = 0
        for stage in panel.stages:
            if stage.name in names:
                at = names.index(stage.name) + 1
            else:
                names.insert(at, stage.name)
                at += 1
    return names


def _rows(stage: Stage, y: int, placed: list[Placed], room_px: int) -> int:
    for row in stage.rows:
        gap_us = row.at_us - placed[-1].row.at_us if placed else 0
        broken = gap_us >= BREAK_US
        y += BREAK if broken else 0
        lines: tuple[str, ...] = ()
        height = ROW
        if row.shape in ("holds", "fails"):
            lines = wrapped(row.text, room_px, 12, 3)
            height = 16 + LINE * (len(lines) + len(row.lines))
            y += 12 if row.shape == "fails" and row.decides else 3
        placed.append(Placed(row, y + ROW // 2, height, gap_us if broken else 0, lines))
        y += height + (5 if lines else 0)
    return y


def _anchors(rows: Sequence[Placed]) -> tuple[tuple[int, int], ...]:
    """Times and their places, both growing; of rows at one time the first one's place."""
    found: list[tuple[int, int]] = []
    for each, after in zip(rows, [*rows[1:], None], strict=False):
        at_us = each.row.at_us
        if not found or at_us > found[-1][0]:
            found.append((at_us, each.y))
        if each.height > ROW and after is not None and after.row.at_us > at_us + 1:
            found.append((at_us + 1, each.y + each.height))
    return tuple(found)
