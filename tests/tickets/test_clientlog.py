"""Debug logs of Python clients."""

from __future__ import annotations

from harness.evidence.ticket import clientlog
from harness.evidence.ticket.textlines import Lines, Taken
from harness.model import Kind

CORE = "DEBUG httpcore.http11"
SENT = f"2026-03-02 14:05:01,000 {CORE} send_request_headers.started request=<Request [b'POST']>"
CAME = (
    f"2026-03-02 14:05:01,250 {CORE} receive_response_headers.complete return_value=(b'HTTP/1.1', "
    "400, b'Bad Request', [(b'Date', b'Mon, 02 Mar 2026 13:05:01 GMT'), (b'X-A', b'1')])"
)
TOLD = '2026-03-02 14:05:01,250 INFO httpx HTTP Request: POST https://e.com/order "HTTP/1.1 400 Bad Request"'
REFUSED = (
    "2026-03-02 14:05:01,251 ERROR py_clob_client_v2.http_helpers.helpers [py_clob_client_v2] request error "
    'status=400 url=https://e.com/order body={"error":"no"}'
)


def taken(*lines: str) -> Taken:
    """What is made of these lines."""
    found = clientlog.take(Lines("bot.log", list(lines)), 0, 1)
    assert found is not None
    return found


def test_one_exchange_of_four_lines() -> None:
    """What httpcore, httpx and the client say of one exchange is one exchange."""
    send, answer = taken(SENT, CAME, TOLD, REFUSED).clues
    assert send.data["wire"]["method"] == "POST"
    assert send.data["wire"]["target"] == "/order"
    assert send.data["wire"]["body_omitted"] == "the log does not tell it"
    assert answer.data["wire"] == {
        "status": 400,
        "headers": {"date": "Mon, 02 Mar 2026 13:05:01 GMT", "x-a": "1"},
        "body": '{"error":"no"}',
    }
    assert send.stamp is not None
    assert answer.stamp is not None
    assert answer.stamp.us - send.stamp.us == 250_000


def test_httpx_alone() -> None:
    """httpx alone tells method, URL and status of each request, and no body."""
    found = taken(
        TOLD, TOLD.replace("POST", "GET").replace("/order", "/book?token_id=1").replace("400", "200")
    )
    assert [clue.kind for clue in found.clues] == [Kind.SEND, Kind.ANSWER] * 2
    assert found.clues[2].data["wire"]["target"] == "/book?token_id=1"
    assert len({clue.pair for clue in found.clues}) == 2


def test_client_alone() -> None:
    """The client alone tells a refusal; its method is not told, which the folder sees to."""
    found = taken(REFUSED)
    assert found.clues[1].data["wire"]["body"] == '{"error":"no"}'
    assert found.clues[0].data["wire"]["method"] == ""


def test_no_answer() -> None:
    """A request that failed on the way has no answer, and the client's word for why."""
    failed = "2026-03-02 14:05:06,000 ERROR x [py_clob_client_v2] request error: The read operation timed out"
    found = taken(SENT, failed)
    assert found.clues == ()  # its URL was never told
    assert "its URL is not told" in found.unread[0].why


def test_headers_cut_off() -> None:
    """An answer whose headers are cut off is told of; nothing in a log is evaluated."""
    found = taken(SENT, CAME[:-30] + ")", TOLD)
    assert [each.what for each in found.unread] == ["an answer's headers"]
    assert len(found.clues) == 2


def test_ends_at_others_lines() -> None:
    """The first line that no client wrote ends it."""
    assert taken(TOLD, "2026-03-02 14:05:02,000 INFO bot sleeping").until == 1
    assert clientlog.take(Lines("x", ["INFO bot sleeping"]), 0, 1) is None


def test_a_body_that_a_delete_must_have_had() -> None:
    """A log without bodies leaves out what was cancelled; of a DELETE that has none it leaves out nothing."""
    sends = [
        each.data["wire"]
        for path in ("order", "orders", "cancel-all")
        for each in taken(TOLD.replace("POST https://e.com/order", f"DELETE https://e.com/{path}")).clues
        if each.kind is Kind.SEND
    ]
    assert ["body_omitted" in wire for wire in sends] == [True, True, False]
