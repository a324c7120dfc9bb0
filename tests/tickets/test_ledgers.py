"""Receipts that people paste, tables of explorers, and statements of trades, also as spreadsheets."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from harness.evidence.ticket.folder import gather

from .drafted import New

HASH, BLOCK = (f"0x{hashlib.sha256(name).hexdigest()}" for name in (b"transaction", b"block"))
RECEIPT = {
    "transactionHash": HASH,
    "blockNumber": "0x8",
    "blockHash": BLOCK,
    "status": "0x0",
    "logs": list[str](),
    "gasUsed": "0x6351",
}
ANSWER = json.dumps({"jsonrpc": "2.0", "id": 1, "result": RECEIPT})
COLUMNS = "Transaction Hash,Blockno,UnixTimestamp,DateTime (UTC),From,To,Status,ErrCode,Method"
CELLS = (HASH, "8", "1772460301", "2026-03-02 14:05:01", "0x1", "0x2", "Error(0)", "reverted", "Redeem")
EXPLORER = "\n".join((COLUMNS, ",".join(f'"{cell}"' for cell in CELLS), ""))
TOLD = {
    "JSON-RPC in a mail": f"Hi,\n\nI asked my node:\n\n{ANSWER}\n\nSo it reverted?!\n",
    "JSON over many lines": f"it says\n{json.dumps({'result': RECEIPT}, indent=2)}\n",
    "web3.py": f"receipt: AttributeDict({{'blockHash': HexBytes('{BLOCK}'), 'blockNumber': 8, 'status': 0, "
    f"'gasUsed': 25425, 'logs': [], 'transactionHash': HexBytes('{HASH}')}})\n",
    "ethers": f"{{\n  blockNumber: 8,\n  blockHash: '{BLOCK}',\n  status: 0,\n  logs: [],\n"
    f"  transactionHash: '{HASH}'\n}}\n",
    "an error of ethers": 'Error: transaction execution reverted (action="sendTransaction", data=null, '
    f'receipt={{ "_type": "TransactionReceipt", "blockHash": "{BLOCK}", "blockNumber": 8, "gasUsed": "7", '
    f'"hash": "{HASH}", "logs": [], "status": 0 }}, code=CALL_EXCEPTION, version=6.13.4)\n',
    "cast": f"blockHash            {BLOCK}\nblockNumber          8\nstatus               0 (failed)\n"
    f"transactionHash      {HASH}\n",
    "an explorer's page": f"Transaction Hash:\t{HASH}\nStatus:\tFail with error 'x'\nBlock:\t8\n",
    "an explorer's table": EXPLORER,
}
TRADE = ("88dc1838-cb62-4bcb-9505-8a2478a2b492", "0x" + "7" * 64, "BUY", "0.5", "10")
HEAD = ("Trade ID", "Order ID", "Side", "Price", "Size", "Status", "Time (UTC)")


def statement(state: str, delimiter: str = ",") -> str:
    """A statement of one trade that stands so."""
    rows = (("Trades of November",), (), HEAD, (*TRADE, state, "2026-03-02 14:05:01"))
    return "\n".join(delimiter.join(row) for row in rows) + "\n"


def book(state: str) -> bytes:
    """The same as a spreadsheet: its texts shared, its time a number of days."""
    rows = (("Trades of November",), (), HEAD, (*TRADE, state, 46083.58682870))
    shared: list[str] = []
    lines = []
    for number, row in enumerate(rows, 1):
        cells = ""
        for column, value in zip("ABCDEFG", row, strict=False):
            if isinstance(value, str):
                shared.append(value)
                cells += f'<c r="{column}{number}" t="s"><v>{len(shared) - 1}</v></c>'
            else:
                cells += f'<c r="{column}{number}" s="1"><v>{value}</v></c>'
        lines.append(f'<row r="{number}">{cells}</row>')
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    texts = "".join(f"<si><t>{escape(each)}</t></si>" for each in shared)
    parts = {
        "xl/workbook.xml": f'<workbook {space}><sheets><sheet name="Fills" sheetId="1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f"<sst {space}>{texts}</sst>",
        "xl/styles.xml": f'<styleSheet {space}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
        "</styleSheet>",
        "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("text", TOLD.values(), ids=TOLD)
def test_a_receipt_that_a_text_tells(ticket: Path, new: New, text: str) -> None:
    """A failed transaction's receipt, however it was pasted, becomes a step that is red on it."""
    (ticket / "mail.txt").write_text(text)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "chain: receipt" in drafted.case
    assert "shows: {mined: true, status: 0}" in drafted.case
    assert HASH not in drafted.written


def test_a_table_says_that_it_tells_no_events(ticket: Path, new: New) -> None:
    """What an explorer's table leaves out of a receipt is told."""
    (ticket / "export.csv").write_text(EXPLORER)
    assert "it tells no events of the transaction" in new().said


def test_a_receipt_that_went_well_is_no_symptom(ticket: Path, new: New) -> None:
    """A receipt of status 1 is an event, and of itself nothing that went wrong."""
    (ticket / "mail.txt").write_text(ANSWER.replace('"status": "0x0"', '"status": "0x1"'))
    drafted = new()
    assert drafted.code == 2
    assert "I033" in drafted.said


@pytest.mark.parametrize("kind", ["csv", "semicolons", "xlsx"])
def test_a_statement_with_a_failed_trade(ticket: Path, new: New, kind: str) -> None:
    """A trade that a statement lists as FAILED is the symptom, below titles and in a spreadsheet too."""
    texts = {"csv": statement("FAILED"), "semicolons": statement("FAILED", ";")}
    (ticket / f"fills.{kind}").write_bytes(texts[kind].encode() if kind in texts else book("FAILED"))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "rest: GET /data/trades" in drafted.case
    assert "TRADE_STATUS_FAILED" in drafted.case
    assert "a statement lists it: taken as what GET /data/trades answered" in drafted.said


def test_a_statement_of_another_language(ticket: Path, new: New) -> None:
    """Where the columns have names of another language, what stands in them says what they are."""
    row = f"{TRADE[0]};{TRADE[1]};02.03.2026 14:05:01;KAUF;0,5;1.010,50;FEHLGESCHLAGEN"
    text = f"Konto 7;;;;;;\nHandels-ID;Auftrags-ID;Zeit;Seite;Kurs;Menge;Zustand\n{row}\n"
    (ticket / "fills.csv").write_text(text)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert '\\"side\\":\\"BUY\\",\\"size\\":\\"1010.5\\",\\"price\\":\\"0.5\\"' in drafted.written


def test_a_dump_of_trades(ticket: Path, new: New) -> None:
    """A list of trades out of a customer's own database is a statement, under names of his own."""
    row = {"trade_uuid": TRADE[0], "clob_order": TRADE[1], "executed": "1772460301", "direction": "buy"}
    row |= {"px": "0.5", "qty": "10", "settle_state": "failed"}
    (ticket / "dump.json").write_text(json.dumps([row], indent=1))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "TRADE_STATUS_FAILED" in drafted.case


def test_a_statement_where_all_is_well_asks(ticket: Path, new: New) -> None:
    """A statement whose trades are all confirmed shows no bug by itself: the question which step does."""
    (ticket / "fills.csv").write_text(statement("CONFIRMED"))
    drafted = new()
    assert drafted.code == 2
    assert "I033" in drafted.said
    command = f"harness new ESC-1234 --from {ticket} --symptom trades"
    assert command in drafted.said  # to copy and run
    assert new("--symptom", "trades", "--dry-run").code == 0


def test_a_sheets_times_are_read(tmp_path: Path) -> None:
    """A number of days whose style shows a time is that time."""
    (tmp_path / "fills.xlsx").write_bytes(book("FAILED"))
    bodies = [clue.data["wire"].get("body", "") for clue in gather(tmp_path).clues]
    assert '"match_time":"2026-03-02 14:05:02.000"' in bodies[-1]


def test_a_book_that_declares_entities_is_refused(ticket: Path, new: New) -> None:
    """A sheet with entities of its own, which could grow without end, is told of and not read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><workbook/>')
    (ticket / "fills.xlsx").write_bytes(out.getvalue())
    assert "declares entities" in new().said
