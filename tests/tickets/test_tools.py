"""What HTTP tools, browsers' consoles and proxies write of a request and its answer, each in its own way."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from pathlib import Path

import pytest

from harness.evidence.ticket.folder import gather
from harness.model import Kind

from .customer import ALICE, BALANCE, HOST, TOKEN, leaks
from .drafted import New

ORDER = json.dumps(ALICE.order(0.5, 9), separators=(",", ":"))
REFUSAL = json.dumps({"error": BALANCE})
HEADERS = dict(ALICE.headers)
HEADER_LINES = "\n".join(f"{name}: {value}" for name, value in HEADERS.items())


def fetched() -> str:
    """Chrome's `Copy as fetch`, with the answer pasted in a comment below."""
    options = {"headers": HEADERS, "body": ORDER, "method": "POST", "mode": "cors"}
    call = f'fetch("{HOST}/order", {json.dumps(options, indent=2)});'
    return f"> {call}\n\n// 400 Bad Request\n// {REFUSAL}\n"


def scripted() -> str:
    """A `fetch()` that somebody wrote: names without quotes, and a body that JSON.stringify makes."""
    headers = json.dumps(HEADERS)
    return (
        f"const r = await fetch('{HOST}/order', {{ method: 'POST', headers: {headers},\n"
        f"  body: JSON.stringify({json.dumps(json.loads(ORDER), indent=2)}),\n}});\n\n"
        f"printed 400\n{REFUSAL}\n"
    )


def for_cmd() -> str:
    """`Copy as cURL (cmd)` pasted behind a prompt of Windows, and its answer."""

    def quoted(text: str) -> str:
        return '^"' + text.replace("^", "^^").replace('"', '^\\^"') + '^"'

    rows = [f"C:\\Users\\x>curl {quoted(f'{HOST}/order')}"]
    rows += [f"  -H {quoted(f'{name}: {value}')}" for name, value in HEADERS.items()]
    return " ^\r\n".join((*rows, f"  --data-raw {quoted(ORDER)}")) + f"\r\n{REFUSAL}\r\n"


def timeline() -> str:
    """Insomnia's timeline: `>` and `<` before headers, `|` before what was sent, notes of libcurl between."""
    head = "\n".join(f"> {line}" for line in HEADER_LINES.splitlines())
    return (
        f"* Preparing request to {HOST}/order\n* Current time is 2026-03-02T14:05:01.500Z\n\n"
        f"> POST /order HTTP/1.1\n> Host: clob.example.com\n{head}\n\n| {ORDER}\n\n"
        "* We are completely uploaded and fine\n\n"
        f"< HTTP/1.1 400 Bad Request\n< Content-Type: application/json\n\n\n"
        f"* Received 99 B chunk\n\n{REFUSAL}\n"
    )


def traced() -> str:
    """curl's `--trace-ascii`, in lines of 64 characters."""

    def cells(text: str) -> str:
        at, told = 0, ""
        for line in text.split("\r\n"):
            for start in range(0, max(len(line), 1), 64):
                told += f"{at:04x}: {line[start : start + 64]}\n"
                at += len(line[start : start + 64])
            at += 2
        return told

    head = f"POST /order HTTP/1.1\r\nHost: clob.example.com\r\n{HEADER_LINES}\r\n".replace("\r\n", "\n")
    head = head.replace("\n", "\r\n")
    return (
        f"== Info: Connected\n=> Send header, 300 bytes (0x12c)\n{cells(head)}"
        f"=> Send data, 700 bytes (0x2bc)\n{cells(ORDER)}== Info: upload completely sent off\n"
        f"<= Recv header, 26 bytes (0x1a)\n{cells('HTTP/1.1 400 Bad Request')}"
        f"<= Recv header, 2 bytes (0x2)\n{cells('')}<= Recv data, 99 bytes (0x63)\n{cells(REFUSAL)}"
    )


def session_of_charles() -> str:
    """A session of Charles as JSON: host and path apart, headers two levels down."""
    rows = [{"name": name, "value": value} for name, value in HEADERS.items()]
    exchange = {
        "status": "COMPLETE",
        "method": "POST",
        "scheme": "https",
        "host": "clob.example.com",
        "port": 443,
        "path": "/order",
        "query": None,
        "times": {"start": "2026-03-02T15:05:01.500+01:00", "end": "2026-03-02T15:05:01.600+01:00"},
        "request": {"header": {"headers": rows}, "body": {"text": ORDER, "charset": None}},
        "response": {"status": 400, "header": {"headers": []}, "body": {"text": REFUSAL}},
    }
    return json.dumps([exchange])


def debugger() -> str:
    """A debugger's export: names of its own, bodies in base64, Unix times in milliseconds."""
    exchange = {
        "id": 7,
        "startTime": 1772460301500,
        "request": {
            "Method": "post",
            "Url": {"raw": f"{HOST}/order"},
            "rawHeaders": [[name, value] for name, value in HEADERS.items()],
            "body": {"buffer": {"encoded": base64.b64encode(ORDER.encode()).decode()}},
        },
        "response": {
            "Status Code": "400 Bad Request",
            "headers": {"content-type": ["application/json"]},
            "body": {"encoding": "base64", "data": base64.b64encode(REFUSAL.encode()).decode()},
        },
    }
    return json.dumps({"version": 3, "events": [exchange]}, indent=1)


def requests_file() -> str:
    """An `.http` file with variables, and the answer pasted below its request."""
    head = HEADER_LINES.replace(ALICE.passphrase, "{{ pass }}")
    return (
        f"@host = {HOST}\n@pass = {ALICE.passphrase}\n\n"
        f"### buy\n# @no-log\nPOST {{{{host}}}}/order\n{head}\n\n"
        f"{json.dumps(json.loads(ORDER), indent=2)}\n\nHTTP/1.1 400 Bad Request\nX-Id: 7\n\n{REFUSAL}\n"
    )


FORMS = (fetched, scripted, for_cmd, timeline, traced, session_of_charles, debugger, requests_file)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_order_and_refusal(ticket: Path, new: New, form: object) -> None:
    """Whatever tool told it, an order and its refusal are a case red on the evidence, and no secret stays."""
    assert callable(form)
    (ticket / "sent.txt").write_bytes(form().encode())
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "price: 0.5, size: 9" in drafted.case
    assert "not enough balance" in drafted.case.partition("symptom:")[2]
    assert not leaks(drafted.written + drafted.said, ALICE)


def test_answers_in_files(ticket: Path, new: New) -> None:
    """An answer that an editor saved in a file of its own is its request's, with the status in its name."""
    (ticket / "saved").mkdir()
    (ticket / "saved" / "2026-03-02T140501-2.400.json").write_text(REFUSAL)
    (ticket / "saved" / "2026-03-01T140501-1.200.json").write_text('{"success": true}')
    text = f"### buy\nPOST {HOST}/order\n{HEADER_LINES}\n\n{ORDER}\n\n<> saved/2026-03-02T140501-2.400.json\n"
    text += "<> saved/2026-03-01T140501-1.200.json\n\n###\nGET https://clob.example.com/ok\n"
    (ticket / "buy.http").write_text(text)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "not enough balance" in drafted.case.partition("symptom:")[2]


@pytest.mark.parametrize("name", ["../outside.json", "/etc/hostname", ".hidden", "linked/outside.json"])
def test_only_the_tickets_own_files_are_read(tmp_path: Path, name: str) -> None:
    """A file that a text names is read where it lies in the ticket, and nowhere else."""
    ticket, other = tmp_path / "ticket", tmp_path / "other"
    ticket.mkdir()
    other.mkdir()
    for place in (tmp_path, other):
        (place / "outside.json").write_text('{"error": "of somebody else"}')
    (ticket / ".hidden").write_text('{"error": "of somebody else"}')
    (ticket / "linked").symlink_to(other)
    (ticket / "a.http").write_text(f"###\nPOST {HOST}/order\nA: b\n\n{{}}\n\n<> {name}\n")
    answers = [clue for clue in gather(ticket).clues if clue.kind is Kind.ANSWER]
    assert ["body_omitted" in clue.data["wire"] for clue in answers] == [True]


def test_what_a_text_names_is_no_request(ticket: Path, new: New) -> None:
    """A method and an address in a mail, with nothing sent and nothing answered, is no request."""
    (ticket / "mail.txt").write_text(f"please look at\nGET {HOST}/book\nit is empty\n")
    assert new().code == 2


def test_a_fetch_of_a_programs_values_is_told(ticket: Path, new: New) -> None:
    """A call whose body only the program knows is told, with what to ask for."""
    (ticket / "mail.txt").write_text(f'fetch("{HOST}/order", options)\n')
    drafted = new()
    assert drafted.code == 2
    assert "what it sends stands in a variable" in drafted.said


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
