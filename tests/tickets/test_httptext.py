"""HTTP messages as text, outcomes that programs print, the debug log of websockets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.evidence.ticket.folder import gather
from harness.model import Kind

from .customer import ALICE, BALANCE, leaks
from .drafted import New

ORDER = json.dumps(ALICE.order(0.5, 9), separators=(",", ":"))
REFUSAL = json.dumps({"error": BALANCE})
DATE = "Mon, 02 Mar 2026 14:05:01 GMT"
RAW = f"""POST /order HTTP/1.1
Host: clob.example.com
POLY_API_KEY: {ALICE.api_key}
Content-Type: application/json

{ORDER}

HTTP/1.1 400 Bad Request
Content-Type: application/json
Date: {DATE}

{REFUSAL}
"""
HEAD = f"POST /order HTTP/1.1\\r\\nHost: clob.example.com\\r\\nPOLY_API_KEY: {ALICE.api_key}\\r\\n\\r\\n"
DEBUGGED = f"""send: b'{HEAD}'
send: b'{ORDER}'
reply: 'HTTP/1.1 400 Bad Request\\r\\n'
header: Date: {DATE}
2026-03-02 14:05:01,500 DEBUG:urllib3:https://clob.example.com:443 "POST /order HTTP/1.1" 400 162
400 {REFUSAL}
"""
URL = "https://clob.example.com/order"
PAIRS = f"""2026-03-02 14:05:01,500 [req] method=POST url={URL} headers={{'a': 'b'}} body={ORDER}
2026-03-02 14:05:01,600 [resp] status=400 url={URL} body={REFUSAL}
"""

PINO = "\n".join(
    json.dumps(row)
    for row in (
        {"time": 1772460301500, "request": {"method": "POST", "url": URL, "data": json.loads(ORDER)}},
        {"time": 1772460301600, "response": {"status": 400, "url": URL, "data": json.loads(REFUSAL)}},
    )
)
AXIOS = {
    "name": "AxiosError",
    "config": {"method": "post", "url": URL, "data": ORDER},
    "response": {"status": 400, "data": json.loads(REFUSAL)},
}
WINSTON = f"2026-03-02T14:05:01.500Z error: Request failed with status code 400 {json.dumps(AXIOS)}\n"
RESTY = f"""2026/03/02 14:05:01.500000 DEBUG RESTY
==============================================================================
~~~ REQUEST ~~~
POST  /order  HTTP/1.1
HOST   : clob.example.com
HEADERS:
\tPOLY_API_KEY: {ALICE.api_key}
BODY   :
{json.dumps(json.loads(ORDER), indent=3)}
------------------------------------------------------------------------------
~~~ RESPONSE ~~~
STATUS       : 400 Bad Request
PROTO        : HTTP/1.1
RECEIVED AT  : 2026-03-02T14:05:01.6Z
TIME DURATION: 11.2ms
HEADERS      :
\tContent-Type: application/json
BODY         :
{json.dumps(json.loads(REFUSAL), indent=3)}
==============================================================================
"""
FOLLOWED = (
    f"POST /order HTTP/1.1\r\nHost: clob.example.com\r\nPOLY_API_KEY: {ALICE.api_key}\r\n\r\n{ORDER}"
    f"HTTP/1.1 400 Bad Request\r\nDate: {DATE}\r\nTransfer-Encoding: chunked\r\n\r\n"
    f"{len(REFUSAL):x}\r\n{REFUSAL}\r\n0\r\n\r\n"
)
TOLD = {
    "raw": RAW,
    "http.client": DEBUGGED,
    "pairs": PAIRS,
    "pino": PINO,
    "winston": WINSTON,
    "resty": RESTY,
    "followed": FOLLOWED,
}


@pytest.mark.parametrize("text", TOLD.values(), ids=TOLD)
def test_http_as_text(ticket: Path, new: New, text: str) -> None:
    """A request and its answer as text become a case with the whole order, red on the evidence."""
    (ticket / "log.txt").write_text(text)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "price: 0.5, size: 9" in drafted.case
    assert "not enough balance" in drafted.case
    assert not leaks(drafted.written + drafted.said, ALICE)


def test_no_answer(ticket: Path, new: New) -> None:
    """A request that is told without an answer is one whose answer never came."""
    (ticket / "log.txt").write_text(RAW.partition("HTTP/1.1 400")[0])
    assert "no answer" in new().case


NODE = f"""placing 0.5
2026-03-02T14:05:01.500Z result {{
  error: '{BALANCE}',
  status: 400
}}
"""
RAISED = f"""2026-03-02 14:05:01 order failed
Traceback: PolyApiException[status_code=400, error_message={{'error': '{BALANCE}'}}]
"""
LOST = "PolyApiException[status_code=None, error_message=Request exception!]\n"


@pytest.mark.parametrize(
    ("text", "shows"),
    [(NODE, "not enough balance"), (RAISED, "not enough balance"), (LOST, "$lost")],
    ids=["node", "exception", "lost"],
)
def test_outcomes_alone(ticket: Path, new: New, text: str, shows: str) -> None:
    """Where only an order's outcome was printed, the draft has the order, guessed and told to be."""
    (ticket / "log.txt").write_text(text)
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert shows in drafted.case.partition("symptom:")[2]
    assert "taken as POST /order" in drafted.said


def test_outcomes_beside_a_log(ticket: Path, new: New) -> None:
    """Where another file tells the exchange, what a program printed of its outcome adds nothing."""
    (ticket / "a.txt").write_text(RAISED)
    (ticket / "b.txt").write_text(RAW)
    assert new().case.count("rest: POST /order") == 1


EVENT = '{"event_type":"trade","status":"FAILED","id":"t-1"}'
WEBSOCKETS = f"""2026-03-02 14:05:01,100 DEBUG    websockets.client = connection is CONNECTING
2026-03-02 14:05:01,101 DEBUG    websockets.client > GET /ws/user HTTP/1.1
2026-03-02 14:05:01,101 DEBUG    websockets.client > Host: ws.example.com
2026-03-02 14:05:01,110 DEBUG    websockets.client < HTTP/1.1 101 Switching Protocols
2026-03-02 14:05:01,110 DEBUG    websockets.client = connection is OPEN
2026-03-02 14:05:01,111 DEBUG    websockets.client > TEXT '{{"type":"user"}}' [15 bytes]
2026-03-02 14:05:01,900 DEBUG    websockets.client < TEXT '{EVENT}' [51 bytes]
2026-03-02 14:05:02,000 DEBUG    websockets.client % sent keepalive ping
2026-03-02 14:05:03,000 DEBUG    websockets.client < CLOSE 1008 (policy violation) slow [6 bytes]
"""


def test_websockets(tmp_path: Path) -> None:
    """The debug log of Python's websockets is a log of frames with their times."""
    (tmp_path / "bot.log").write_text(WEBSOCKETS)
    found = list(gather(tmp_path).clues)
    assert [clue.kind for clue in found] == [Kind.OPEN, Kind.SEND, Kind.PUSH, Kind.CLOSED]
    assert found[2].data["wire"]["text"] == EVENT
    assert (found[3].data["code"], found[0].channel) == (1008, "ws.user")
    assert all(clue.stamp is not None for clue in found)


def test_names_that_tell(ticket: Path, new: New) -> None:
    """A key in a query or in a file's name stands in no file and not on the terminal."""
    query = "apikey=summer-22-moon&token_id=7"
    name = f"{ALICE.key}_{ALICE.secret[:20]}.log"
    (ticket / name).write_text(RAW.replace("POST /order", f"POST /order?{query}"))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "summer-22-moon" not in drafted.written + drafted.said
    assert ALICE.secret[:20] not in drafted.said
    assert not leaks(drafted.written + drafted.said, ALICE)


ACCESS = '10.0.0.5 - - [02/Mar/2026:06:05:01 -0800] "POST /order HTTP/1.1" 400 162 "-" "py_clob_client_v2"'
URLLIB3 = '2026-03-02 14:05:01,500 DEBUG:urllib3:https://clob.example.com:443 "POST /order HTTP/1.1" 400 162'


@pytest.mark.parametrize("line", [ACCESS, URLLIB3], ids=["proxy", "urllib3"])
def test_access_lines(tmp_path: Path, line: str) -> None:
    """A line of a proxy's log, or of urllib3, tells method, target, status and time, and no bodies."""
    (tmp_path / "access.log").write_text(line + "\n")
    send, answer = gather(tmp_path).clues
    assert (send.data["wire"]["target"], answer.data["wire"]["status"]) == ("/order", 400)
    assert send.stamp is not None
    assert send.stamp.us // 1_000_000 == 1772460301


def test_a_stream_of_which_only_the_events_were_kept(ticket: Path, new: New) -> None:
    """Where a log tells only what came, the subscription is guessed, and no bytes are made up for it."""
    event = EVENT.replace('"id"', '"size":"5","id"')
    (ticket / "ws.log").write_text(f"Mar  2 14:05:01 {event}\n")
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "# guessed: the log tells only what came" in drafted.case
    assert "shows: {event_type: trade, status: FAILED}" in drafted.case
    assert '"text_omitted":"the log tells only what came"' in drafted.written


def test_fix_whose_separators_became_spaces(tmp_path: Path) -> None:
    """A FIX message that came through a mail program with spaces for SOH is read; a text keeps its own."""
    text = "8=FIXT.1.1 9=70 35=5 34=2 49=A 56=B 52=20260302-14:05:01.100 58=too low, 5 of 7 10=000 "
    (tmp_path / "fix.txt").write_text(text + "\n")
    (clue,) = gather(tmp_path).clues
    assert "|58=too low, 5 of 7|" in clue.data["wire"]["raw"]
