"""Events of the DevTools protocol: exchanges and frames whose parts an id joins."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from harness.evidence.ticket.folder import gather
from harness.model import Kind

from .customer import ALICE, BALANCE, HOST, leaks
from .drafted import New

ORDER = json.dumps(ALICE.order(0.5, 9), separators=(",", ":"))
REFUSAL = json.dumps({"error": BALANCE})


def events(body: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """One order and its refusal, each event with its time in milliseconds; `body` is what was read of it."""
    request = {"url": f"{HOST}/order", "method": "POST", "headers": dict(ALICE.headers), "postData": ORDER}
    asked = {"requestId": "9.1", "request": request, "wallTime": 1772460301.5}
    answer = {"requestId": "9.1", "response": {"url": f"{HOST}/order", "status": 400, "headers": {}}}
    return [
        (1772460301500, {"method": "Network.requestWillBeSent", "params": asked}),
        (1772460301600, {"method": "Network.responseReceived", "params": answer}),
        (
            1772460301610,
            {"method": "Network.getResponseBody", "params": {"requestId": "9.1"}, "result": body},
        ),
    ]


def selenium(rows: list[tuple[int, dict[str, Any]]]) -> str:
    """Selenium's performance log: each event is a text inside of its row."""
    return json.dumps(
        [{"level": "INFO", "message": json.dumps({"message": row}), "timestamp": at} for at, row in rows]
    )


def lines(rows: list[tuple[int, dict[str, Any]]]) -> str:
    """A program's log, an event in a line."""
    return "\n".join(f"cdp {json.dumps({'ts': at, **row})}" for at, row in rows)


CODED = {"body": base64.b64encode(REFUSAL.encode()).decode(), "base64Encoded": True}
PLAIN = {"body": REFUSAL, "base64Encoded": False}


@pytest.mark.parametrize("body", [PLAIN, CODED], ids=["plain", "base64"])
@pytest.mark.parametrize("form", [selenium, lines])
def test_an_exchange(ticket: Path, new: New, form: Any, body: dict[str, Any]) -> None:
    """The events of one id are an exchange with its body, and become a case red on the evidence."""
    (ticket / "performance.log").write_text(form(events(body)))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "price: 0.5, size: 9" in drafted.case
    assert "not enough balance" in drafted.case.partition("symptom:")[2]
    assert not leaks(drafted.written + drafted.said, ALICE)


def test_frames_and_failures(tmp_path: Path) -> None:
    """Frames are of the connection whose id they have; a request that failed says why."""
    frame = {"requestId": "w", "response": {"opcode": 1, "payloadData": '{"event_type":"trade"}'}}
    binary = {"requestId": "w", "response": {"opcode": 2, "payloadData": "AAE="}}
    created = {"requestId": "w", "url": "wss://ws.example.com/ws/user"}
    asked = {"requestId": "r", "request": {"url": f"{HOST}/ok", "method": "GET", "headers": {}}}
    rows = [
        (1, {"method": "Network.webSocketCreated", "params": created}),
        (2, {"method": "Network.webSocketFrameReceived", "params": frame}),
        (3, {"method": "Network.webSocketFrameReceived", "params": binary}),
        (4, {"method": "Network.requestWillBeSent", "params": asked}),
        (5, {"method": "Network.loadingFailed", "params": {"requestId": "r", "errorText": "net::ERR_X"}}),
    ]
    (tmp_path / "log.txt").write_text(lines(rows))
    told = [(clue.kind, clue.channel) for clue in gather(tmp_path).clues]
    stream, http = "ws.user", "rest"
    assert told == [(Kind.OPEN, stream), (Kind.PUSH, stream), (Kind.SEND, http), (Kind.LOST, http)]
