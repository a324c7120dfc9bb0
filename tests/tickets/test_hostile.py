"""Files that are made to cost much more than they weigh: bounded, told of, and never fatal."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness import limits
from harness.evidence.ticket import rawhttp, sheets
from harness.evidence.ticket.folder import gather
from harness.evidence.ticket.tokens import closed_at, unescaped

from .drafted import New

CURL = "curl https://clob.example.com/ok\n"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OF = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def book(cells: str, **more: str | bytes) -> dict[str, str | bytes]:
    """The parts of a book with one sheet of one row."""
    sheet = f"<worksheet {SPACE}><sheetData><row>{cells}</row></sheetData></worksheet>"
    named = '<sheet name="Fills" sheetId="1"/>'
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": f"<workbook {SPACE}><sheets>{named}</sheets></workbook>",
        "xl/styles.xml": f'<styleSheet {SPACE}><cellXfs><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    return parts | more


def told(folder: Path, name: str, data: bytes) -> str:
    """What is said of a file that lies beside one that can be read."""
    (folder / "a.txt").write_text(CURL)
    (folder / name).write_bytes(data)
    return "\n".join(str(each) for each in gather(folder).unread)


def test_a_text_that_stands_in_every_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book whose cells all show one long shared text is refused once it says more than a file may."""
    monkeypatch.setattr(limits, "TICKET_FILE_BYTES", 50_000)
    shared = f"<sst {SPACE}><si><t>{'x' * 1_000}</t></si></sst>"
    parts = book('<c t="s"><v>0</v></c>' * 100, **{"xl/sharedStrings.xml": shared})
    assert "its sheets say more than 50000 characters" in told(tmp_path, "fills.xlsx", zipped(parts))


def test_a_part_of_a_book_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small archive whose sheet unpacks to more than the limit is told of and not read."""
    monkeypatch.setattr(sheets, "_PART_BYTES", 50_000)
    parts = book("<c><v>1</v></c>" * 10_000)
    assert "sheet1.xml unpacks to more than 50000 bytes" in told(tmp_path, "fills.xlsx", zipped(parts))


def test_entities_in_another_coding(tmp_path: Path) -> None:
    """A declaration of entities does not pass by being written in UTF-16."""
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    parts = book("", **{"xl/sharedStrings.xml": text.encode("utf-16")})
    assert "fills.xlsx: the file: damaged" in told(tmp_path, "fills.xlsx", zipped(parts))


@pytest.mark.parametrize("value", ["1e999999999", "9" * 40, "NaN", "²", "-1"])
def test_a_time_that_is_none(tmp_path: Path, value: str) -> None:
    """A cell whose style shows a time and whose number is none is shown as it is."""
    with zipfile.ZipFile(io.BytesIO(zipped(book(f"<c><v>{value}</v></c><c><v>2</v></c>")))) as archive:
        assert list(sheets.tables_of(archive)) == [("Fills", f"{value},1900-01-01 00:00:00.000\n")]


@pytest.mark.parametrize("cell", ['<c s="²"><v>1</v></c>', '<c t="s"><v>99999999999</v></c>', "<c>"])
def test_a_cell_that_points_nowhere(tmp_path: Path, cell: str) -> None:
    """A style or a text that the book has not, or a sheet that is no XML, stops nothing else."""
    told(tmp_path, "fills.xlsx", zipped(book(cell)))
    assert [clue.place.path for clue in gather(tmp_path).clues] == ["a.txt"]


def test_sheets_by_the_books_relations() -> None:
    """A sheet has the name that the book's relations give its file, whatever the file is called."""
    sheet = f"<worksheet {SPACE}><sheetData><row><c><v>{{}}</v></c></row></sheetData></worksheet>"
    rows = '<sheet name="Second" r:id="rId9"/><sheet name="First" r:id="rId4"/>'
    first = '<Relationship Id="rId4" Target="worksheets/sheet1.xml"/>'
    second = '<Relationship Id="rId9" Target="/xl/worksheets/other.xml"/>'
    parts = {
        "xl/workbook.xml": f"<workbook {SPACE} {OF}><sheets>{rows}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{first}{second}</Relationships>",
        "xl/worksheets/sheet1.xml": sheet.format(1),
        "xl/worksheets/other.xml": sheet.format(2),
    }
    with zipfile.ZipFile(io.BytesIO(zipped(parts))) as archive:
        assert list(sheets.tables_of(archive)) == [("Second", "2\n"), ("First", "1\n")]


@pytest.fixture
def bomb(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """An answer whose body unpacks to a hundred times its size, where a file may have less."""
    monkeypatch.setattr(limits, "TICKET_FILE_BYTES", 50_000)
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(40_000))


def test_a_bomb_of_fiddlers(tmp_path: Path, bomb: bytes) -> None:
    """Sessions of Fiddler's that unpack to more than a file may are told of and not read."""
    parts = {f"raw/{number}_s.txt": bomb for number in (1, 2)}
    assert "its messages unpack to more than 50000 bytes" in told(tmp_path, "a.saz", zipped(parts))


def test_a_bomb_of_burps(tmp_path: Path, bomb: bytes) -> None:
    """Items of Burp's that unpack to more than a file may are told of and not read."""
    item = f'<response base64="true"><![CDATA[{base64.b64encode(bomb).decode()}]]></response>'
    text = f'<items burpVersion="1">{item * 2}</items>'
    assert "its messages unpack to more than 50000 bytes" in told(tmp_path, "items.xml", text.encode())


def test_a_body_of_many_chunks() -> None:
    """A body of a hundred thousand chunks of one byte is joined, each byte looked at once."""
    body = b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert rawhttp.joined([head + body]) == f"HTTP/1.1 200 OK\n\n{'a' * 100_000}"


@pytest.mark.parametrize("inside", ["<item>", "<request>", '<request base64="true">', "<![CDATA["])
def test_items_that_never_end(tmp_path: Path, inside: str) -> None:
    """Two million items that begin and never end are passed over in one look each."""
    text = f'<items burpVersion="1">{inside * 2_000_000}'
    assert "items of Burp" in told(tmp_path, "items.xml", text.encode()[:8_000_000])


@pytest.mark.parametrize("mark", [" ", "\t", "GET /{", "GET /[", "PS a>", "$a =", "\\\\a", "\\a"])
def test_a_long_line_of_one_mark(ticket: Path, new: New, mark: str) -> None:
    """A line of fifty thousand characters that could begin something is read as prose."""
    many = mark * (50_000 // len(mark))
    (ticket / "mail.txt").write_text(f'{many}!\nGET "{many}!\nStatus {many}!\n8=FIX{many}=\n@a={many}!\n')
    drafted = new()
    assert drafted.code == 2
    assert "I031" in drafted.said


def test_what_is_never_closed() -> None:
    """A value that is never closed ends nowhere; one in quotes does not count."""
    assert closed_at("{" * 10, 0) == 0
    assert closed_at('{"}"', 0) == 0
    assert closed_at('{"}"}', 0) == 5


def test_halves_of_a_character() -> None:
    """A character that JSON writes as two halves is one; a half alone is the replacement character."""
    assert unescaped(r"\ud83d\ude00") == "\U0001f600"
    assert unescaped(r"\ud83d") == "\ufffd"


@pytest.mark.parametrize(
    "told",
    [
        {"method": "GET", "url": "https://[a/order", "status": 200},
        {"method": "POST", "url": "https://a.example/order", "status": 400, "body": {"event_type": []}},
        {"transactionHash": f"0x{'ab' * 32}", "status": "0x0", "block": "9" * 5_000},
        {"transactionHash": f"0x{'ab' * 32}", "status": "0x0", "block": f"0x{'f' * 5_000}"},
    ],
    ids=["an url", "a list for a name", "a number", "a hex number"],
)
def test_a_value_that_is_none(tmp_path: Path, told: dict[str, object]) -> None:
    """A value that is not of its kind, or longer than any of its kind, ends no reading."""
    text = json.dumps(told)
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.log").write_text(f"2026-03-02 14:05:01 {text}\n")
    (tmp_path / "b.txt").write_text(CURL)
    assert "b.txt" in {clue.place.path for clue in gather(tmp_path).clues}
