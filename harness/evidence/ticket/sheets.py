"""Spreadsheets as tables of text: what each sheet of an .xlsx file says, its times as ISO 8601.

Source: ECMA-376, SpreadsheetML. A cell's text stands in it, or in a list that all sheets share; a time is a
number of days whose style says so.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET

from harness import limits

BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PART_BYTES: Final = 32 * 1024 * 1024
"""Of one part of a book: its tree takes some ten times as much memory."""
_OF_TIME: Final = frozenset(map(str, (*range(14, 23), *range(45, 48))))
"""The numbers of the built-in formats that show a date or a time."""
_SHOWS_TIME: Final = re.compile(r"[ydhs]", re.I)
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DAY_ZERO: Final = datetime(1899, 12, 30)  # a sheet's times have no zone
_DAY_ZERO_1904: Final = datetime(1904, 1, 1)
_DAY_MS: Final = 86_400_000
_DAYS: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,20})?(?:[eE]-?[0-9])?")
"""A time as a number of days; a longer number is none, and could not be reckoned with."""
_MOST_COLUMNS: Final = 256
_LONG: Final = 10
"""Digits of a number that is no place in a list."""


def tables_of(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet's name and its rows as CSV, in the book's order.

    Raises ValueError where the file is no such book, or says more than a file of a ticket may.
    """
    book = _xml(archive, BOOK)
    shared = ["".join(each.itertext()) for each in _xml(archive, "xl/sharedStrings.xml")]
    styles = _times_of(_xml(archive, "xl/styles.xml"))
    properties = book.find(f"{_NS}workbookPr")
    is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    zero = _DAY_ZERO_1904 if is_1904 else _DAY_ZERO
    left = limits.TICKET_FILE_BYTES
    for name, path in _sheets(archive, book):
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\n")
        for row in _xml(archive, path).iter(f"{_NS}row"):
            left -= write.writerow(_cells(row, shared, styles, zero))
            if left < 0:  # a text that is written once may stand in every cell
                raise ValueError(f"its sheets say more than {limits.TICKET_FILE_BYTES} characters")
        yield name, out.getvalue()


def _sheets(archive: zipfile.ZipFile, book: ET.Element) -> Iterator[tuple[str, str]]:
    """The name and the file of each sheet; the book's relations join the two (ECMA-376, part 2, §9.3)."""
    targets = {each.get("Id"): each.get("Target", "") for each in _xml(archive, _RELATIONS)}
    for number, sheet in enumerate(book.iter(f"{_NS}sheet"), start=1):
        target = targets.get(sheet.get(f"{_RELATION}id"), f"worksheets/sheet{number}.xml")
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        yield sheet.get("name", f"sheet{number}"), path


def _xml(archive: zipfile.ZipFile, name: str) -> ET.Element:
    if name not in archive.namelist():
        return ET.Element("nothing")
    with archive.open(name) as file:
        data = file.read(_PART_BYTES + 1)
    if len(data) > _PART_BYTES:
        raise ValueError(f"{name} unpacks to more than {_PART_BYTES} bytes")
    text = data.decode(
        "utf-8-sig"
    )  # as every program writes it; in another coding nothing would be found below
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError(f"{name} declares entities, which no spreadsheet does")
    try:
        return ET.fromstring(text)
    except ET.ParseError as error:
        raise ValueError(f"{name} is no XML: {error}") from None


def _times_of(styles: ET.Element) -> list[bool]:
    """Of each cell style, whether it shows a time."""
    own = {each.get("numFmtId", ""): each.get("formatCode", "") for each in styles.iter(f"{_NS}numFmt")}
    listed = styles.find(f"{_NS}cellXfs")
    found = []
    for each in listed if listed is not None else ():
        number = each.get("numFmtId", "0")
        shown = _SHOWS_TIME.search(_QUOTED.sub("", own.get(number, "")))
        found.append(shown is not None or number in _OF_TIME)
    return found


def _cells(row: ET.Element, shared: list[str], times: list[bool], zero: datetime) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_NS}c"):
        at = _column(cell.get("r", ""))
        if at >= _MOST_COLUMNS:
            break
        cells += [""] * (at - len(cells)) if at >= 0 else []
        cells.append(_text(cell, shared, times, zero))
    return cells


def _column(reference: str) -> int:
    """The number of a column from 0 (`B4` is 1); -1 where the cell does not say it."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    number = 0
    for letter in letters[0] if letters is not None else "":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _text(cell: ET.Element, shared: list[str], times: list[bool], zero: datetime) -> str:
    kind, value = cell.get("t", "n"), cell.findtext(f"{_NS}v") or ""
    if kind == "inlineStr":
        return "".join(each.text or "" for each in cell.iter(f"{_NS}t"))
    if kind == "s":
        at = int(value) if value.isdecimal() and len(value) < _LONG else len(shared)
        return shared[at] if at < len(shared) else ""
    named = cell.get("s", "0")
    style = int(named) if named.isdecimal() and len(named) < _LONG else len(times)
    if kind == "n" and style < len(times) and times[style] and _DAYS.fullmatch(value):
        moment = zero + timedelta(milliseconds=int((Decimal(value) * _DAY_MS).to_integral_value()))
        return moment.isoformat(sep=" ", timespec="milliseconds")
    return value
