"""Logs that bots write in their own way: rows of JSON under other names, plain lines, lines below lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.evidence.ticket.folder import gather
from harness.model import Kind

from .customer import ALICE, BALANCE

ORDER = json.dumps(ALICE.order(0.5, 9), separators=(",", ":"))
REFUSAL = json.dumps({"error": BALANCE}, separators=(",", ":"))
URL = "https://clob.example.com/order"
AT = "2026-03-02T14:05:01.123Z"


def told(tmp_path: Path, *lines: str) -> list[dict[str, Any]]:
    """What each event of a log of these lines was on the wire."""
    (tmp_path / "bot.log").write_text("\n".join(lines) + "\n")
    return [clue.data["wire"] for clue in gather(tmp_path).clues]


def test_a_flat_row_with_its_host_beside_its_path(tmp_path: Path) -> None:
    """A row that tells host, path and both bodies under names of its own is a request and its answer."""
    row = {"ts": 1772460301.5, "method": "POST", "uri": "/order", "host": "clob.example.com"}
    row |= {"req_headers": {"x-a": "1"}, "req_body": ORDER, "status": 400, "resp_body": REFUSAL}
    asked, answered = told(tmp_path, json.dumps(row))
    assert (asked["base"], asked["target"], asked["body"]) == ("https://clob.example.com", "/order", ORDER)
    assert (answered["status"], answered["body"]) == (400, REFUSAL)


def test_a_page_of_html_in_a_row(tmp_path: Path) -> None:
    """A page that was answered, as a text in a row of JSON, does not make the log a text in HTML."""
    page = "<html>\n<body><p>Sorry, you have been blocked</p></body>\n</html>"
    row = {"ts": 1772460301.5, "method": "POST", "url": URL, "request_body": ORDER, "status": 403}
    asked, answered = told(tmp_path, json.dumps(row | {"response_body": page}))
    assert asked["body"] == ORDER
    assert (answered["status"], answered["body"]) == (403, page)


def test_a_request_and_its_answer_one_level_down(tmp_path: Path) -> None:
    """A row whose `http` holds both request and response tells both, behind a pod's name and time."""
    http = {"request": {"method": "POST", "url": URL, "body": ORDER}}
    row = {"message": "call", "http": {**http, "response": {"status_code": 400, "body": REFUSAL}}}
    asked, answered = told(tmp_path, f"pod/oms-6c9f7d8b5-x2k4q oms {AT} {json.dumps(row)}")
    assert asked["body"] == ORDER
    assert (answered["status"], answered["body"]) == (400, REFUSAL)


def test_params_of_a_get_are_its_query(tmp_path: Path) -> None:
    """What a client calls `params` of a GET is its query and no body, and the answer finds it by its URL."""
    url = "https://clob.example.com/data/trades"
    query = {"id": "7", "next_cursor": "MA=="}
    rows = (
        {"time": 1772460301500, "req": {"method": "GET", "url": url, "params": query}},
        {"time": 1772460301600, "res": {"status": 200, "method": "GET", "url": url, "data": {"data": []}}},
    )
    asked, answered = told(tmp_path, *map(json.dumps, rows))
    assert asked["target"] == "/data/trades?id=7&next_cursor=MA%3D%3D"
    assert "body" not in asked or not asked["body"]
    assert answered["status"] == 200


def test_words_behind_an_answers_body(tmp_path: Path) -> None:
    """An answer's body ends where its value does, whatever the line says behind it."""
    asked, answered = told(
        tmp_path,
        f"{AT} DEBUG bot::http: --> POST {URL} body={ORDER}",
        f"{AT} ERROR bot::http: <-- 400 POST /order body={REFUSAL} elapsed=3ms",
    )
    assert asked["body"] == ORDER
    assert (answered["status"], answered["body"]) == (400, REFUSAL)


def test_headers_and_bodies_below_their_lines(tmp_path: Path) -> None:
    """Indented lines below a request are its headers and body, below an answer's status its body."""
    asked, answered = told(
        tmp_path,
        f"2026-03-02 14:05:01,123 DEBUG [exec-3] Interceptor - Request: POST {URL}",
        "    X-Client: bot",
        f"    {ORDER}",
        f"2026-03-02 14:05:01,140 WARN  [exec-3] Interceptor - Response: 400 {URL} (17 ms)",
        f"    {REFUSAL}",
    )
    assert asked["body"] == ORDER
    assert "bot" in asked["headers"]["X-Client"]
    assert (answered["status"], answered["body"]) == (400, REFUSAL)


def test_an_answer_behind_an_arrow(tmp_path: Path) -> None:
    """What stands behind an arrow and a status is the answer, not the request's body."""
    asked, answered = told(tmp_path, f"{AT} trace POST {URL} -> 400 {REFUSAL}")
    assert asked.get("body") != REFUSAL
    assert (answered["status"], answered["body"]) == (400, REFUSAL)


def test_frames_behind_thin_arrows(tmp_path: Path) -> None:
    """An arrow to the right is a frame that was sent, one to the left a frame that came."""
    first = json.dumps({"type": "market", "assets_ids": ["7"]})
    (tmp_path / "feed.log").write_text(f"[14:05:01.100] → {first}\n[14:05:01.200] ← INVALID OPERATION\n")
    clues = list(gather(tmp_path).clues)
    assert [clue.kind for clue in clues] == [Kind.SEND, Kind.PUSH]
