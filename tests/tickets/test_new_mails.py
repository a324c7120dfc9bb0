"""`harness new` on what mails, wikis and bots' logs make of a request or of a FIX session."""

from __future__ import annotations

import json
import quopri
from pathlib import Path

import pytest

from .customer import ALICE, BALANCE, leaks
from .drafted import New

ORDER = json.dumps(ALICE.order(0.5, 9), separators=(",", ":"))
REFUSAL = json.dumps({"error": BALANCE})
URL = "https://clob.example.com/order"
CURL = f"curl -X POST '{URL}' -H 'POLY_API_KEY: {ALICE.api_key}' -d '{ORDER}'"


def carets(text: str) -> str:
    """A text as Chrome escapes it for Windows' cmd, inside of quotes."""
    return "".join("^\\^" + char if char == '"' else f"^{char}" if char in "{}%" else char for char in text)


CMD = f'curl ^"{URL}^" ^\r\n  -H ^"POLY_API_KEY: {ALICE.api_key}^" ^\r\n  --data-raw ^"{carets(ORDER)}^"\r\n'
BENT = CURL.replace("'", "\u2019").replace('"', "\u201d")
ROW = {"method": "POST", "url": URL}
SENT = {**ROW, "event": "sent", "body": ORDER, "timestamp": "2026-03-02T14:05:01.100Z"}
CAME = {**ROW, "event": "came", "status": 400, "body": REFUSAL, "timestamp": "2026-03-02T14:05:01.130Z"}
PINO = {
    "level": 30,
    "time": 1772460301100,
    "hostname": "janes-laptop",
    "req": {**ROW, "body": json.loads(ORDER)},
    "res": {"statusCode": 400, "body": json.loads(REFUSAL)},
}
HTTPX = f'HTTP Request: POST {URL} "HTTP/2 400 Bad Request"'
CLIENT = f"[py_clob_client_v2] request error status=400 url={URL} body={REFUSAL}"
LINE = {"ts": "2026-03-02T14:05:01.100Z", "level": "INFO"}

FORMS = {
    "cURL and its bare answer": f"Hello,\n\n{CURL}\n\nresponse was:\n{REFUSAL}\nThanks\n",
    "quoted in a reply": f"> {CURL}\n> {REFUSAL}\n",
    "an answer in lines": f"{CURL}\n400 Bad Request\n{json.dumps(json.loads(REFUSAL), indent=2)}\n",
    "bent quotes": f"{BENT}\n{REFUSAL.replace(chr(34), chr(0x201D))}\n",
    "Windows' cmd": f"It says no:\r\n{CMD}\r\n{REFUSAL}\r\n",
    "escapes of HTML": f"{CURL}\n{REFUSAL}\n".replace("&", "&amp;").replace('"', "&quot;"),
    "structlog": f"{json.dumps(SENT)}\n{json.dumps(CAME)}\n",
    "pino": f"{json.dumps(PINO)}\n",
    "plain lines": f"2026-03-02 15:05:01 | DEBUG | POST {URL} {ORDER}\n2026-03-02 15:05:02 | 400 {REFUSAL}\n",
    "httpx in JSON lines": "\n".join(json.dumps({**LINE, "message": text}) for text in (HTTPX, CLIENT)),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(ticket: Path, new: New, form: str) -> None:
    """Every form in which people send one refused order makes a case that is red on it, and leaks nothing."""
    (ticket / "mail.txt").write_bytes(FORMS[form].encode())
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "not enough balance / allowance" in drafted.case
    assert not leaks(drafted.written + drafted.said, ALICE)
    assert "janes-laptop" not in drafted.written


@pytest.mark.parametrize("coding", ["latin-1", "utf-16", "utf-16-le", "utf-8-sig"])
def test_codings(ticket: Path, new: New, coding: str) -> None:
    """A text of Windows is read, with a mark of its coding or without."""
    (ticket / "mail.txt").write_bytes(f"Gr\u00fc\u00dfe\n{CURL}\n{REFUSAL}\n".encode(coding))
    assert new().code == 0


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("Invoke-WebRequest @parameters", "a PowerShell command: it is not read"),
        (f'requests.post("{URL}", json=order)', "a request of a Python script: it is not read"),
        ("PolyApiException[status_code=400]", "an exception of the client, which tells no request"),
    ],
)
def test_scripts(ticket: Path, new: New, script: str, told: str) -> None:
    """What is no cURL is told, with what to ask for, also where no draft comes of the ticket."""
    (ticket / "mail.txt").write_text(f"{script}\n")
    drafted = new()
    assert drafted.code == 2
    assert told in drafted.said
    assert "ask for the request as cURL" in drafted.said


def test_nothing_but_words(ticket: Path, new: New) -> None:
    """A mail without any message is no empty file."""
    (ticket / "mail.txt").write_text("Hello,\nmy order was refused.\n")
    assert "2 lines of plain words, no request or message" in new().said


@pytest.mark.parametrize("words", ["private key: {}", "PRIVATE_KEY={}", "my seed\n{}", "secret {}"])
def test_a_key_in_a_mail(ticket: Path, new: New, words: str) -> None:
    """32 bytes that are called a key are no transaction: they are neither told nor looked up."""
    (ticket / "mail.txt").write_text(f"{words.format(ALICE.key)}\n{CURL}\n{REFUSAL}\n")
    drafted = new()
    assert drafted.code == 0
    assert not leaks(drafted.written + drafted.said, ALICE)


MNEMONIC = "legal winner thank year wave sausage worth useful legal winner thank yellow"


@pytest.mark.parametrize("before", range(0, 90, 9))
def test_a_mnemonic_where_a_text_is_cut(ticket: Path, new: New, before: int) -> None:
    """A title and a story are cut behind what is secret was taken out: no half of a mnemonic is left."""
    answer = json.dumps({"error": f"invalid signature {'x' * before} for {MNEMONIC}"})
    (ticket / "mail.txt").write_text(f"{CURL}\n{answer}\n")
    drafted = new()
    assert "sausage" not in drafted.written
    assert "winner thank" not in drafted.written


def test_what_looks_like_a_reference(ticket: Path, new: New) -> None:
    """What looks like a reference in the customer's words is none."""
    body, answer = {"note": "${nope}", "who": "${alice.address}"}, {"error": "odd ${x} $HOME {y} # z"}
    (ticket / "mail.txt").write_text(f"curl '{URL}' -d '{json.dumps(body)}'\n{json.dumps(answer)}\n")
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "$${nope}" in drafted.case


def message(sender: str, target: str, number: int, second: int, *fields: str) -> str:
    """A FIX message with `|` in the place of SOH."""
    kind, *rest = fields
    parts = [
        f"35={kind}",
        f"34={number}",
        f"49={sender}",
        f"56={target}",
        f"52=20260302-14:05:{second:02d}.000",
    ]
    body = "".join(f"{part}\x01" for part in (*parts, *rest))
    whole = f"8=FIX.4.4\x019={len(body)}\x01{body}"
    return f"{whole}10={sum(whole.encode()) % 256:03d}\x01".replace("\x01", "|")


def session() -> list[str]:
    """A logon with a password, an order, and its refusal."""
    mine, theirs = ("JANEROE-9", "EXCH"), ("EXCH", "JANEROE-9")
    logon = ("A", "98=0", "108=30", "141=Y")
    order = ("D", "50=jroe", "11=O-1", "55=TRUMP24", "54=1", "38=10", "44=0.555", "40=2")
    return [
        message(*mine, 1, 1, *logon, "553=jroe", "554=Passw0rd!x"),
        message(*theirs, 1, 1, *logon),
        message(*mine, 2, 2, *order, "60=20260302-14:05:02.000"),
        message(*theirs, 2, 3, "3", "45=2", "371=44", "372=D", "373=5", "58=Value is incorrect"),
    ]


def wrapped(text: str, width: int) -> str:
    """A text in lines of a width, as a mail program breaks it."""
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


FIX_FORMS = {
    "wrapped": "\n".join(wrapped(each, 60) for each in session()),
    "quoted-printable": quopri.encodestring("\n".join(session()).encode()).decode(),
    "HTML": "<p>Hi</p><pre>" + "<br>\n".join(each.replace("|", "&#1;") for each in session()) + "</pre>",
    "a reply": "\n".join(f"> {each}" for each in session()),
    "in JSON lines": "\n".join(json.dumps({**LINE, "msg": each}) for each in session()),
}


@pytest.mark.parametrize("form", FIX_FORMS)
def test_fix(ticket: Path, new: New, form: str) -> None:
    """A FIX session that was pasted somewhere is read as it was, and names nobody in what is written."""
    (ticket / "JANEROE-9.log").write_text(f"Hello\n{FIX_FORMS[form]}\nplease help\n")
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "shows: {Reject: {Text: Value is incorrect}}" in drafted.case
    assert (
        'where: {$either: [{ExecutionReport: {ClOrdID: "${order.ClOrdID}"}}, {Reject: {$present}}]}'
        in drafted.case
    )
    for name in ("JANEROE", "jroe", "Passw0rd"):
        assert name not in drafted.written


def test_a_form(ticket: Path, new: New) -> None:
    """A form with a file that lies in the ticket is sent by the draft as it was, and proven on that."""
    (ticket / "kyc.txt").write_text("my passport")
    (ticket / "mail.txt").write_text(
        "curl https://clob.example.com/profile -F name=x -F 'doc=@/home/me/kyc.txt;type=text/plain'\n"
        '{"error": "form too short"}\n'
    )
    made = new()
    assert made.code == 0, made.said
    assert "a form (-F): its boundary is ours, since curl makes a new one each time" in made.said
    assert 'headers: {Content-Type: "multipart/form-data; boundary=' in made.case
    assert "my passport" in made.case
    assert "/home/me" not in made.written


def test_powershell(ticket: Path, new: New) -> None:
    """A command for PowerShell and what it printed make a case that is proven."""
    command = f'Invoke-RestMethod -Uri "{URL}" `\n-Method DELETE `\n-Body "{{`"orderID`":`"0x1`"}}"'
    (ticket / "mail.txt").write_text(f'Hi,\n{command}\nInvoke-RestMethod : {{"error":"no such order"}}\n')
    made = new()
    assert made.code == 0, made.said
    assert "rest: DELETE /order" in made.case
    assert 'json: {orderID: "0x1"}' in made.case
