"""Events are numbered and stamped under one lock, and read back from JSON as they were."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import limits
from harness.clock import ManualClock, RunClock, exact_utc, iso_utc
from harness.errors import TargetError
from harness.files import FileError
from harness.model import By, Event, FieldError, Kind, Lane, Source
from harness.timeline import Timeline

from .story import ALICE, USER


class TickingClock(ManualClock):
    """A clock that moves on by itself each time it is read."""

    def now_us(self) -> int:
        self.advance(1000)
        return super().now_us()


def test_events_are_numbered_from_zero_and_stamped_when_appended() -> None:
    """An event gets the next number and the clock's time."""
    clock = ManualClock()
    timeline = Timeline(clock)
    timeline.append(Kind.STEP, ALICE, step="buy")
    clock.advance(1500)
    second = timeline.append(Kind.PUSH, USER, data={"wire": {"text": "x"}})
    assert (second.number, second.at_us, second.at_s) == (1, 1500, "0.001")
    assert timeline.snapshot() == ((timeline.snapshot()[0][0], second), 1500)


def test_threads_that_append_at_once_give_one_order_of_numbers_and_stamps() -> None:
    """Whatever threads do, numbers have no gap and stamps never go back, for the listener too."""
    heard: list[Event] = []
    timeline = Timeline(RunClock(), heard.append)
    start = threading.Barrier(8)

    def speak(source: Source) -> None:
        start.wait()
        for _ in range(50):
            timeline.append(Kind.PUSH, source)

    threads = [threading.Thread(target=speak, args=(Source("ws.user", f"a{n}"),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events, now_us = timeline.snapshot()
    assert [event.number for event in events] == list(range(400))
    stamps = [event.at_us for event in events]
    assert stamps == sorted(stamps)
    assert now_us >= stamps[-1]
    assert heard == list(events)


def test_what_the_listener_refuses_is_no_event() -> None:
    """The journal stands before everything: what it cannot keep did not happen, and who appended hears it."""

    def refuse(event: Event) -> None:
        raise OSError("no space")

    timeline = Timeline(ManualClock(), refuse)
    with pytest.raises(OSError, match="no space"):
        timeline.append(Kind.STEP, ALICE)
    assert timeline.snapshot()[0] == ()


def test_a_listener_that_refused_is_told_nothing_more() -> None:
    """The error is raised where it happened and at the next check, once; then events go on, unkept, so that
    what is open can be cleaned up."""
    told = []

    def refuse(event: Event) -> None:
        told.append(event)
        raise FileError("F002", Path("x.journal"), "the disk is full")

    timeline = Timeline(ManualClock(), refuse)
    with pytest.raises(FileError, match="the disk is full"):
        timeline.append(Kind.PUSH, USER)
    with pytest.raises(FileError, match="the disk is full"):
        timeline.check()
    timeline.check()
    assert timeline.append(Kind.PUSH, USER) in timeline.snapshot()[0]
    assert len(told) == 1


def test_waiting_ends_with_a_new_event_or_at_its_time() -> None:
    """True says that there is more to see, False that the time is over."""
    timeline = Timeline(TickingClock())
    assert not timeline.wait(0, 5_000)
    timeline.append(Kind.STEP, ALICE)
    assert timeline.wait(0, 0)
    waiter = threading.Thread(target=timeline.append, args=(Kind.PUSH, USER))
    waiter.start()
    assert timeline.wait(1, 60_000_000)
    waiter.join()


def test_a_lane_gives_its_source_step_and_round_to_the_event() -> None:
    """What is appended in a lane belongs to that lane."""
    lane = Lane(ALICE, "buy", 3)
    event = Timeline(ManualClock()).append_in(lane, Kind.SEND, index=2)
    assert (event.lane, event.index) == (lane, 2)
    assert str(lane) == "step 'buy' on rest(alice) round 3"
    assert str(Lane(Source("chain"), "paid")) == "step 'paid' on chain"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
EVENTS = st.builds(
    Event,
    number=st.integers(0, 10**6),
    at_us=st.integers(0, 10**12),
    kind=st.sampled_from(Kind),
    source=st.builds(Source, st.sampled_from(["rest", "ws.user"]), st.sampled_from(["", "alice"])),
    step=st.sampled_from(["", "buy"]),
    round=st.integers(0, 3),
    index=st.integers(0, 3),
    by=st.sampled_from(By),
    data=st.dictionaries(st.text(max_size=5), JSON, max_size=3),
)


@given(EVENTS)
def test_an_event_is_read_back_from_json_as_it_was(event: Event) -> None:
    """JSON and back is the same event."""
    assert Event.from_json(event.as_json()) == event


GOOD: dict[str, Any] = {"n": 0, "at_us": 1, "kind": "push", "on": "rest", "by": "peer"}


@pytest.mark.parametrize(
    "changed",
    [
        {"n": -1},
        {"at_us": -1},
        {"round": -1},
        {"index": -1},
        {"n": "0"},
        {"n": True},
        {"at_us": 1.5},
        {"index": None},
        {"kind": "shout"},
        {"by": "nobody"},
        {"on": 5},
        {"as": None},
        {"step": 7},
        {"data": []},
        {"data": "x"},
        {"extra": 1},
    ],
    ids=str,
)
def test_an_event_that_is_none_of_ours_is_refused(changed: dict[str, Any]) -> None:
    """A wrong type, a negative number or an unknown key is no event."""
    with pytest.raises(ValueError, match=r"\S"):
        Event.from_json(GOOD | changed)


@pytest.mark.parametrize("key", ["n", "at_us", "kind", "on", "by"])
def test_an_event_without_a_field_that_it_needs_is_refused(key: str) -> None:
    """The five fields that every event has cannot be left out."""
    with pytest.raises(FieldError, match=f"no '{key}'"):
        Event.from_json({name: value for name, value in GOOD.items() if name != key})


def test_clocks_never_go_back() -> None:
    """The manual clock refuses to, and the run's clock does not."""
    with pytest.raises(ValueError, match="does not go back"):
        ManualClock().advance(-1)
    clock = RunClock()
    assert 0 <= clock.now_us() <= clock.now_us()
    assert iso_utc(1_760_000_000_999_999) == "2025-10-09T08:53:20Z"


@given(st.integers(0, 4_000_000_000_000_000), st.integers(0, 2_000_000))
def test_times_as_text_sort_as_times(at_us: int, more_us: int) -> None:
    """Whether a case was changed since a run began is told within a second, too."""
    assert (exact_utc(at_us) < exact_utc(at_us + more_us)) is (more_us > 0)


def pushing(timeline: Timeline, text: str) -> Event:
    return timeline.append(Kind.PUSH, USER, by=By.PEER, data={"wire": {"text": text}})


def test_a_run_s_events_have_a_limit() -> None:
    """At the limit the last one is kept; the next is refused, and so is every one after it, by its code."""
    timeline = Timeline(ManualClock(), events=limits.RUN_EVENTS)
    for _ in range(limits.RUN_EVENTS):
        pushing(timeline, "x")
    timeline.check()
    for _ in range(2):
        with pytest.raises(TargetError, match=rf"more of {USER.channel}.*limit of 50000 events") as caught:
            pushing(timeline, "x")
        assert caught.value.code == "T020"
    with pytest.raises(TargetError):
        timeline.check()
    timeline.check()
    assert len(timeline.snapshot()[0]) == limits.RUN_EVENTS


def test_the_texts_of_a_run_have_a_limit_in_memory() -> None:
    """What counts is memory: a text with one wide character takes four bytes for each; exactly full fits."""
    wide = "\N{HUNDRED POINTS SYMBOL}" + "x" * 1000
    narrow = "x" * 1000
    limit = sys.getsizeof(wide) + sys.getsizeof(narrow)
    timeline = Timeline(ManualClock(), text_bytes=limit)
    pushing(timeline, wide)
    pushing(timeline, narrow)
    with pytest.raises(TargetError, match=f"limit of {limit} bytes of text"):
        pushing(timeline, "x")
    assert sys.getsizeof(wide) > 4 * 1000


def test_texts_count_wherever_they_stand() -> None:
    """Intents, headers and lists of texts count as the wire's own text does."""
    data = {"intent": {"body": {"tokens": ["x" * 1000]}}, "wire": {"headers": {"a": "y" * 1000}}}
    timeline = Timeline(ManualClock(), text_bytes=2000)
    with pytest.raises(TargetError):
        timeline.append(Kind.SEND, ALICE, by=By.SESSION, data=data)


def test_a_full_record_has_a_reserve_for_what_a_case_asks() -> None:
    """A flood keeps nobody from cleaning up: requests and their answers have room, but not without an end."""
    timeline = Timeline(ManualClock(), events=1)
    pushing(timeline, "x")
    for kind, by in ((Kind.PUSH, By.PEER), (Kind.SEND, By.SESSION)):
        with pytest.raises(TargetError):
            timeline.append(kind, USER, by=by)
    for _ in range(limits.RUN_RESERVE_EVENTS // 2):
        timeline.append(Kind.SEND, ALICE)
        timeline.append(Kind.ANSWER, ALICE, by=By.PEER)
    with pytest.raises(TargetError, match="limit of 1001 events"):
        timeline.append(Kind.SEND, ALICE)


def test_the_reserve_has_room_for_the_largest_answer() -> None:
    """Where texts are at their limit one answer more is taken, and not two."""
    timeline = Timeline(ManualClock(), text_bytes=0)
    body = "x" * limits.HTTP_BODY_BYTES
    timeline.append(Kind.ANSWER, ALICE, by=By.PEER, data={"wire": {"body": body}})
    with pytest.raises(TargetError):
        timeline.append(Kind.ANSWER, ALICE, by=By.PEER, data={"wire": {"body": body}})


def test_a_full_record_still_takes_what_says_how_far_it_goes() -> None:
    """Marks, ends of streams and lost sends stand on a record that takes nothing else any more."""
    timeline = Timeline(ManualClock(), events=0)
    for kind in (Kind.STEP, Kind.END, Kind.DEADLINE, Kind.HORIZON, Kind.OPEN, Kind.CLOSED, Kind.LOST):
        timeline.append(kind, USER)
    with pytest.raises(TargetError):
        pushing(timeline, "x")
