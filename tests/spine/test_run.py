"""A run takes a case through a world: given, steps, checks, and finally whatever happens."""

from __future__ import annotations

import pytest

from harness.errors import CassetteStale, HarnessError
from harness.finding import Pending
from harness.matchers import LOST, NOTHING, Closed, Extra, Late
from harness.model import By, Event, Kind, Lane
from harness.replayer import ReplayWorld
from harness.windows import beyond, window_from
from harness.world import Exchange, Intent

from .story import ALICE, ORDER, Story, case, page, run, trade

BUY = """
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}
"""
LISTEN = """
  - {id: listen, ws: user, subscribe: {markets: [m]}}
"""
FILLED = """
  - {id: filled, ws: user, within: 5s, where: {event_type: trade}, expect: {status: MATCHED}, save: {t: $.id}}
"""
SETTLES = """
checks:
  - {id: settles, lifecycle: {trade: "${t}", states: [MATCHED, CONFIRMED]}, within: 5s}
"""
CANCEL = {"method": "DELETE", "path": "/cancel-all"}
FINALLY = """
finally:
  - {rest: DELETE /cancel-all}
  - {rest: DELETE /cancel-all, expect: {status: 200}}
"""


def bought(status: int = 200) -> Story:
    return Story().at(100).listening().at(1000).posted("buy", {"ok": True}, status)


def cleaned(story: Story) -> Story:
    for n in (1, 2):
        story.step(f"finally.{n}").send(f"finally.{n}", CANCEL).answer(f"finally.{n}", {})
    return story


def test_every_step_and_check_that_was_reached_has_a_finding_in_order() -> None:
    """A run in which all holds."""
    story = bought().at(1500).push(trade()).at(2000).push(trade("CONFIRMED")).at(9000).watched()
    found = run("steps:" + LISTEN + BUY + FILLED + SETTLES, story.events)
    assert [(name, each.holds) for name, each in found.findings.items()] == [
        ("listen", True),
        ("buy", True),
        ("filled", True),
        ("settles", True),
    ]
    assert (found.failed, found.not_reached, found.trouble, found.leftovers) == ((), [], None, [])


def test_the_first_failing_step_ends_the_steps_and_checks_without_inputs_are_not_reached() -> None:
    """After a failure nothing more is demanded, a check that lacks its input has not failed, finally runs."""
    story = cleaned(bought(status=400).at(3000))
    found = run("steps:" + LISTEN + BUY + FILLED + SETTLES + FINALLY, story.events)
    assert list(found.findings) == ["listen", "buy"]
    assert (found.failed_step, found.not_reached, found.leftovers) == ("buy", ["settles"], [])
    assert [str(each) for each in found.findings["buy"].differences] == [
        "status: expected 200, found 400; 200 more"
    ] or len(found.findings["buy"].differences) == 1


def test_trouble_in_given_is_not_the_bug() -> None:
    """A given step that fails ends the run as trouble; no step and no check has a finding."""
    body = (
        "given:\n  - {rest: POST /order, json: {size: 5}, expect: {status: 200}}\nsteps:"
        + LISTEN
        + BUY
        + FINALLY
    )
    story = cleaned(Story().at(100).posted("given.1", {}, 503))
    found = run(body, story.events)
    assert found.trouble is not None
    assert (found.trouble.subject, found.findings, found.not_reached) == ("given.1", {}, [])
    assert found.leftovers == []


def test_a_failing_finally_is_left_over_and_no_finding() -> None:
    """What could not be cleaned up is told, and judged by nobody."""
    story = bought()
    for n, status in ((1, 200), (2, 500)):
        story.step(f"finally.{n}").send(f"finally.{n}", CANCEL).answer(f"finally.{n}", {}, status=status)
    found = run("steps:" + LISTEN + BUY + FINALLY, story.events)
    assert [each.subject for each in found.leftovers] == ["finally.2"]
    assert found.failed == ()


class Breaking(ReplayWorld):
    """A world in which one step ends in an error."""

    def __init__(self, events: list[Event], at: str, error: BaseException) -> None:
        super().__init__(events)
        self.at, self.error = at, error
        self.asked: list[str] = []

    def send(self, lane: Lane, intent: Intent) -> Exchange:
        self.asked.append(lane.step)
        if lane.step == self.at:
            raise self.error
        return super().send(lane, intent)


@pytest.mark.parametrize(
    "error",
    [HarnessError("T001", "down"), KeyboardInterrupt(), ValueError("ours")],
    ids=lambda e: type(e).__name__,
)
def test_finally_runs_whatever_ends_the_run(error: BaseException) -> None:
    """An error, a bug of ours or Ctrl-C: cleaning up is tried, and what ended the run is what is raised."""
    world = Breaking(cleaned(bought()).events, "buy", error)
    with pytest.raises(type(error)) as caught:
        run("steps:" + LISTEN + BUY + FINALLY, world)
    assert caught.value is error
    assert world.asked == ["listen", "buy", "finally.1", "finally.2"]


def test_an_error_in_finally_stops_no_other_step_of_it_and_is_raised_then() -> None:
    """The second step is tried although the first ended in an error."""
    world = Breaking(cleaned(bought()).events, "finally.1", HarnessError("T001", "down"))
    with pytest.raises(HarnessError, match="down"):
        run("steps:" + LISTEN + BUY + FINALLY, world)
    assert world.asked == ["listen", "buy", "finally.1", "finally.2"]


def test_a_save_that_finds_nothing_fails_its_step() -> None:
    """What came lacks the part: the step says which and what is there."""
    body = "steps:\n  - {id: buy, rest: POST /order, json: {size: 5}, save: {order: $.body.orderID}}\n" + (
        '  - {id: again, rest: POST /order, json: {id: "${order}"}, expect: {status: 200}}\n'
    )
    found = run(body, bought().events)
    assert found.findings["buy"].text == (
        "'order' cannot be saved: what came.body has no 'orderID'; there is: ok"
    )
    assert found.failed_step == "buy"


def test_a_step_whose_inputs_lack_a_part_fails_and_says_which() -> None:
    """A reference into what came that is not there cannot be built."""
    body = (
        "steps:"
        + BUY
        + '  - {id: again, rest: POST /order, json: {id: "${buy.got.body.id}"}, expect: {status: 200}}\n'
    )
    found = run(body, bought().events)
    assert found.findings["again"].text == "cannot be built: buy.got.body has no 'id'; there is: ok"


def test_a_lost_answer_is_a_finding() -> None:
    """A connection lost after it opened is the product's: the step fails with `$lost`."""
    story = (
        Story().step("buy").send("buy", {"method": "POST", "path": "/order", "json": {"size": 5}}).lost("buy")
    )
    found = run("steps:" + BUY, story.events).findings["buy"]
    assert (found.shown, found.text) == (LOST, "no answer came: ReadTimeout")


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


def test_a_check_after_a_step_that_was_not_reached_is_not_reached() -> None:
    """A window without its cause is not invented."""
    check = f"""
checks:
  - id: agree
    reconcile: {{order: "{ORDER}", fields: [size], sources: [rest, ws]}}
    within: 1s
    after: buy
"""
    body = "steps:" + LISTEN + "  - {id: ask, rest: GET /time, expect: {status: 200}}\n" + BUY + check
    story = Story().at(100).listening().step("ask")
    story.read("ask", {"method": "GET", "path": "/time"}, {}, status=500)
    found = run(body, story.events)
    assert (found.not_reached, list(found.findings)) == (["agree"], ["listen", "ask"])


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


def test_two_replays_of_one_recording_come_to_the_same() -> None:
    """The same findings, value for value."""
    story = bought().at(1500).push(trade()).at(7000).push(trade("FAILED")).at(20_000).watched()
    read = case("steps:" + LISTEN + BUY + FILLED + SETTLES)
    assert run(read, story.events) == run(read, story.events)
