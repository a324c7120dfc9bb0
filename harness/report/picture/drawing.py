"""Laid-out panels as SVG text. Every text from outside is escaped here, in `text`, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from harness.report.picture.layout import (
    GUTTER,
    HEAD,
    LINE,
    MARGIN,
    Band,
    Column,
    Placed,
    Sheet,
    fitted,
    width_px,
)
from harness.report.picture.style import colour_of, style
from harness.report.plain import plain_text

_SHIFT: Final = 12
"""A label stands so far beside its lane."""
_MONO_TENTHS: Final = 67
"""How wide a character of a finding's lines is, in tenths of a pixel."""
_LABELS: Final = {"lost": "bold f-red", "void": "bold f-red", "more": "f-soft", "stream": "f-soft"}
_DEFS: Final = (
    '<defs><pattern id="void" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)">'
    '<line x1="0" y1="0" x2="0" y2="7" class="s-red" stroke-width="2.2"/></pattern>'
    '<marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">'
    '<path d="M0,0L6,3L0,6z" class="f-soft"/></marker></defs>'
)


def text(x: int, y: int, said: str, classes: str) -> str:
    """One text element; the only way for a text into the picture."""
    return f'<text x="{x}" y="{y}" class="{classes}">{escape(plain_text(said))}</text>'


def line(x1: int, y1: int, x2: int, y2: int, classes: str, more: str = "") -> str:
    """One straight line."""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{classes}" {more}/>'


def box(x: int, y: int, width: int, height: int, classes: str, more: str = "") -> str:
    """One rectangle."""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{max(0, height)}" class="{classes}" {more}/>'


def drawn(sheet: Sheet, title: str, facts: str) -> str:
    """The whole picture."""
    size = f'width="{sheet.width}" height="{sheet.height}" viewBox="0 0 {sheet.width} {sheet.height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">']
    parts.append(f"<title>{escape(plain_text(title))}</title><style>{style()}</style>{_DEFS}")
    parts.append(box(0, 0, sheet.width, sheet.height, "f-page s-edge", 'rx="10" stroke-width="1.5"'))
    room_px = sheet.width - 2 * MARGIN
    wide = width_px(title, 21) > room_px
    shown = fitted(title, room_px, 17 if wide else 21)
    parts.append(text(MARGIN, 38, shown, "head bold f-ink" if wide else "title f-ink"))
    parts.append(text(MARGIN, 58, fitted(facts, room_px, 12), "f-soft"))
    for band in sheet.bands:
        parts.extend(_band(sheet, band))
    for column in sheet.columns:
        parts.extend(_column(sheet, column))
    parts.extend(_legend(sheet))
    return "".join([*parts, "</svg>\n"])


def _band(sheet: Sheet, band: Band) -> Iterator[str]:
    yield line(MARGIN, band.y, sheet.width - MARGIN, band.y, "s-line")
    yield text(MARGIN, band.y + 20, fitted(band.name, GUTTER - 12, 12), "bold f-ink")
    for column, missing in zip(sheet.columns, band.missing, strict=True):
        if missing:
            yield text(column.body_x + 8, band.y + 20, "not reached", "small f-soft")


def _column(sheet: Sheet, column: Column) -> Iterator[str]:
    yield from _head(sheet, column)
    bottom = sheet.height - 52
    for lane, x in column.lanes.items():
        yield line(x, HEAD - 4, x, bottom, "s-line", 'stroke-width="1.5"')
        yield text(x - 8, HEAD - 26, fitted(lane.partition("(")[0], 76, 12), f"bold f-{colour_of(lane)}")
        yield text(x - 8, HEAD - 12, fitted(lane.partition("(")[2].rstrip(")"), 76, 11), "small f-soft")
    yield from _voids(column)
    for at, rail in enumerate(column.panel.rails[:3]):
        colour = "red" if rail.missed else "green"
        x, top, end = column.body_x - 17 + 6 * at, column.y_of(rail.start_us), column.y_of(rail.stop_us)
        yield line(x, top, x, end, f"s-{colour}", 'stroke-width="2.5" stroke-linecap="round" opacity=".75"')
        yield line(x - 3, top, x + 3, top, f"s-{colour}", 'stroke-width="2"')
    yield from _arrows(column)
    for placed in column.placed:
        yield from _time(column, placed)
        yield from _row(column, placed)
    for placed in column.placed:
        if placed.row.shape in ("holds", "fails"):
            yield from _banner(column, placed)


def _head(sheet: Sheet, column: Column) -> Iterator[str]:
    panel = column.panel
    colour = "red" if panel.red else "green"
    yield box(column.x, 74, column.width, 56, f"f-{colour}page s-{colour}", 'rx="7" stroke-width="1.2"')
    word = fitted(panel.word, column.width // 2, 15)
    yield text(column.x + 12, 96, word, f"head bold f-{colour}")
    build = fitted(f"build {panel.build}", column.width // 3, 13) if panel.build else ""
    yield text(column.x + 24 + width_px(word, 15), 96, build, "f-ink")
    room_px = column.width - width_px(word + build, 15) - 48
    yield text(column.right - 12, 96, fitted(panel.where, room_px, 12), "small end f-soft")
    yield text(column.x + 12, 117, fitted(panel.why, column.width - 24, 12), "f-ink")


def _voids(column: Column) -> Iterator[str]:
    for void in column.panel.voids:
        x = column.lanes.get(void.lane)
        if x is None:
            continue
        top, end = column.y_of(void.start_us) + 8, column.y_of(void.deadline_us) - 3
        shape = 'rx="3" stroke-width="1.2"'
        yield box(x - 11, top, 22, end - top, "f-redpage s-red", shape)
        yield box(x - 11, top, 22, end - top, "", 'fill="url(#void)" rx="3" opacity=".38"')


def _arrows(column: Column) -> Iterator[str]:
    sent = {each.row.key: each for each in column.placed if each.row.key}
    trunks: dict[tuple[str, int], int] = {}
    for each in column.placed:
        row = each.row
        x = column.lanes.get(row.lane, 0)
        if row.answers in sent:
            top = sent[row.answers].y
            colour = colour_of(row.lane)
            yield box(x - 3, top, 6, each.y - top, f"f-{colour}", 'opacity=".25"')
            d = f"M{x - 4},{top}C{x - 15},{top + 2} {x - 15},{each.y - 2} {x - 6},{each.y}"
            yield f'<path d="{d}" class="s-soft" fill="none" stroke-width="1.2" marker-end="url(#tip)"/>'
        if row.caused in sent and column.lanes.get(sent[row.caused].row.lane) != x:
            start = sent[row.caused]
            from_x = column.lanes[start.row.lane]
            side = 1 if x > from_x else -1
            trunk = trunks.get((row.caused, side), start.y)
            trunks[row.caused, side] = each.y
            d = f"M{from_x + 7 * side},{trunk}V{each.y}H{x - 8 * side}"
            shape = 'fill="none" stroke-width="1.2" stroke-dasharray="3 3" marker-end="url(#tip)"'
            yield f'<path d="{d}" class="s-soft" {shape}/>'


def _time(column: Column, placed: Placed) -> Iterator[str]:
    at_us = placed.row.at_us
    told = f"{at_us // 1_000_000}.{at_us % 1_000_000 // 1000:03d}"
    if placed.gap_us:
        x, y = column.x + 44, placed.y - 23
        d = f"M{x - 9},{y + 2}l5,-5l5,6l5,-6l5,5"
        yield f'<path d="{d}" class="s-soft" fill="none" stroke-width="1.3"/>'
        tenths = placed.gap_us // 100_000
        waited = f"{tenths // 10}.{tenths % 10} s pass"
        yield line(column.body_x, y, column.right, y, "s-line", 'stroke-dasharray="2 5" stroke-width="1.2"')
        yield from _backed_end(column.right, y, waited, "small f-soft")
    if placed.row.shape not in ("holds", "fails", "void"):
        colour = "red" if placed.row.shape == "deadline" else "soft"
        yield text(column.x + 50, placed.y + 4, told, f"time f-{colour}")


def _row(column: Column, placed: Placed) -> Iterator[str]:
    row, y = placed.row, placed.y
    x = column.lanes.get(row.lane)
    colour = colour_of(row.lane)
    if row.shape in ("holds", "fails"):
        return
    if row.shape == "deadline":
        yield line(column.x + 54, y, column.right, y, "s-red", 'stroke-width="1.6" stroke-dasharray="6 4"')
        yield from _backed_end(column.right, y, fitted(row.text, column.width // 2, 12), "bold f-red")
        return
    if x is None:
        yield text(
            column.body_x + 4, y + 4, fitted(row.text, column.right - column.body_x, 12), "f-soft halo"
        )
        return
    match row.shape:
        case "send":
            yield f'<circle cx="{x}" cy="{y}" r="4.5" class="f-{colour}"/>'
        case "answer":
            yield f'<circle cx="{x}" cy="{y}" r="4" class="f-page s-{colour}" stroke-width="2"/>'
        case "push":
            d = f"M{x},{y - 6}L{x + 6},{y}L{x},{y + 6}L{x - 6},{y}z"
            yield f'<path d="{d}" class="f-{colour}"/>'
        case "lost":
            d = f"M{x - 5},{y - 5}l10,10m0,-10l-10,10"
            yield f'<path d="{d}" class="s-red" fill="none" stroke-width="2.5"/>'
        case "more":
            for at_us in row.ticks_us:
                tick = column.y_of(at_us)
                yield line(x - 6, tick, x + 6, tick, f"s-{colour}", 'stroke-width="1.5" opacity=".8"')
        case "stream":
            yield box(x - 5, y - 2, 10, 4, f"f-{colour}", 'rx="2"')
    yield from _label(column, x, placed)


def _backed_end(right: int, y: int, said: str, classes: str) -> Iterator[str]:
    """A text that ends at `right`, on a ground of its own."""
    wide = width_px(said, 12) + 8
    yield box(right - wide, y - 8, wide, 16, "f-page")
    yield text(right - 4, y + 4, said, f"end {classes}")


def _label(column: Column, x: int, placed: Placed) -> Iterator[str]:
    row = placed.row
    said = f"{row.text}  ✓" if row.decides else row.text
    classes = _LABELS.get(row.shape, "f-ink")
    right_px, left_px = column.right - x - _SHIFT, x - column.body_x - _SHIFT
    wide = width_px(said, 12)
    if wide <= right_px or right_px >= left_px:
        yield text(x + _SHIFT + 2, placed.y + 4, fitted(said, right_px, 12), f"{classes} halo")
    elif row.caused:
        yield from _backed_end(x - _SHIFT - 4, placed.y, fitted(said, left_px, 12), classes)
    else:
        yield text(x - _SHIFT - 4, placed.y + 4, fitted(said, left_px, 12), f"end {classes} halo")


def _banner(column: Column, placed: Placed) -> Iterator[str]:
    row = placed.row
    colour = "green" if row.shape == "holds" else "red"
    x, top = column.body_x, placed.y - 9
    width = column.right - x
    strong = row.decides and row.shape == "fails"
    shape = f'rx="5" stroke-width="{2 if strong else 1}"'
    yield box(x, top, width, placed.height, f"f-{colour}page s-{colour}", shape)
    mark = "✓" if row.shape == "holds" else "✗"
    yield text(x + 9, top + 17, mark, f"bold f-{colour}")
    y = top + 17
    for said in placed.wrapped:
        yield text(x + 24, y, said, f"{'bold ' if row.shape == 'fails' else ''}f-ink")
        y += LINE
    for said in row.lines:
        yield text(x + 24, y, _fixed_pitch(said, (width - 32) * 10 // _MONO_TENTHS), "mono f-ink")
        y += LINE
    if strong:
        badge = column.panel.badge
        wide = width_px(badge, 12) + 18
        yield box(column.right - wide - 8, top - 11, wide, 18, "f-red", 'rx="9"')
        yield text(column.right - wide // 2 - 8, top + 2, badge, "mid bold small f-page")


def _fixed_pitch(said: str, chars: int) -> str:
    return said if len(said) <= chars else f"{said[: chars - 1]}…"


def _legend(sheet: Sheet) -> Iterator[str]:
    y, x = sheet.height - 20, MARGIN
    mid = y - 4
    yield line(MARGIN, y - 20, sheet.width - MARGIN, y - 20, "s-line")
    thick = 'stroke-width="2"'
    marks = (
        (f'<circle cx="0" cy="{mid}" r="4.5" class="f-soft"/>', "sent"),
        (f'<circle cx="0" cy="{mid}" r="4" class="f-page s-soft" {thick}/>', "answered"),
        (f'<path d="M0,{y - 10}l6,6l-6,6l-6,-6z" class="f-soft"/>', "came by itself"),
        (line(-8, mid, 8, mid, "s-soft", 'stroke-dasharray="3 3"'), "from its cause"),
        (line(-6, mid, 6, mid, "s-soft", thick), "the same again"),
        (box(-7, y - 11, 14, 14, "s-red", 'fill="url(#void)"'), "nothing came"),
        (line(-8, mid, 8, mid, "s-red", f'stroke-dasharray="5 3" {thick}'), "deadline"),
        (line(0, y - 11, 0, y + 3, "s-green", 'stroke-width="2.5"'), "window of a check"),
    )
    worded_px = sum(width_px(meaning, 11) for _, meaning in marks)
    gap_px = min(42, (sheet.width - 2 * MARGIN - worded_px) // len(marks))
    for mark, meaning in marks:
        yield f'<g transform="translate({x + 8} 0)">{mark}</g>'
        yield text(x + 20, y, meaning, "small f-soft")
        x += width_px(meaning, 11) + gap_px
    if x + 180 < sheet.width:
        yield text(sheet.width - MARGIN, y, "seconds since the run began", "small end f-soft")
