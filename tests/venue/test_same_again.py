"""With a seed and its own clock, a venue says the same bytes again: in another process, and after a reset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

import pytest

from .bench import HEALTHY, Bench, start_venue, stop_venue
from .scenario import Seen, play

SEEDED = ("--seed", "7", "--clock", "manual")


@contextmanager
def venue(*options: str) -> Iterator[Bench]:
    process, ready = start_venue(HEALTHY, *options)
    bench = Bench(ready)
    try:
        yield bench
    finally:
        bench.http.close()
        assert stop_venue(process) == 0


@pytest.fixture(scope="module")
def first() -> Iterator[Seen]:
    """What a venue said."""
    with venue(*SEEDED) as bench:
        yield play(bench)


def same(one: Seen, other: Seen) -> None:
    """Channel by channel, so that the first difference is what is shown."""
    for channel in fields(Seen):
        assert getattr(one, channel.name) == getattr(other, channel.name), channel.name


def test_every_channel_says_something(first: Seen) -> None:
    """The scenario fills, cancels, kills, settles, reorganises and reports."""
    assert [len(getattr(first, channel.name)) > 1 for channel in fields(Seen)] == [True] * 5
    said = b"".join(first.user)
    for word in (b"PLACEMENT", b"CANCELLATION", b"MATCHED", b"MINED", b"CONFIRMED", b"FOK orders"):
        assert word in said


def test_another_process_says_the_same_bytes(first: Seen) -> None:
    """REST with its headers, both streams, whole blocks, and FIX but for quickfix's own stamps."""
    with venue(*SEEDED) as bench:
        same(play(bench), first)


def test_a_reset_venue_says_the_same_bytes(first: Seen) -> None:
    """After POST /reset all begins again, whatever happened before: also in the middle of things."""
    with venue(*SEEDED) as bench:
        play(bench)
        with bench.socket("market"):
            assert bench.control("/reset", {}) == {"reset": True}
        same(play(bench), first)


def test_another_seed_draws_other_ids(first: Seen) -> None:
    """Keys follow from the seed; blocks and times do not."""
    with venue("--seed", "8", "--clock", "manual") as bench:
        other = play(bench)
    assert other.rest[0] != first.rest[0]
    assert other.chain[:3] == first.chain[:3]
