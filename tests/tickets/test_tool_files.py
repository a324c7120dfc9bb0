"""What tools save in files of their own: archives, environments, items, FIX in other shapes."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from pathlib import Path

import pytest

from harness.evidence.ticket.folder import gather
from harness.model import Kind

from .customer import ALICE, BALANCE, HOST, TOKEN, entry, leaks
from .drafted import New

ORDER = json.dumps(ALICE.order(0.5, 9), separators=(",", ":"))
REFUSAL = json.dumps({"error": BALANCE})
HEADER_LINES = "\n".join(f"{name}: {value}" for name, value in ALICE.headers)


@pytest.mark.parametrize("mark", ["\u2401", ";", "[SOH]", "\\001", "~", "<SOH>", "\t"])
def test_marks_for_soh(tmp_path: Path, mark: str) -> None:
    """Any mark that stands between the fields of a FIX message is its SOH, and may stand in a text, too."""
    body = "35=5|49=A|56=B|34=2|52=20260302-14:05:01.123|58=too low; it was 1~2|".replace("|", "\x01")
    head = f"8=FIX.4.4\x019={len(body)}\x01"
    summed = f"{head}{body}10={sum((head + body).encode()) % 256:03d}\x01"
    (tmp_path / "fix.log").write_text(f"2026-03-02 14:05:01.124 [out] {summed.replace(chr(1), mark)}\n")
    (clue,) = gather(tmp_path).clues
    assert clue.data["wire"]["raw"].replace("|", "\x01") == summed


def test_refused_after_events(ticket: Path, new: New) -> None:
    """A refusal on a stream that has had its book is waited for with an event that has not come before."""
    book = (
        '{"event_type":"book","asset_id":"7","market":"0x1","bids":[],"asks":[],"timestamp":"1772460301123"}'
    )
    again = '{"type":"market","assets_ids":["7"]}'
    (ticket / "ws.txt").write_text(
        f"Connected\n> {again}\n< {book}\n> {again}\n< INVALID OPERATION\n< {book}\n"
    )
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert drafted.case.rstrip().endswith("shows: INVALID OPERATION")


def test_sessions_of_fiddler(ticket: Path, new: New) -> None:
    """Fiddler's archive is its requests and answers in the order of their numbers, bodies unpacked."""
    head = f"POST {HOST}/order HTTP/1.1\r\n" + HEADER_LINES.replace("\n", "\r\n") + "\r\n\r\n"
    said = gzip.compress(REFUSAL.encode())
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (20, said[:20], len(said) - 20, said[20:])
    answer = b"HTTP/1.1 400 Bad Request\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    with zipfile.ZipFile(ticket / "sent.saz", "w") as archive:
        archive.writestr("_index.htm", "<html><body>2 sessions</body></html>")
        archive.writestr("raw/10_s.txt", answer + chunks)
        archive.writestr("raw/10_c.txt", head + ORDER)
        archive.writestr("raw/9_c.txt", f"GET {HOST}/ok HTTP/1.1\r\nHost: clob.example.com\r\n\r\n")
        archive.writestr("raw/9_s.txt", 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n"OK"')
        archive.writestr("raw/9_m.xml", "<Session/>")
    requests = [clue for clue in gather(ticket).clues if clue.kind is Kind.SEND]
    assert [clue.data["wire"]["target"] for clue in requests] == ["/ok", "/order"]
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "not enough balance" in drafted.case.partition("symptom:")[2]
    assert not leaks(drafted.written + drafted.said, ALICE)


def test_an_environment_beside_a_collection(ticket: Path, new: New) -> None:
    """A Postman environment's variables are filled into the requests beside it, and told nowhere."""
    url = {"raw": "{{base}}/order"}
    order = ORDER.replace(TOKEN, "{{token}}")
    request = {"method": "POST", "url": url, "header": [], "body": {"mode": "raw", "raw": order}}
    saved = {"name": "saved", "originalRequest": request, "code": 400, "header": [], "body": REFUSAL}
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    item = {"name": "buy", "request": request, "response": [saved]}
    (ticket / "a.json").write_text(json.dumps({"info": {"name": "x", "schema": schema}, "item": [item]}))
    values = {"token": TOKEN, "base": HOST, "mySecret": "summer-22-moon"}
    rows = [{"key": key, "value": value, "enabled": True} for key, value in values.items()]
    scope = {"_postman_variable_scope": "environment"}
    (ticket / "b.json").write_text(json.dumps({"name": "prod", "values": rows, **scope}))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert 'token: "${market.yes}", side: BUY, price: 0.5, size: 9' in drafted.case
    assert "summer-22-moon" not in drafted.written + drafted.said
    assert "gives it no value" not in drafted.said


def test_a_host_that_is_a_variable(ticket: Path, new: New) -> None:
    """A request whose host only a variable names, which no file tells, is the exchange's all the same."""
    text = (
        f"###\nPOST {{{{host}}}}/order\n{HEADER_LINES}\n\n{ORDER}\n\nHTTP/1.1 400 Bad Request\n\n{REFUSAL}\n"
    )
    (ticket / "a.http").write_text(text)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "rest: POST /order" in drafted.case


FLAT = {"8": "FIX.4.4", "35": "9", "49": "V", "56": "C", "34": 2, "37": "NONE", "434": "1", "102": 1}
NAMED = {
    "Header": {"BeginString": "FIX.4.4", "MsgType": "9", "SenderCompID": "V", "TargetCompID": "C", "34": 2},
    "Body": {"OrderID": "NONE", "CxlRejResponseTo": "1", "CxlRejReason": "1"},
    "Trailer": {},
}


@pytest.mark.parametrize("message", [FLAT, NAMED], ids=["tags", "names"])
def test_fix_as_json(tmp_path: Path, message: dict[str, object]) -> None:
    """A FIX message that a log tells as JSON is one, with the row's time and direction."""
    row = {"ts": "2026-03-02T14:05:01.123Z", "dir": "IN", "fix": message}
    (tmp_path / "fix.jsonl").write_text(json.dumps(row) + "\n")
    (clue,) = gather(tmp_path).clues
    assert (clue.kind, clue.connection) == (Kind.PUSH, "C->V")
    assert clue.stamp is not None
    assert clue.stamp.us == 1_772_460_301_123_000
    assert "|37=NONE|434=1|102=1|10=" in clue.data["wire"]["raw"]


def test_a_group_of_fix_as_json(tmp_path: Path) -> None:
    """A repeating group, a list of objects, is its count and its fields in their order."""
    parties = [{"448": "a", "447": "D"}, {"448": "b", "447": "D"}]
    (tmp_path / "fix.jsonl").write_text(json.dumps({**FLAT, "453": parties}) + "\n")
    (clue,) = gather(tmp_path).clues
    assert "|453=2|448=a|447=D|448=b|447=D|" in clue.data["wire"]["raw"]


def test_a_request_and_an_answer_in_two_files(ticket: Path, new: New) -> None:
    """A request that one file tells and an answer that another does are one exchange, and that is said."""
    (ticket / "request.txt").write_text(f"POST /order HTTP/1.1\nHost: a.example\n{HEADER_LINES}\n\n{ORDER}\n")
    (ticket / "response.txt").write_text(f"HTTP/1.1 400 Bad Request\nX-Id: 7\n\n{REFUSAL}\n")
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert drafted.case.count("rest: POST /order") == 1
    assert "not enough balance" in drafted.case.partition("symptom:")[2]
    assert "an answer: it is taken for that of request.txt:1:1" in drafted.said


def test_items_of_burp(ticket: Path, new: New) -> None:
    """Burp's saved items, in base64, are their requests and answers."""

    def coded(text: str) -> str:
        return base64.b64encode(text.replace("\n", "\r\n").encode()).decode()

    asked = coded(f"POST /order HTTP/1.1\nHost: clob.example.com\n{HEADER_LINES}\n\n{ORDER}")
    told = coded(f"HTTP/1.1 400 Bad Request\nX-Id: 7\n\n{REFUSAL}")
    item = f'<request base64="true"><![CDATA[{asked}]]></request>\n<status>400</status>\n'
    item += f'<response base64="true"><![CDATA[{told}]]></response>'
    text = (
        f'<?xml version="1.0"?>\n<items burpVersion="2026.1" exportTime="x">\n<item>{item}</item></items>\n'
    )
    (ticket / "items.xml").write_text(text)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "price: 0.5, size: 9" in drafted.case
    assert not leaks(drafted.written + drafted.said, ALICE)


def test_a_har_in_a_mail(ticket: Path, new: New) -> None:
    """A HAR that somebody pasted between words is read as one."""
    refused = entry(0, "POST", "/order", 400, {"error": BALANCE}, json.loads(ORDER), ALICE)
    pasted = json.dumps({"log": {"version": "1.2", "entries": [refused]}}, indent=2)
    (ticket / "mail.txt").write_text(f"Hi,\n\nthis is what it said:\n\n{pasted}\n\nThanks\n")
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "price: 0.5, size: 9" in drafted.case
    assert not leaks(drafted.written + drafted.said, ALICE)


TABLES = {
    "columns": "{tag}\tTheName\t{value}",
    "cells": "| {tag} | TheName | {value} |",
    "named": "TheName (35) = {value}".replace("35", "{tag}"),
    "fields": "{tag}={value}",
}


@pytest.mark.parametrize("row", TABLES.values(), ids=TABLES)
def test_a_field_in_a_line(tmp_path: Path, row: str) -> None:
    """FIX messages that a viewer shows with a field in each line are messages."""
    fields = (("8", "FIX.4.4"), ("9", "5"), ("35", "5"), ("34", "2"), ("49", "A"), ("56", "B"), ("58", "so"))
    shown = "\n".join(row.format(tag=tag, value=value) for tag, value in (*fields, ("10", "000")))
    (tmp_path / "fix.txt").write_text(f"two of them:\n\n{shown}\n\n{shown}\n")
    clues = list(gather(tmp_path).clues)
    assert ["|35=5|34=2|49=A|56=B|58=so|" in clue.data["wire"]["raw"] for clue in clues] == [True, True]


def test_frames_of_socket_io(tmp_path: Path) -> None:
    """What Socket.IO puts around a frame is taken off it."""
    event = {"event_type": "trade", "status": "FAILED"}
    copied = f"42{json.dumps(['message', event])}\t60\t14:05:01.123\n"
    (tmp_path / "ws.txt").write_text(f"\u2b07 {copied}< 42/ws,7{json.dumps(['message', 'PONG'])}\n")
    texts = [clue.data["wire"]["text"] for clue in gather(tmp_path).clues]
    assert json.loads(texts[0]) == event
    assert texts[1] == "PONG"
