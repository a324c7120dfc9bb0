"""A run waits, polls and watches in windows that start at their cause and end where the recording does."""

from __future__ import annotations

import pytest

from harness.errors import CassetteStale
from harness.finding import Pending
from harness.matchers import NOTHING, Closed, Extra, Late
from harness.model import By, Event, Kind
from harness.replayer import ReplayWorld
from harness.windows import beyond, window_from

from .run_bodies import BUY, FILLED, LISTEN, SETTLES, bought
from .story import ALICE, ORDER, Story, page, run, trade

CAUSES = {
    "the nearest earlier step that sends": ("", 1000),
    "the step that after names": ("after: ask, ", 2000),
    "the subscription that after names": ("after: listen, ", 100),
}


@pytest.mark.parametrize(("words", "start_ms"), CAUSES.values(), ids=CAUSES)
def test_a_window_starts_at_its_cause(words: str, start_ms: int) -> None:
    """Reads are no causes; `after` names any earlier step, a read too, and its start is the window's."""
    ask = "  - {id: ask, rest: GET /data/trades, expect: {status: 200}}\n"
    wait = f"""
  - {{id: filled, ws: user, {words}within: 5s, where: {{event_type: trade}}, expect: {{status: MATCHED}}}}
"""
    story = bought().at(2000).step("ask").read("ask", {"method": "GET", "path": "/data/trades"}, {})
    late = start_ms + 5001
    story.at(late).push(trade()).at(20_000).watched()
    found = run("steps:" + LISTEN + BUY + ask + wait, story.events).findings["filled"]
    assert (found.shown, found.at_us) == (Late(1000), late * 1000)


def test_an_event_is_taken_by_one_wait_only() -> None:
    """Two waits for a trade need two trades, in one frame or in two."""
    two = FILLED + FILLED.replace("filled", "second").replace(", save: {t: $.id}", "") + SETTLES
    one = run("steps:" + LISTEN + BUY + two, bought().at(1500).push(trade()).at(20_000).watched().events)
    both = run(
        "steps:" + LISTEN + BUY + two, bought().at(1500).push(trade(), trade()).at(30_000).watched().events
    )
    assert one.failed_step == "second"
    assert one.findings["second"].shown is NOTHING
    assert both.failed_step is None


def test_a_missed_deadline_is_watched_on_only_for_whom_it_matters() -> None:
    """Watching tells late from never; without it a late event is nothing, and it is a failure either way."""
    story = bought().at(7000).push(trade()).at(20_000).watched()
    body = "steps:" + LISTEN + BUY + FILLED + SETTLES
    watched = run(body, story.events).findings["filled"]
    left = run(body, story.events, watching=lambda subject: subject != "filled").findings["filled"]
    assert (watched.shown, left.shown) == (Late(1_000_000), NOTHING)
    assert not watched.holds
    assert not left.holds


def test_our_own_closing_at_the_end_is_not_what_a_silent_wait_shows() -> None:
    """A stream that was silent to the end shows nothing, although the recording ends with its close."""
    story = bought().at(12_000).watched().at(12_001).closed(1000)
    found = run("steps:" + LISTEN + BUY + FILLED + SETTLES, story.events)
    assert found.findings["filled"].shown is NOTHING


def test_a_close_by_the_other_side_is_what_came_instead() -> None:
    """The code and the reason are the finding."""
    story = bought().at(2000).closed(1011, "oops").at(20_000).watched()
    found = run("steps:" + LISTEN + BUY + FILLED + SETTLES, story.events).findings["filled"]
    assert (found.shown, found.text) == (
        Closed(1011, "oops"),
        "the connection was closed (1011 oops) before it came",
    )


def test_a_count_hears_an_extra_after_the_deadline() -> None:
    """One is expected and the second comes in the quiet time, past the deadline."""
    wait = "  - {id: one, ws: user, within: 5s, count: 1, where: {event_type: trade}}\n"
    story = bought().at(5900).push(trade()).at(6100).push(trade()).at(20_000).watched()
    assert run("steps:" + LISTEN + BUY + wait, story.events).findings["one"].shown == Extra(1)


def test_a_window_beyond_the_recording_is_stale_and_never_a_pass() -> None:
    """K007 says how far it reaches and how far the case asks."""
    story = bought().at(4000).watched()
    with pytest.raises(CassetteStale) as caught:
        run("steps:" + LISTEN + BUY + FILLED + SETTLES, story.events)
    assert caught.value.code == "K007"
    assert caught.value.text == (
        "filled: the recording does not reach far enough: filled was watched until 4.000 s, "
        "the case asks until 6.000 s. Shorten the window, or record again."
    )
    assert str(beyond("x", Pending("p"), 1_500)).startswith("K007 x: the recording")


READS = "  - {id: reads, rest: GET /data/trades, within: 2s, expect: {body: {n: 3}}}\n"


def polled(*values: int) -> Story:
    story = bought().at(1100).step("reads")
    for at, value in enumerate(values):
        story.at(1100 + at * 500).read("reads", {"method": "GET", "path": "/data/trades"}, {"n": value})
    return story


def test_polls_take_their_recorded_attempts_in_order_and_may_stop_earlier() -> None:
    """The first attempt that holds decides; what was recorded beyond it is listed as unused."""
    world = ReplayWorld(polled(1, 2, 3, 4, 5).events)
    found = run("steps:" + LISTEN + BUY + READS, world).findings["reads"]
    assert (found.holds, found.at_us) == (True, 2_100_000)
    assert world.unused() == ("step 'reads' on rest(alice): 2 of 5 recorded sends unused",)


def test_a_poll_beyond_its_last_recorded_attempt_is_stale() -> None:
    """The recording ends before the deadline: invalid, and said with the last answer's time."""
    with pytest.raises(CassetteStale) as caught:
        run("steps:" + LISTEN + BUY + READS, polled(1, 2).events)
    assert caught.value.text == (
        "reads: the recording does not reach far enough: reads was read until 1.600 s and lacks "
        "body.n: expected 3, found 2: 1 less, "
        "the case asks until 3.000 s. Shorten the window, or record again."
    )


def test_two_checks_wait_side_by_side() -> None:
    """One that is decided early does not wait for the other, and both have their own window."""
    checks = f"""{SETTLES}
  - {{id: agree, reconcile: {{order: "{ORDER}", fields: [size], sources: [rest, ws]}}, within: 3s}}
"""
    story = (
        bought()
        .at(1500)
        .push(trade())
        .at(1600)
        .read("check:agree", {"method": "GET", "path": "/data/trades"}, page())
    )
    story.at(2000).read("check:agree", {"method": "GET", "path": "/data/trades"}, page(trade()))
    story.at(5000).push(trade("CONFIRMED")).at(9000).watched()
    found = run("steps:" + LISTEN + BUY + FILLED + checks, story.events).findings
    assert (found["settles"].at_us, found["agree"].at_us) == (5_000_000, 2_000_000)
    assert found["settles"].holds
    assert found["agree"].holds


def test_windows_are_watched_for_as_long_again_at_most_a_minute_more() -> None:
    """`watch` is counted from the cause; without it, twice `within`, at most 60 s more."""
    cause = Event(3, 1_000_000, Kind.STEP, ALICE, by=By.RUNNER)
    second = 1_000_000

    def watch(within_s: int, watch_s: int | None, watching: bool = True) -> int:
        watch_us = None if watch_s is None else watch_s * second
        return window_from(cause, within_s * second, watch_us, watching=watching).watch_us // second

    assert [watch(5, None), watch(90, None), watch(5, 30), watch(5, 3), watch(5, 30, watching=False)] == [
        11,
        151,
        31,
        6,
        6,
    ]
