"""A WebSocket that the case harms on purpose: cut, half open, read slowly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from venue.bench import eventually

from harness.channels.faults import SLOW_EVERY_MS

from .wsbench import Bench
from .wspeer import RESET, Peer, unacknowledged_bytes


@pytest.fixture
def subscribed() -> Iterator[Bench]:
    """A driver with an open channel."""
    with Peer() as peer:
        bench = Bench(peer)
        bench.subscribe()
        yield bench
        bench.end()


@pytest.mark.parametrize(
    ("intent", "seen", "sent"),
    [
        ({"fault": "cut"}, [], {"fault": "cut"}),
        ({"raw": "last", "fault": "cut"}, ["last"], {"text": "last", "fault": "cut"}),
        (
            {"close": {}, "fault": "cut"},
            ["close:1000 "],
            {"close": {"code": 1000, "reason": ""}, "fault": "cut"},
        ),
    ],
)
def test_a_cut_is_a_reset(
    subscribed: Bench, intent: dict[str, Any], seen: list[str], sent: dict[str, Any]
) -> None:
    """After a cut the server reads what was sent and then a reset: no close frame and no orderly end."""
    told = subscribed.do(intent)

    assert subscribed.read(len(seen) + 1) == [*seen, RESET]
    assert [(note.what, note.wire) for note in told] == [
        ("sent", sent),
        ("closed", (None, "we cut the connection")),
    ]


def test_half_open_reads_and_answers_nothing_until_it_is_over(subscribed: Bench) -> None:
    """A half-open side lets a Ping wait while what the case says goes out; when over, it answers."""
    subscribed.do({"fault": "half_open"})
    subscribed.peer.text("held")
    subscribed.peer.ping("there?")
    subscribed.do({"raw": "one way"})
    first = subscribed.peer.read()
    pushed = subscribed.notes.of("pushed")

    subscribed.do({"fault": "over"})

    assert (first, pushed) == ("one way", [])
    assert subscribed.peer.read() == "pong:there?"
    assert subscribed.notes.wait("pushed").wire == {"text": "held"}
    assert subscribed.notes.of("sent")[-3:] == [
        {"fault": "half_open"},
        {"text": "one way"},
        {"fault": "over"},
    ]


def test_a_half_open_channel_is_closed_without_waiting_for_anyone(subscribed: Bench) -> None:
    """A run that ends while a channel is half-open resets it, and what it held is never told."""
    subscribed.do({"fault": "half_open"})
    subscribed.peer.text("held")

    subscribed.driver.close()

    assert subscribed.read(1) == [RESET]
    assert subscribed.notes.of("pushed") == []
    assert subscribed.notes.of("closed") == [(None, "we cut the connection")]


def test_a_slow_reader_holds_the_server_up(subscribed: Bench) -> None:
    """A slow reader takes a frame at a time, and the server's bytes stay with it until the fault is over."""
    subscribed.do({"fault": "slow_reader"})
    frames = [f"{number:05d}" + "x" * 20_000 for number in range(60)]
    writing = threading.Thread(target=lambda: [subscribed.peer.text(text) for text in frames])
    writing.start()

    third = subscribed.notes.wait("pushed", count=3)
    waiting_bytes = unacknowledged_bytes(subscribed.peer.connection)
    stamps = [note.at_ns for note in subscribed.notes.told if note.what == "pushed"]
    subscribed.do({"fault": "over"})
    subscribed.notes.wait("pushed", count=60)
    writing.join()

    assert waiting_bytes > 0
    assert third.wire["text"].startswith("00002")
    gaps_ms = [(after - before) // 1_000_000 for before, after in pairwise(stamps)]
    assert min(gaps_ms) >= SLOW_EVERY_MS - 1
    assert [wire["text"] for wire in subscribed.notes.of("pushed")] == frames
    eventually(lambda: unacknowledged_bytes(subscribed.peer.connection) == 0)
