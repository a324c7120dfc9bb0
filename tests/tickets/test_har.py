"""HAR files of browsers: exchanges, frames, what is damaged or left out."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from harness.errors import EvidenceError
from harness.evidence.ticket import har
from harness.evidence.ticket.clues import Reading
from harness.model import Kind

STARTED = "2026-03-02T14:05:01.123Z"
STARTED_US = 1_772_460_301_123_000


def entry(**changes: Any) -> dict[str, Any]:
    """An entry as Chrome writes it: a request, an answer 20.5 ms later."""
    request = {
        "method": "POST",
        "url": "https://clob.example.com/order",
        "headers": [{"name": ":authority", "value": "clob.example.com"}, {"name": "x-a", "value": "1"}],
        "postData": {"mimeType": "application/json", "text": '{"price":0.10}'},
    }
    response = {
        "status": 400,
        "headers": [{"name": "date", "value": "Mon, 02 Mar 2026 14:05:01 GMT"}],
        "content": {"size": 14, "mimeType": "application/json", "text": '{"error":"no"}'},
    }
    return {"startedDateTime": STARTED, "time": 20.5, "request": request, "response": response, **changes}


def text_of(*entries: Any, indent: int | None = None) -> str:
    """A HAR of these entries."""
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": list(entries)}}, indent=indent)


def read(*entries: Any) -> Reading:
    """What is read of a HAR of these entries."""
    return har.read(text_of(*entries), "a.har")


def test_an_exchange() -> None:
    """Request and answer stand at their times, with bodies digit for digit and without pseudo headers."""
    send, answer = read(entry()).clues
    assert (send.kind, answer.kind) == (Kind.SEND, Kind.ANSWER)
    assert send.data["wire"] == {
        "method": "POST",
        "base": "https://clob.example.com",
        "target": "/order",
        "headers": {"x-a": "1"},
        "body": '{"price":0.10}',
    }
    assert answer.data["wire"]["status"] == 400
    assert send.stamp is not None
    assert answer.stamp is not None
    assert (send.stamp.us, answer.stamp.us) == (STARTED_US, STARTED_US + 20_500)
    assert send.pair == answer.pair


def test_places() -> None:
    """A clue says on which line of the file its entry begins."""
    text = text_of(entry(), entry(), indent=1)
    first, _, second, _ = har.read(text, "a.har").clues
    lines = text.split("\n")
    assert lines[first.place.line - 1].strip() == lines[second.place.line - 1].strip() == "{"
    assert second.place.line > first.place.line


def test_no_answer() -> None:
    """A request that the browser saw fail has no answer, and the browser's word for why."""
    failed = entry(
        response={"status": 0, "_error": "net::ERR_CONNECTION_RESET", "headers": [], "content": {}}
    )
    lost = read(failed).clues[1]
    assert (lost.kind, lost.data) == (Kind.LOST, {"why": "net::ERR_CONNECTION_RESET"})


def test_frames_of_chrome() -> None:
    """`_webSocketMessages` become frames of the channel that the URL names, each at its own time."""
    messages = [
        {"type": "send", "time": 1772460301.5, "opcode": 1, "data": '{"type":"market"}'},
        {"type": "receive", "time": 1772460301.75, "opcode": 1, "data": "[]"},
        {"type": "receive", "time": 1772460302, "opcode": 2, "data": "AA=="},
    ]
    socket = entry(_webSocketMessages=messages, _resourceType="websocket")
    socket["request"] = {**socket["request"], "url": "wss://ws.example.com/ws/market"}
    found = read(socket)
    assert [(clue.kind, clue.channel) for clue in found.clues] == [
        (Kind.OPEN, "ws.market"),
        (Kind.SEND, "ws.market"),
        (Kind.PUSH, "ws.market"),
    ]
    assert found.clues[2].stamp is not None
    assert found.clues[2].stamp.us == 1_772_460_301_750_000
    assert [each.why for each in found.unread] == ["opcode 2: only text is read"]


@pytest.mark.parametrize("keep", [1, 2])
def test_cut_off(keep: int) -> None:
    """Of a file that was cut off, every entry that is whole is read, and the cut is told with its line."""
    text = text_of(entry(), entry(), entry(), indent=1)
    whole = len(text_of(*[entry()] * keep, indent=1))
    found = har.read(text[: whole + 40], "a.har")
    assert len(found.clues) == 2 * keep
    assert f"{keep} entries before it were read" in found.unread[-1].why
    assert found.unread[-1].place.line > 1


def test_nothing_left() -> None:
    """A HAR of which not one entry can be read is refused, with the place."""
    with pytest.raises(EvidenceError, match=r"I030 a\.har:1:1: no entry of the HAR can be read"):
        har.read('{"log": {"entries": [{"startedDateTime": "20', "a.har")


@pytest.mark.parametrize(
    ("changes", "what", "why"),
    [
        ({"request": {"method": "GET"}}, "entry 1", "it has no request with a url"),
        ({"startedDateTime": "then"}, "the time of entry 1", "startedDateTime is no time"),
        ({"request": {"method": "GET", "url": "https://[/x"}}, "the url of entry 1", "Invalid IPv6 URL"),
    ],
)
def test_what_is_not_read(changes: dict[str, Any], what: str, why: str) -> None:
    """What of an entry is not as it must be is told, and the rest of the file is read."""
    found = read(entry(**changes), entry())
    assert [(each.what, each.why) for each in found.unread] == [(what, why)]
    assert len(found.clues) >= 2


def test_bodies() -> None:
    """A body in base64 is read, one that was not exported is told of, a form's bytes are not made up."""
    coded = {"size": 2, "encoding": "base64", "text": base64.b64encode(b"{}").decode()}
    left_out = {"size": 900}
    form = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a", "value": "1"}]}
    plain = entry(response={"status": 200, "headers": [], "content": coded})
    untold = entry(response={"status": 200, "headers": [], "content": left_out})
    filled = entry()
    filled["request"] = {**filled["request"], "postData": form}
    found = read(plain, untold, filled)
    assert found.clues[1].data["wire"]["body"] == "{}"
    assert found.clues[3].data["wire"]["body_omitted"] == "900 bytes that the browser did not export"
    assert "body_omitted" in found.clues[4].data["wire"]
    assert len(found.unread) == 2


def test_thousands_of_entries() -> None:
    """A file of thousands of entries is read whole."""
    found = read(*[entry()] * 5_000)
    assert len(found.clues) == 10_000
