"""What a captured program tells: whole notes are kept or told of, half ones were never told."""

from __future__ import annotations

import base64
import json
from typing import Any

from harness.clock import ManualClock
from harness.evidence.capture import Notes
from harness.model import Kind
from harness.timeline import Timeline


def said(**note: Any) -> bytes:
    return json.dumps(note).encode()


def asks(url: str = "http://h/1", body: bytes = b"") -> bytes:
    encoded = base64.b64encode(body).decode()
    return said(note="sent", method="GET", url=url, headers=[["A", "b"]], body=encoded)


def answers(exchange: Any, status: Any = 200) -> bytes:
    return said(note="came", exchange=exchange, status=status, headers=[], body="")


def test_exchanges_are_numbered_and_paired() -> None:
    """Each request gets a number, and its answer the same, however they interleave."""
    timeline = Timeline(ManualClock())
    notes = Notes(timeline)

    assert [notes.take(asks()) for _ in range(2)] == [{"exchange": 0}, {"exchange": 1}]
    notes.take(answers(1))
    notes.take(said(note="lost", exchange=0, why="cut"))
    notes.end(5)

    kinds = [(event.kind, event.index) for event in timeline.snapshot()[0]]
    assert kinds == [(Kind.SEND, 0), (Kind.SEND, 1), (Kind.ANSWER, 1), (Kind.LOST, 0), (Kind.HORIZON, 0)]
    assert notes.unseen == []


def test_half_a_note_was_never_told() -> None:
    """Wherever a note is cut off, nothing is kept of it, and nothing else is disturbed."""
    whole = asks(body=b"said")
    timeline = Timeline(ManualClock())
    notes = Notes(timeline)

    for length in range(len(whole)):
        assert notes.take(whole[:length]) == {}

    assert (timeline.snapshot()[0], notes.unseen) == ((), [])
    assert notes.take(whole) == {"exchange": 0}


def test_what_cannot_be_kept_is_told() -> None:
    """A whole note that is wrong, or the end of what was never begun, is listed and stops nothing."""
    timeline = Timeline(ManualClock())
    notes = Notes(timeline)
    wrong = [asks(url="http://[x"), said(note="sent"), said(note="begone"), said(other=1), b"[]", b"7"]

    assert [notes.take(each) for each in wrong] == [{}] * len(wrong)
    notes.take(answers(None))
    notes.take(asks())
    notes.take(answers(0))
    notes.take(answers(0))

    assert len(notes.unseen) == len(wrong) + 2
    assert [event.kind for event in timeline.snapshot()[0]] == [Kind.SEND, Kind.ANSWER]
