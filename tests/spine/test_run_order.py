"""A run takes its parts in order, cleans up whatever ended it, and says what was not reached."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.errors import HarnessError
from harness.matchers import LOST
from harness.model import Event
from harness.replayer import ReplayWorld
from harness.world import Exchange, Sending

from .run_bodies import BUY, CANCEL, FILLED, FINALLY, LISTEN, SETTLES, bought, cleaned
from .story import ORDER, Story, case, run, trade


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

    def send(self, sendings: Sequence[Sending]) -> Sequence[Exchange]:
        for sending in sendings:
            self.asked.append(sending.lane.step)
            if sending.lane.step == self.at:
                raise self.error
        return super().send(sendings)


@pytest.mark.parametrize(
    "error",
    [HarnessError("T001", "down"), ValueError("ours")],
    ids=lambda e: type(e).__name__,
)
def test_finally_runs_whatever_ends_the_run(error: BaseException) -> None:
    """An error or a bug of ours: cleaning up is tried, and what ended the run is what is raised."""
    world = Breaking(cleaned(bought()).events, "buy", error)
    with pytest.raises(type(error)) as caught:
        run("steps:" + LISTEN + BUY + FINALLY, world)
    assert caught.value is error
    assert world.asked == ["listen", "buy", "finally.1", "finally.2"]


def test_an_interrupt_waits_for_no_finally() -> None:
    """Ctrl-C ends the run at once: what it placed is taken back by whoever carried it out (`cleaning`)."""
    world = Breaking(cleaned(bought()).events, "buy", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run("steps:" + LISTEN + BUY + FINALLY, world)
    assert world.asked == ["listen", "buy"]


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


def test_two_replays_of_one_recording_come_to_the_same() -> None:
    """The same findings, value for value."""
    story = bought().at(1500).push(trade()).at(7000).push(trade("FAILED")).at(20_000).watched()
    read = case("steps:" + LISTEN + BUY + FILLED + SETTLES)
    assert run(read, story.events) == run(read, story.events)
