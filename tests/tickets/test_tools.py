"""What HTTP tools, browsers' consoles and proxies write of a request and its answer, each in its own way."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from harness.evidence.ticket.folder import gather
from harness.model import Kind

from .customer import ALICE, BALANCE, HOST, leaks
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
