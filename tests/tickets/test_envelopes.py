"""Logs in an envelope: what collectors, consoles and chats put around lines, and printed values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.evidence.ticket import literals
from harness.evidence.ticket.folder import Gathered, gather
from harness.model import Kind

URL = "http://127.0.0.1:8080/order"
HTTPX = f'HTTP Request: POST {URL} "HTTP/1.1 400 Bad Request"'
REFUSED = f'[py_clob_client_v2] request error status=400 url={URL} body={{"error":"not enough balance"}}'
WHEN_US = 1772460301_123000
ISO = "2026-03-02T14:05:01.123Z"


def told(folder: Path, text: str) -> Gathered:
    """What a file of this text gives."""
    (folder / "log").write_text(text)
    return gather(folder)


def answers(found: Gathered) -> list[tuple[int, str]]:
    """Status and body of each answer."""
    return [
        (clue.data["wire"]["status"], clue.data["wire"].get("body", "untold"))
        for clue in found.clues
        if clue.kind is Kind.ANSWER
    ]


def escaped(text: str) -> str:
    return text.replace('"', '\\"')


ENVELOPES: dict[str, str] = {
    "cloudwatch": json.dumps(
        {"events": [{"timestamp": 1772460301123, "message": line} for line in (HTTPX, REFUSED)]}, indent=4
    ),
    "elastic": json.dumps(
        {"hits": {"hits": [{"_source": {"@timestamp": ISO, "message": line}} for line in (HTTPX, REFUSED)]}}
    ),
    "cloud": json.dumps([{"timestamp": ISO, "textPayload": line} for line in (HTTPX, REFUSED)]),
    "graylog": json.dumps(
        {"messages": [{"message": {"timestamp": ISO, "message": line}} for line in (HTTPX, REFUSED)]}
    ),
    "docker": "\n".join(json.dumps({"log": f"{line}\n", "time": ISO}) for line in (HTTPX, REFUSED)),
    "slack": json.dumps([{"ts": "1772460401.5", "text": f"```\n{ISO} {HTTPX}\n{ISO} {REFUSED}\n```"}]),
    "telegram": json.dumps(
        {"messages": [{"date": ISO, "text": ["see ", {"type": "pre", "text": f"{HTTPX}\n{REFUSED}"}]}]}
    ),
    "table": f'timestamp,message\n{ISO},"{HTTPX.replace(chr(34), chr(34) * 2)}"\n'
    f'{ISO},"{REFUSED.replace(chr(34), chr(34) * 2)}"\n',
    "loki": json.dumps({"result": [{"values": [[f"{WHEN_US}000", line] for line in (HTTPX, REFUSED)]}]}),
    "newest first": json.dumps(
        [
            {"ts": ISO, "message": REFUSED},
            {"ts": ISO, "message": HTTPX},
            {"ts": "2026-03-02T14:05:00Z", "message": "x"},
        ]
    ),
    "kibana": f'@timestamp,message\n"Mar 2, 2026 @ 14:05:01.123","{HTTPX.replace(chr(34), chr(34) * 2)}"\n'
    f'"Mar 2, 2026 @ 14:05:01.123","{REFUSED.replace(chr(34), chr(34) * 2)}"\n',
    "logfmt": "\n".join(f'ts={ISO} level=debug msg="{escaped(line)}"' for line in (HTTPX, REFUSED)),
    "colours": "\n".join(
        f"\x1b[2m{ISO}\x1b[0m [\x1b[32m\x1b[1minfo \x1b[0m] \x1b[1m{line}\x1b[0m [\x1b[34mhttpx\x1b[0m]"
        for line in (HTTPX, REFUSED)
    ),
    "others between": f"{ISO} {HTTPX}\n{ISO} retrying soon\n{ISO} {REFUSED}",
    "links": f"{ISO} {HTTPX}\n{ISO} {REFUSED}".replace(URL, f"<{URL}>"),
}


@pytest.mark.parametrize("form", ENVELOPES)
def test_envelopes(form: str, tmp_path: Path) -> None:
    """A client's log is read as well from what a collector, a console or a chat made of it."""
    found = told(tmp_path, ENVELOPES[form])
    assert answers(found) == [(400, '{"error":"not enough balance"}')]
    times = {clue.stamp.us for clue in found.clues if clue.stamp is not None}
    assert times == {WHEN_US}


def test_a_terminal(tmp_path: Path) -> None:
    """What `script` kept of wscat: the prompt that was written over is none of the messages."""
    event = '{"event_type":"trade","status":"FAILED"}'
    typed = '\x1b[1G\x1b[0J> \x1b[3G{"type":"user"}\r\r\n'
    text = f"{typed}> \x1b[3G\r\x1b[2K\x1b[3D\x1b[34m< {event}\x1b[39m\r\n"
    assert [clue.data["wire"]["text"] for clue in told(tmp_path, text).clues] == ['{"type":"user"}', event]


def test_a_refusal_alone(tmp_path: Path) -> None:
    """Where nothing but the client's word of a refusal is there, its path gives the method."""
    found = told(tmp_path, f"{ISO} ERROR {REFUSED}")
    assert [clue.data["wire"].get("method") for clue in found.clues] == ["POST", None]
    assert "taken as POST" in next(iter(found.unread)).why


NODE = f"""{ISO} --> POST {URL} {{
  deferExec: false,
  order: {{
    salt: 953302872832,
    taker: undefined,
    side: 'BUY'
  }},
  orderType: 'FOK'
}}
waiting for it
{ISO} <-- 400 {URL} {{"error":"breaks minimum tick size rule: 0.01"}}
"""


def test_what_node_prints(tmp_path: Path) -> None:
    """An object over several lines is a request's body, and the answer further below is its answer."""
    found = told(tmp_path, NODE)
    sent, came = (clue.data["wire"] for clue in found.clues)
    body = {"deferExec": False, "order": {"salt": 953302872832, "side": "BUY"}, "orderType": "FOK"}
    assert json.loads(sent["body"]) == body
    assert (came["status"], "minimum tick" in came["body"]) == (400, True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'success': True, 'sizes': (1, 2), 'x': None}", {"success": True, "sizes": [1, 2], "x": None}),
        ("{ a: [ 'it\\'s', \"b\" ], c: 12n, }", {"a": ["it's", "b"], "c": 12}),
        ("{'price': Decimal('0.5')}", {"price": "0.5"}),
    ],
)
def test_literals(text: str, value: Any) -> None:
    """Python's and Node's ways to print a value are read."""
    assert literals.loads(text) == value


@pytest.mark.parametrize("text", ["{ order: [Object] }", "{ a: b }", "{'a': print()}", "{", "<html>"])
def test_no_literals(text: str) -> None:
    """What was not printed whole, and what is no value, is none."""
    with pytest.raises(ValueError):  # noqa: PT011 - any words
        literals.loads(text)


RUN = {
    "run": {
        "timings": {"started": 1772460301123},
        "executions": [
            {
                "request": {
                    "method": "POST",
                    "url": {
                        "protocol": "http",
                        "host": ["127", "0", "0", "1"],
                        "port": "8080",
                        "path": ["order"],
                    },
                    "header": [{"key": "Content-Type", "value": "application/json"}],
                    "body": {"mode": "raw", "raw": "{}"},
                },
                "response": {
                    "code": 400,
                    "responseTime": 7,
                    "stream": {"type": "Buffer", "data": [123, 125]},
                },
            },
            {
                "request": {"method": "GET", "url": "http://127.0.0.1:8080/ok"},
                "requestError": {"message": "ECONNRESET"},
            },
            {"item": {}},
        ],
    }
}


def test_a_postman_run(tmp_path: Path) -> None:
    """newman's report: what was sent and answered, what was lost, and what of it cannot be read."""
    found = told(tmp_path, json.dumps(RUN))
    assert [(clue.kind, clue.stamp and clue.stamp.us) for clue in found.clues] == [
        (Kind.SEND, WHEN_US),
        (Kind.ANSWER, WHEN_US + 7000),
        (Kind.SEND, WHEN_US + 8000),
        (Kind.LOST, WHEN_US + 8000),
    ]
    assert answers(found) == [(400, "{}")]
    assert [each.what for each in found.unread] == ["execution 3"]
