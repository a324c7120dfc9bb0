"""Texts of no known form: logs of loggers with names of their own, mails, exports, as exchanges."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from harness.evidence.ticket.folder import gather
from harness.model import Kind

from .customer import ALICE, BALANCE
from .drafted import New

ORDER = ALICE.order(0.5, 9)
BODY = json.dumps(ORDER, separators=(",", ":"))
REFUSAL = json.dumps({"error": BALANCE}, separators=(",", ":"))
TAKEN = json.dumps({"success": True, "errorMsg": "", "orderID": "0x" + "ab" * 32, "status": "live"})
URL = "https://clob.example.com/order"
AT, THEN = "2026-03-02T14:05:01.123Z", "2026-03-02T14:05:01.140Z"


def escaped(text: str) -> str:
    """A text between quotes, as Go, Rust and C write it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "\\r\\n") + '"'


HTTP = f"POST /order HTTP/1.1\r\nHost: clob.example.com\r\nContent-Type: application/json\r\n\r\n{BODY}"
ANSWER = f"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n\r\n{REFUSAL}"
OKHTTP = "02-03-2026 14:05:01.123 [OkHttp] DEBUG c.e.HttpLog - "
LOGS = {
    "logfmt": (
        f"time={AT} level=info msg=petición method=POST url={URL} body={escaped(BODY)}",
        f"time={THEN} level=error msg=respuesta method=POST url={URL} status=400 body={escaped(REFUSAL)}",
    ),
    "rows joined by an id": (
        json.dumps({"ts": AT, "request_id": "r1", "http_method": "POST", "endpoint": URL, "payload": ORDER}),
        json.dumps({"ts": AT, "event": "tick", "bid": 0.5}),
        json.dumps({"ts": THEN, "request_id": "r1", "http_status": 400, "result": json.loads(REFUSAL)}),
    ),
    "serilog": (
        json.dumps({"@t": AT, "@mt": "HTTP {Method} {Uri}", "Method": "POST", "Uri": URL, "Content": BODY}),
        json.dumps(
            {
                "@t": THEN,
                "@mt": "HTTP {Method} {Uri} responded {StatusCode}",
                "Method": "POST",
                "Uri": URL,
                "StatusCode": 400,
                "Response": REFUSAL,
            }
        ),
    ),
    "a prefix before every line": (
        f"{OKHTTP}--> POST {URL} http/1.1",
        f"{OKHTTP}POLY_ADDRESS: {ALICE.address}",
        OKHTTP,
        f"{OKHTTP}{BODY}",
        f"{OKHTTP}--> END POST (758-byte body)",
        f"{OKHTTP}<-- 400 {URL} (17ms)",
        OKHTTP,
        f"{OKHTTP}{REFUSAL}",
        f"{OKHTTP}<-- END HTTP (27-byte body)",
    ),
    "Debug of Rust": (
        f'{AT} DEBUG bot: request=Request {{ method: POST, url: Url {{ scheme: "https", host: '
        f'Some(Domain("clob.example.com")), path: "/order", query: None }}, headers: '
        f'{{"content-type": "application/json"}} }} body={escaped(BODY)}',
        f"{THEN} DEBUG bot: response=Response {{ status: 400, headers: "
        f'{{"content-type": "application/json"}} }} body={escaped(REFUSAL)}',
    ),
    "strace": (
        f"812 14:05:01.123456 sendto(5, {escaped(HTTP)}, 758, MSG_NOSIGNAL, NULL, 0) = 758",
        f"812 14:05:01.140456 recvfrom(5, {escaped(ANSWER)}, 65536, 0, NULL, NULL) = 211",
    ),
    "an error of axios": (
        "Mon Mar 02 2026 14:05:01 GMT+0000 (Coordinated Universal Time) FAILED AxiosError: Request failed {",
        "  config: {",
        "    env: { FormData: [Function] },",
        "    headers: Object [AxiosHeaders] { 'Content-Type': 'application/json' },",
        "    method: 'post',",
        f"    url: '{URL}',",
        f"    data: '{BODY}'",
        "  },",
        "  request: <ref *1> ClientRequest { method: 'POST', path: '/order' },",
        f"  response: {{ status: 400, data: {{ error: '{BALANCE}' }} }}",
        "}",
    ),
    "bodies beside an access line": (
        f"2026-03-02 14:05:01,123 - bot - INFO - Gönderiliyor: {BODY}",
        '2026-03-02 14:05:01,140 - urllib3 - DEBUG - https://x:443 "POST /order HTTP/1.1" 400 27',
        f"2026-03-02 14:05:01,141 - bot - INFO - Yanıt: {REFUSAL}",
    ),
    "a table that was pasted": (
        "When (CET)\tVerb\tEndpoint\tSent\tHTTP\tReceived",
        f"02.03.2026 15:05:01\tPOST\t/order\t{BODY}\t400\t{REFUSAL}",
    ),
    "HTML inside XML": (
        "<item><description>&lt;p&gt;We call POST /order:&lt;/p&gt;",
        f"&lt;pre&gt;{BODY.replace(chr(34), '&amp;quot;')}&lt;/pre&gt;&lt;p&gt;and get HTTP 400&lt;/p&gt;",
        f"&lt;pre&gt;{REFUSAL.replace(chr(34), '&amp;quot;')}&lt;/pre&gt;</description></item>",
    ),
    "a mail": (
        "Guten Tag, wir haben eine Order geschickt:",
        f"> POST {URL}",
        f"> {BODY}",
        "Die Antwort war 400 Bad Request:",
        f"> {REFUSAL}",
    ),
}


def told(tmp_path: Path, *lines: str) -> list[dict[str, Any]]:
    """What each event of a text of these lines was on the wire."""
    (tmp_path / "text.log").write_text("\n".join(lines) + "\n")
    return [clue.data["wire"] for clue in gather(tmp_path).clues]


@pytest.mark.parametrize("lines", LOGS.values(), ids=LOGS)
def test_an_order_and_its_refusal(tmp_path: Path, lines: tuple[str, ...]) -> None:
    """A request and its answer are found in a text of any form, each with its whole body."""
    asked, answered = told(tmp_path, *lines)
    assert (asked["method"], asked["target"]) == ("POST", "/order")
    assert json.loads(asked["body"]) == ORDER
    assert answered["status"] == 400
    assert json.loads(answered["body"]) == {"error": BALANCE}


@pytest.mark.parametrize("lines", LOGS.values(), ids=LOGS)
def test_a_text_becomes_a_proven_case(ticket: Path, new: New, lines: tuple[str, ...]) -> None:
    """A draft of such a text is red on it at the refused order, and no signature is in case or cassette."""
    (ticket / "text.log").write_text("\n".join(lines))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "price: 0.5, size: 9" in drafted.case
    assert "not enough balance" in drafted.case
    assert str(ORDER["order"]["signature"]) not in drafted.said + drafted.written


def test_answers_that_cross_find_their_requests(tmp_path: Path) -> None:
    """Where two requests are open at once, an id says which of them an answer is of."""
    rows = [
        {"time": AT, "trace_id": "a", "method": "POST", "url": URL, "request": ORDER},
        {"time": AT, "trace_id": "b", "method": "POST", "url": URL, "request": {**ORDER, "orderType": "FOK"}},
        {"time": THEN, "trace_id": "b", "status_code": 400, "response": json.loads(REFUSAL)},
        {"time": THEN, "trace_id": "a", "status_code": 200, "response": json.loads(TAKEN)},
    ]
    (tmp_path / "bot.log").write_text("\n".join(map(json.dumps, rows)))
    clues = list(gather(tmp_path).clues)
    asked = {clue.pair: json.loads(clue.data["wire"]["body"]) for clue in clues if clue.kind is Kind.SEND}
    came = {clue.pair: clue.data["wire"]["status"] for clue in clues if clue.kind is Kind.ANSWER}
    assert {asked[pair]["orderType"]: status for pair, status in came.items()} == {"GTC": 200, "FOK": 400}


def test_a_poll_that_is_answered_the_same(tmp_path: Path) -> None:
    """Each request of a poll keeps its answer's body, also where the answer before it was the same."""
    said = json.dumps({"data": [], "next_cursor": "LTE="})
    asked = {"time": AT, "method": "GET", "url": f"{URL}s"}
    rows = [asked, {**asked, "method": "", "status": 200, "body": said}] * 4
    (tmp_path / "bot.log").write_text("\n".join(map(json.dumps, rows)))
    answers = [clue.data["wire"] for clue in gather(tmp_path).clues if clue.kind is Kind.ANSWER]
    assert [answer.get("body") for answer in answers] == [said.replace(" ", "")] * 4


def test_an_export_whose_newest_row_is_first(tmp_path: Path) -> None:
    """Rows of a viewer of logs are read in the order of their times, each body to its message."""
    rows = (
        ("2026-03-02T14:05:01.141Z", f"Response content: {REFUSAL}"),
        ("2026-03-02T14:05:01.140Z", "Received HTTP response headers after 12.1ms - 400"),
        ("2026-03-02T14:05:01.124Z", f"Request content: {BODY}"),
        ("2026-03-02T14:05:01.123Z", f"Sending HTTP request POST {URL}"),
    )
    out = io.StringIO()
    csv.writer(out).writerows((("Date", "Message"), *rows))
    (tmp_path / "extract.csv").write_text(out.getvalue())
    asked, answered = (clue.data["wire"] for clue in gather(tmp_path).clues)
    assert json.loads(asked["body"]) == ORDER
    assert (answered["status"], json.loads(answered["body"])) == (400, {"error": BALANCE})


def test_rows_inside_the_lines_of_an_export(tmp_path: Path) -> None:
    """Loki's pairs of a time and a line are read where the lines are rows themselves."""
    rows = (
        {"span": "a", "method": "POST", "url": URL, "payload": ORDER},
        {"span": "a", "status_code": 403, "body": "<!DOCTYPE html>\n<p>blocked</p>"},
    )
    values = [[str(1772460301_000000000 + at * 10**6), json.dumps(row)] for at, row in enumerate(rows)]
    (tmp_path / "loki.json").write_text(json.dumps({"data": {"result": [{"values": values[::-1]}]}}))
    asked, answered = (clue.data["wire"] for clue in gather(tmp_path).clues)
    assert json.loads(asked["body"]) == ORDER
    assert (answered["status"], "blocked" in answered["body"]) == (403, True)


def test_spans_of_opentelemetry(tmp_path: Path) -> None:
    """A row whose fields stand in a list of names and values is read as if they were its own."""
    fields = {"http.request.method": "POST", "url.full": URL, "http.request.body": BODY}
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in fields.items()]
    attributes.append({"key": "http.response.status_code", "value": {"intValue": "400"}})
    attributes.append({"key": "http.response.body", "value": {"stringValue": REFUSAL}})
    span = {"traceId": "1", "startTimeUnixNano": "1772460301000000000", "attributes": attributes}
    (tmp_path / "traces.json").write_text(
        json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})
    )
    asked, answered = (clue.data["wire"] for clue in gather(tmp_path).clues)
    assert json.loads(asked["body"]) == ORDER
    assert (answered["status"], json.loads(answered["body"])) == (400, {"error": BALANCE})


def test_a_batch_in_a_mail(ticket: Path, new: New) -> None:
    """Orders of one request that prose quotes, one of them refused beside `success`, are a proven case."""
    taken = {"success": True, "errorMsg": "", "orderID": "0x" + "ab" * 32, "status": "live"}
    rows = [{"success": True, "errorMsg": "order timed out", "orderID": "", "status": ""}, taken]
    orders = [ORDER, ALICE.order(0.4, 7)]
    (ticket / "mail.txt").write_text(
        f"Bonjour, nous envoyons POST {URL}s :\n\n{json.dumps(orders, indent=1)}\n\n"
        f"La réponse est 200, mais un des ordres est refusé :\n\n{json.dumps(rows, indent=1)}\n"
    )
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "rest: POST /orders" in drafted.case
    assert "order timed out" in drafted.case


def test_frames_inside_the_rows_of_a_log(ticket: Path, new: New) -> None:
    """Messages of a stream that a logger keeps as texts in rows are frames; their keys are kept nowhere."""
    auth = {"apiKey": ALICE.api_key, "secret": ALICE.secret, "passphrase": ALICE.passphrase}
    trade = {"event_type": "trade", "id": "7f0c", "status": "MATCHED", "side": "BUY", "size": "5"}
    said = ({"type": "user", "auth": auth}, trade, {**trade, "status": "FAILED"})
    rows = [
        {"ts": 1772460301.5 + at, "msg": "ws", "payload": json.dumps(each)} for at, each in enumerate(said)
    ]
    (ticket / "ws.log").write_text("\n".join(map(json.dumps, rows)))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "status: FAILED" in drafted.case
    for secret in ALICE.secrets:
        assert secret not in drafted.said + drafted.written


def test_headers_of_a_read_are_no_body(ticket: Path, new: New) -> None:
    """What a log prints as the headers of a GET is not sent as its body."""
    (ticket / "bot.log").write_text(
        f"{AT} DEBUG -> GET https://clob.example.com/data/orders headers={{'POLY_ADDRESS': "
        f"'{ALICE.address}', 'Content-Type': 'application/json'}} data=None\n"
        f'{THEN} DEBUG <- 401 {{"error": "Unauthorized/Invalid api key"}}\n'
    )
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "rest: GET /data/orders" in drafted.case
    assert "json:" not in drafted.case


def test_what_a_mail_leaves_out_is_told(ticket: Path, new: New) -> None:
    """An order without method and URL, and a refusal without a status, are taken for what they are: told."""
    (ticket / "mail.txt").write_text(f"We sent this:\n\n{json.dumps(ORDER, indent=2)}\n\nand got {REFUSAL}\n")
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "the request: nothing tells it: taken as POST /order" in drafted.said
    assert "the answer's status: nothing tells it: taken as 400" in drafted.said


def test_comments_of_an_export(ticket: Path, new: New) -> None:
    """The comments of a help desk's export are read as the mails that they were."""
    words = f"We sent POST /order with\n\n{BODY}\n\nand your API answered with HTTP 400:\n\n{REFUSAL}"
    row = {"id": 1, "type": "Comment", "body": words, "html_body": f"<p>{words}</p>", "created_at": AT}
    (ticket / "export.json").write_text(json.dumps({"ticket": {"id": 7}, "comments": [row]}))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "size: 9" in drafted.case
