"""What an exchange says when it takes nothing now, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.notnow import NotNow, Why, bucket_told, goodbye, halted, logout, not_now

NOW_US = 1_764_316_800_000_000  # 2025-11-28T08:00:00Z
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."


def answer(status: int, body: str = "", **headers: str) -> dict[str, Any]:
    """An answer as it stands on the timeline."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status": status, "headers": named, "body": body}


SAID = [
    (answer(429, '{"error":"Too Many Requests"}'), NotNow(Why.LIMIT, "429 Too Many Requests")),
    (answer(429, "<html>slow down</html>"), NotNow(Why.LIMIT, "429 <html>slow down</html>")),
    (answer(429, retry_after="3"), NotNow(Why.LIMIT, "429", 3_000_000)),
    (
        answer(429, retry_after="2", poly_ratelimit_remaining="-4"),
        NotNow(Why.LIMIT, "429", 2_000_000, of_account=True),
    ),
    (answer(425, '{"error":"service not ready"}'), NotNow(Why.RESTART, "425 service not ready")),
    (answer(425), NotNow(Why.RESTART, "425")),
    (answer(503, f'{{"error":"{CANCEL_ONLY}"}}'), NotNow(Why.MODE, f"503 {CANCEL_ONLY}")),
    (
        answer(503, '{"error":"post-only mode: only","retry_after_seconds":79}'),
        NotNow(Why.MODE, "503 post-only mode: only", 79_000_000),
    ),
    (answer(503, "<html>", retry_after="60"), NotNow(Why.MODE, "503 <html>", 60_000_000)),
]


@pytest.mark.parametrize(("wire", "said"), SAID, ids=lambda value: str(value)[:40])
def test_what_is_not_now(wire: dict[str, Any], said: NotNow) -> None:
    """429 and 425 always; 503 with the words of a mode, or with the time to come again."""
    assert not_now(wire, NOW_US) == said


@pytest.mark.parametrize(
    "wire",
    [
        answer(200, '{"success":false,"errorMsg":"post-only mode"}'),
        answer(503),
        answer(503, '{"error":"upstream"}'),
        answer(503, '{"error":"upstream"}', retry_after="soon"),
        answer(500, f'{{"error":"{CANCEL_ONLY}"}}'),
        answer(502, retry_after="3"),
        {},
        {"status": 400, "body": "[]"},
    ],
    ids=str,
)
def test_what_is_a_failure(wire: dict[str, Any]) -> None:
    """Everything else is what the product does."""
    assert not_now(wire, NOW_US) is None


@pytest.mark.parametrize(
    ("said", "date", "wait_us"),
    [
        ("0", "", 0),
        ("Fri, 28 Nov 2025 08:00:09 GMT", "", 9_000_000),
        ("Fri, 28 Nov 2025 07:00:00 GMT", "", 0),
        ("Fri, 28 Nov 2025 08:00:09 GMT", "Fri, 28 Nov 2025 08:00:05 GMT", 4_000_000),
        ("Fri, 28 Nov 2025 08:00:09 GMT", "some day", 9_000_000),
        ("-1", "", None),
        ("1.5", "", None),
        ("٣", "", None),
        ("9999999999", "", None),
        ("", "", None),
    ],
)
def test_when_to_come_again(said: str, date: str, wait_us: int | None) -> None:
    """Seconds, or a date, which counts from the answer's own; what is neither says nothing."""
    found = not_now(answer(429, retry_after=said, date=date), NOW_US)

    assert found is not None
    assert found.wait_us == wait_us


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"poly_ratelimit_remaining": "7", "poly_ratelimit_reset": "1764316803"}, (7, 3_000_000)),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": "30"}, (0, 30_000_000)),
        ({"ratelimit_remaining": "-900"}, (-900, 0)),
        ({"ratelimit_reset": "5"}, (None, 5_000_000)),
        ({"ratelimit_remaining": "many", "ratelimit_reset": "-5"}, (None, 0)),
        ({"my_ratelimit_remaining": "7"}, (None, 0)),
        ({}, (None, 0)),
    ],
)
def test_what_is_left_of_a_bucket(headers: dict[str, str], told: tuple[int | None, int]) -> None:
    """By three families of names; a reset is a moment, or seconds from now."""
    assert bucket_told(answer(200, **headers)["headers"], NOW_US) == told


def test_streams_say_it_with_their_end() -> None:
    """A WebSocket by its close code, a FIX session by the text of its Logout; other ends say nothing."""
    assert goodbye(1012, "") == NotNow(Why.RESTART, "close 1012 service restart")
    assert goodbye(1013, "busy") == NotNow(Why.LIMIT, "close 1013 busy")
    assert [goodbye(code, "service restart") for code in (1000, 1001, 1006, 1008, 1011, None)] == [None] * 6
    assert logout("Scheduled maintenance") == NotNow(Why.MODE, "Logout: Scheduled maintenance")
    assert logout("Too many logons") == NotNow(Why.LIMIT, "Logout: Too many logons")
    assert logout("MsgSeqNum too low, expecting 7 but received 2") is None


@pytest.mark.parametrize("status", [200, 503])
@given(body=st.text())
def test_halted_takes_any_body(status: int, body: str) -> None:
    """Whatever a body is made of, it is told whether it is one of the modes' words."""
    assert halted(answer(status, body)) is False


@given(st.text(), st.text(), st.text())
def test_any_header_is_read(retry: str, date: str, left: str) -> None:
    """No header makes reading an answer fail, and no wait is negative."""
    wire = answer(429, retry_after=retry, date=date, ratelimit_remaining=left, ratelimit_reset=left)
    said = not_now(wire, NOW_US)

    assert said is not None
    assert said.wait_us is None or said.wait_us >= 0
