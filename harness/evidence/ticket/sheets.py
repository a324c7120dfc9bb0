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
_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OF_TIME: Final = frozenset((*range(14, 23), *range(45, 48)))
"""The numbers of the built-in formats that show a date or a time."""
_SHOWS_TIME: Final = re.compile(r"[ydhs]", re.I)
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DAY_ZERO: Final = datetime(1899, 12, 30)  # a sheet's times have no zone
_DAY_ZERO_1904: Final = datetime(1904, 1, 1)
_DAY_MS: Final = 86_400_000
_MOST_COLUMNS: Final = 256


def tables_of(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet's name and its rows as CSV. Raises ValueError where the file is no such book."""
    try:
        book = _xml(archive, BOOK)
        shared = ["".join(each.itertext()) for each in _xml(archive, "xl/sharedStrings.xml")]
        styles = _times_of(_xml(archive, "xl/styles.xml"))
    except ET.ParseError as error:
        raise ValueError(f"it is no book of sheets: {error}") from None
    properties = book.find(f"{_NS}workbookPr")
    is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    names = [each.get("name", "") for each in book.iter(f"{_NS}sheet")]
    paths = sorted(
        (name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", name)),
        key=lambda name: (len(name), name),
    )
    for number, path in enumerate(paths):
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\n")
        zero = _DAY_ZERO_1904 if is_1904 else _DAY_ZERO
        for row in _xml(archive, path).iter(f"{_NS}row"):
            write.writerow(_cells(row, shared, styles, zero))
        yield (names[number] if number < len(names) else f"sheet{number + 1}"), out.getvalue()


def _xml(archive: zipfile.ZipFile, name: str) -> ET.Element:
    if name not in archive.namelist():
        return ET.Element("nothing")
    with archive.open(name) as file:
        data = file.read(limits.TICKET_FILE_BYTES + 1)
    if len(data) > limits.TICKET_FILE_BYTES:
        raise ValueError(f"{name} unpacks to more than {limits.TICKET_FILE_BYTES} bytes")
    if b"<!DOCTYPE" in data[:1024] or b"<!ENTITY" in data:
        raise ValueError(f"{name} declares entities, which no spreadsheet does")
    return ET.fromstring(data)


def _times_of(styles: ET.Element) -> list[bool]:
    """Of each cell style, whether it shows a time."""
    own = {each.get("numFmtId", ""): each.get("formatCode", "") for each in styles.iter(f"{_NS}numFmt")}
    listed = styles.find(f"{_NS}cellXfs")
    found = []
    for each in listed if listed is not None else ():
        number = each.get("numFmtId", "0")
        shown = _SHOWS_TIME.search(_QUOTED.sub("", own.get(number, "")))
        found.append(shown is not None or int(number) in _OF_TIME)
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
        return shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""
    style = int(cell.get("s", "0"))
    if kind == "n" and value and style < len(times) and times[style]:
        moment = zero + timedelta(milliseconds=int((Decimal(value) * _DAY_MS).to_integral_value()))
        return moment.isoformat(sep=" ", timespec="milliseconds")
    return value
