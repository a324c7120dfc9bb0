"""An order that is sent again and executed again, as curl's own talk shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .customer import ALICE
from .drafted import New

BODY = json.dumps(ALICE.order(0.5, 9))
COMMAND = f"$ curl -v --trace-time -X POST https://clob.example.com/order --data-raw '{BODY}'"
METER = "100  1012  100   220  100   792   3483  12541 --:--:-- --:--:-- --:--:-- 16063"


def talk(answer: str) -> str:
    """One command with what curl prints of it: times, a progress meter, and the answer below."""
    lines = (
        "Note: Unnecessary use of -X or --request, POST is already inferred.",
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current",
        "                                 Dload  Upload   Total   Spent    Left  Speed",
        "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
        "14:05:01.344172 *   Trying 203.0.113.9:443...",
        "14:05:01.344326 > POST /order HTTP/1.1",
        "14:05:01.344326 > Host: clob.example.com",
        "14:05:01.344326 > ",
        "14:05:01.344435 } [792 bytes data]",
        "14:05:01.402454 < HTTP/1.1 200 OK",
        "14:05:01.402498 < Content-Type: application/json",
        "14:05:01.402557 < Date: Mon, 02 Mar 2026 14:05:01 GMT",
        "14:05:01.402579 < ",
        "14:05:01.402590 { [220 bytes data]",
        f"\r{METER}",
        "14:05:01.402663 * Connection #0 to host clob.example.com left intact",
    )
    return "\r\n".join((COMMAND, *lines, answer, "", ""))


def taken(trade: str) -> str:
    """The answer to an order that was matched in a trade."""
    told = {"success": True, "errorMsg": "", "orderID": "0x" + "ab" * 32, "status": "matched"}
    return json.dumps({**told, "tradeIDs": [trade]})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_order_that_was_executed_twice(ticket: Path, new: New, encoding: str) -> None:
    """The same signed order, matched twice, is the symptom: it should have been refused once."""
    (ticket / "session.txt").write_bytes((talk(taken("t-1")) + talk(taken("t-2"))).encode(encoding))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert 'raw: "${order.sent}"' in drafted.case
    assert "error: {$contains: Duplicated}" in drafted.case
    assert "step: order-2\n  shows: {status: 200, body: {success: true" in drafted.case
    for secret in ALICE.secrets:
        assert secret not in drafted.said + drafted.written


def test_an_order_that_was_told_twice(ticket: Path, new: New) -> None:
    """The same answer to the same order is no second execution, and what went wrong is asked for."""
    (ticket / "session.txt").write_text(talk(taken("t-1")) * 2)
    drafted = new()
    assert drafted.code == 2
    assert "I033" in drafted.said
