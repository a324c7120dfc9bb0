"""Waits are decided by numbers and stamps alone: every edge of a window, and never by when one looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decide import (
    Item,
    Watched,
    decide_subscribed,
    decide_wait,
    stream_end,
    stream_items,
)
from harness.finding import Decision, Finding, Pending, Window
from harness.matchers import LOST, NOTHING, Closed, Extra, Late
from harness.model import By, Event, Kind
from harness.wire import ws

from .story import USER, Story, trade, wanted, window


def item(number: int, at_us: int, status: str = "MATCHED") -> Item:
    return Item((number, 0), number, at_us, {"status": status})


def closing(number: int, at_us: int, code: int | None = 1006, reason: str = "") -> Event:
    return Event(number, at_us, Kind.CLOSED, USER, data={"code": code, "reason": reason})


def waited(
    items: Sequence[Item],
    within: Window,
    *,
    until_us: int = 60_000_000,
    ended: Event | None = None,
    taken: Sequence[tuple[int, int]] = (),
    final: bool = False,
    count: int | None = None,
    quiet_us: int = 0,
) -> Decision:
    want = wanted("{status: {$present}}", "{status: MATCHED}", count=count, quiet_us=quiet_us)
    return decide_wait(want, Watched(items, until_us, ended), within, taken, final=final)[0]


@pytest.mark.parametrize(
    ("at_us", "shown"),
    [(4_999_999, None), (5_000_000, None), (5_000_001, Late(1)), (10_000_000, Late(5_000_000))],
)
def test_the_deadline_itself_is_in_time_and_a_microsecond_more_is_late(
    at_us: int, shown: Late | None
) -> None:
    """Exactly at the deadline counts; one microsecond after is late by one microsecond."""
    found = waited([item(1, at_us)], window(5_000, 10_000))
    assert isinstance(found, Finding)
    assert (found.holds, found.at_us) == (shown is None, at_us)
    assert shown is None or found.shown == shown


def test_what_comes_after_the_watch_never_came() -> None:
    """Late and never are told apart up to the end of the watch, and not beyond."""
    found = waited([item(1, 10_000_001)], window(5_000, 10_000))
    assert isinstance(found, Finding)
    assert (found.shown, found.seen, found.at_us) == (NOTHING, None, 5_000_000)
    assert found.text == "did not come within 5.000 s"


def test_late_says_by_how_much_and_what_it_was() -> None:
    """A late event is told with its delay; the event itself is what was last seen."""
    found = waited([item(4, 7_250_000)], window(5_000, 10_000))
    assert isinstance(found, Finding)
    assert found.text == "came 2.250 s after its deadline of 5.000 s"
    assert (found.seen, found.events) == ({"status": "MATCHED"}, (4,))


@pytest.mark.parametrize(("number", "came"), [(6, False), (7, False), (8, True)])
def test_only_what_is_numbered_after_the_cause_counts(number: int, came: bool) -> None:
    """An event with the cause's number or a smaller one is older than the window."""
    found = waited([item(number, 1_000_000)], window(5_000, cause=7))
    assert isinstance(found, Finding)
    assert found.holds is came


def test_a_taken_event_is_not_taken_again_and_the_next_one_is() -> None:
    """The first that matches is removed for later waits, and only that one."""
    items = [item(1, 1_000_000), item(2, 2_000_000)]
    first = waited(items, window(5_000))
    second = waited(items, window(5_000), taken=[(1, 0)])
    assert isinstance(first, Finding)
    assert isinstance(second, Finding)
    assert (first.events, second.events) == ((1,), (2,))


def test_the_first_selected_event_is_judged_at_once() -> None:
    """`where` selects and `expect` asserts: a better one that comes later does not help."""
    found = waited([item(1, 1_000_000, "FAILED"), item(2, 2_000_000)], window(5_000))
    assert isinstance(found, Finding)
    assert (found.holds, found.text, found.shown) == (False, "came, and differs", {"status": "FAILED"})
    assert [str(each) for each in found.differences] == [
        'status: expected "MATCHED", found "FAILED"; they differ'
    ] or len(found.differences) == 1


@pytest.mark.parametrize(
    ("until_us", "final", "decided"),
    [
        (9_999_999, False, False),
        (10_000_000, False, True),
        (5_000_000, True, True),
        (4_999_999, True, False),
    ],
)
def test_nothing_is_decided_before_it_was_watched_far_enough(
    until_us: int, final: bool, decided: bool
) -> None:
    """Missing is only said at the end of the watch; with nothing more to come, at the deadline."""
    found = waited([], window(5_000, 10_000), until_us=until_us, final=final)
    assert isinstance(found, Finding) is decided


@pytest.mark.parametrize(
    ("code", "reason", "text", "shown"),
    [
        (1008, "slow", "the connection was closed (1008 slow) before it came", Closed(1008, "slow")),
        (1000, "", "the connection was closed (1000) before it came", Closed(1000, "")),
        (None, "", "the connection was closed (no close frame) before it came", LOST),
        (
            1008,
            "None left",
            "the connection was closed (1008 None left) before it came",
            Closed(1008, "None left"),
        ),
    ],
)
def test_a_stream_that_ends_in_the_window_decides_it(
    code: int | None, reason: str, text: str, shown: object
) -> None:
    """A close before the deadline is what came instead, with code and reason; without a code it was lost."""
    found = waited([], window(5_000), ended=closing(3, 2_000_000, code, reason))
    assert isinstance(found, Finding)
    assert (found.text, found.shown, found.at_us) == (text, shown, 2_000_000)


def test_our_own_close_for_a_broken_rule_is_no_close_of_the_peer_s() -> None:
    """Where we closed because of a limit or rule, the stream was lost: nobody can have expected its code."""
    ours = replace(closing(3, 2_000_000, 1009, "T024 we closed: too big"), by=By.SESSION)
    found = waited([], window(5_000), ended=ours)
    assert isinstance(found, Finding)
    assert found.shown is LOST
    assert found.text == "the connection was closed (1009 T024 we closed: too big) before it came"


def test_a_close_after_the_deadline_changes_nothing() -> None:
    """What comes after the deadline tells late from never only; our own closing at the end is no end."""
    after = waited([], window(5_000, 10_000), ended=closing(3, 5_000_001))
    ours = waited([], window(5_000), until_us=4_000_000, ended=closing(3, 4_000_001))
    assert isinstance(after, Finding)
    assert after.shown is NOTHING
    assert isinstance(ours, Pending)


def test_what_stands_after_a_close_does_not_count() -> None:
    """A runner that looks often has decided at the close; one that looks late says the same."""
    found = waited([item(4, 3_000_000)], window(5_000), ended=closing(3, 2_000_000))
    assert isinstance(found, Finding)
    assert found.shown == Closed(1006, "")


def test_a_stream_that_was_closed_before_the_cause_is_not_silent_but_gone() -> None:
    """Waiting on a dead stream is no silence: the close is what is shown, unless it was opened again."""
    gone = Story().opened().closed(1011, "restart").events
    again = Story().opened().closed(1011).opened().events
    assert stream_end(gone, 5) == gone[1]
    assert stream_end(again, 5) is None
    found = waited([], window(6_000, start_ms=1_000, cause=5), ended=stream_end(gone, 5))
    assert isinstance(found, Finding)
    assert (found.shown, found.at_us) == (Closed(1011, "restart"), 1_000_000)


COUNTED = [
    ([1.0], None, "pending"),
    ([1.0, 2.0], "came as expected", "holds"),
    ([1.0, 2.0, 4.000001], "came as expected", "holds"),
    ([1.0, 2.0, 4.0], "2 were expected and 1 more came within 2.000 s", Extra(1)),
    ([1.0, 2.0, 3.0, 3.5], "2 were expected and 2 more came within 2.000 s", Extra(2)),
    ([1.0, 5.0, 6.9], "2 were expected and 1 more came within 2.000 s", Extra(1)),
    ([1.0, 5.000001], "came 0.000 s after its deadline of 5.000 s", Late(1)),
]


@pytest.mark.parametrize(("at_s", "text", "shown"), COUNTED)
def test_a_count_waits_for_all_and_then_for_quiet(at_s: list[float], text: str | None, shown: object) -> None:
    """So many in time, then silence: one more within the quiet time, even past the deadline, is an extra."""
    items = [item(n, round(at * 1_000_000)) for n, at in enumerate(at_s, start=1)]
    until_us = 4_000_000 if shown == "pending" else 60_000_000
    found = waited(items, window(5_000, 8_000), until_us=until_us, count=2, quiet_us=2_000_000)
    if isinstance(found, Pending):
        assert shown == "pending"
        return
    assert found.text == text
    assert found.holds if shown == "holds" else found.shown == shown


def test_too_few_are_counted_in_the_finding() -> None:
    """One of two is said, and is nothing rather than a difference."""
    found = waited([item(1, 1_000_000)], window(5_000), count=2)
    assert isinstance(found, Finding)
    assert (found.text, found.shown) == ("only 1 of 2 came within 5.000 s", NOTHING)


def test_quiet_is_not_said_before_it_was_watched() -> None:
    """An extra that is there already is not counted before the quiet time is over."""
    items = [item(1, 1_000_000), item(2, 1_500_000)]
    found = waited(items, window(5_000), until_us=2_999_999, count=1, quiet_us=2_000_000)
    assert found == Pending("wait waits for quiet until 3.000 s")


def test_keepalives_are_no_messages_and_a_frame_may_hold_several() -> None:
    """PONG is skipped; an array is one item a message, each with its own key."""
    events = Story().pong().push(trade("MATCHED"), trade("MINED")).events
    items = stream_items(
        events, lambda e: () if ws.is_keepalive(e.data["wire"]) else ws.messages(e.data["wire"])
    )
    assert [(each.key, each.view["status"]) for each in items] == [((1, 0), "MATCHED"), ((1, 1), "MINED")]


SUBSCRIBED = [
    (lambda s: s.at(1000).pong(), True, "subscribed"),
    (lambda s: s.at(5000).push({"event_type": "book"}), True, "subscribed"),
    (lambda s: s.at(5001).pong(), False, "was not answered within 5.000 s"),
    (lambda s: s.at(100).closed(1008, "auth"), False, "was refused: the connection was closed (1008 auth)"),
    (lambda s: s.at(100).closed(None), False, "was refused: the connection was closed (no close frame)"),
    (lambda s: s.at(5001).closed(1000), False, "was not answered within 5.000 s"),
]


@pytest.mark.parametrize(("goes_on", "holds", "text"), SUBSCRIBED)
def test_a_subscription_is_accepted_by_any_sign_of_life_and_refused_by_a_close(
    goes_on: object, holds: bool, text: str
) -> None:
    """Within five seconds of the send, to the microsecond; what comes later decides nothing."""
    story = Story().opened().send("listen", {"subscribe": {}}, USER)
    assert callable(goes_on)
    goes_on(story)
    found = decide_subscribed("listen", story.events, story.events[1], 20_000_000)
    assert isinstance(found, Finding)
    assert (found.holds, found.text) == (holds, text)
    assert isinstance(decide_subscribed("listen", story.events[:2], story.events[1], 4_999_999), Pending)


STAMPS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ABC")), max_size=8)


@given(
    told=STAMPS,
    looks=st.lists(st.integers(0, 60), max_size=12),
    within=st.tuples(st.integers(0, 15), st.integers(0, 15)),
    count=st.sampled_from([None, 1, 2]),
    ended=st.none() | st.integers(0, 40),
    cause=st.integers(-1, 3),
)
def test_a_wait_is_decided_alike_however_often_one_looks(
    told: list[tuple[int, str]],
    looks: list[int],
    within: tuple[int, int],
    count: int | None,
    ended: int | None,
    cause: int,
) -> None:
    """A live runner that looks at any times finds what a replay finds that sees everything at once."""
    stamps = sorted(told)
    items = [Item((n, 0), n, at, {"status": word}) for n, (at, word) in enumerate(stamps)]
    end = None
    if ended is not None:
        number = next((each.number for each in items if each.at_us > ended), len(items))
        items = [Item((i.number, 0), i.number + (i.number >= number), i.at_us, i.view) for i in items]
        end = closing(number, ended)
    want = wanted("{status: {$in: [A, B]}}", "{status: A}", count=count, quiet_us=5)
    limits = Window(max(cause, 0), 0, within[0], within[0] + within[1])

    def look(at_us: int) -> Decision:
        seen = [each for each in items if each.at_us <= at_us]
        over = end if end is not None and end.at_us <= at_us and end.number > limits.cause_number else None
        return decide_wait(want, Watched(seen, at_us, over), limits, ())[0]

    at_once = look(100)
    assert isinstance(at_once, Finding)
    incrementally = next((found for at in sorted(looks) if isinstance(found := look(at), Finding)), at_once)
    assert incrementally == at_once
