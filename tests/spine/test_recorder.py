"""The live world puts what drivers report onto one timeline, polls when due, and closes what it opened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from harness.clock import ManualClock
from harness.errors import TargetError
from harness.files import FileError
from harness.model import By, Event, Kind, Lane, Source
from harness.recorder import LiveWorld
from harness.timeline import Timeline
from harness.world import Intent, Line, PollNeed, StreamLine, StreamNeed

from .story import ALICE, CHAIN, GET, USER, sent_by

BUY = Lane(ALICE, "buy")
POST = {"method": "POST", "path": "/order"}


class Script:
    """A driver below the seam: says what it is told to, and moves the clock as it does."""

    def __init__(self, clock: ManualClock, says: Callable[[Intent, Line, StreamLine], None]) -> None:
        self.clock = clock
        self.says = says
        self.opened: list[Source] = []
        self.closed: list[Source] = []
        self.probed: list[Source] = []

    def __call__(self, source: Source, stream: StreamLine) -> Script._Door:
        self.opened.append(source)
        return Script._Door(self, source, stream)

    class _Door:
        def __init__(self, script: Script, source: Source, stream: StreamLine) -> None:
            self.script, self.source, self.stream = script, source, stream

        def send(self, intent: Intent, line: Line) -> None:
            self.script.says(intent, line, self.stream)

        def probe(self) -> None:
            self.script.probed.append(self.source)

        def close(self) -> None:
            self.script.closed.append(self.source)
            if self.source.actor == "mallory":
                raise OSError("will not close")


def answers(clock: ManualClock, took_us: int = 10_000) -> Script:
    def say(intent: Intent, line: Line, stream: StreamLine) -> None:
        line.sent({"target": intent.get("path", "")})
        clock.advance(took_us)
        line.answered({"status": 200})

    return Script(clock, say)


def live(script: Script) -> LiveWorld:
    return LiveWorld(Timeline(script.clock), script)


def test_a_live_send_is_two_events_of_its_lane_with_intent_wire_and_derived_facts() -> None:
    """The send holds the intent, what went out and what was computed from it; the answer its index."""
    clock = ManualClock()

    def say(intent: Intent, line: Line, stream: StreamLine) -> None:
        line.sent({"target": "/order"}, {"order_id": "0xab"})
        clock.advance(3_000)
        line.answered({"status": 200})

    with live(Script(clock, say)) as world:
        exchange = sent_by(world, BUY, POST)
        again = sent_by(world, BUY, POST)
    assert exchange.send.data == {
        "intent": POST,
        "wire": {"target": "/order"},
        "derived": {"order_id": "0xab"},
    }
    assert exchange.answer is not None
    assert (exchange.send.by, exchange.answer.by, exchange.answer.at_us) == (By.CASE, By.PEER, 3_000)
    assert (again.send.index, again.answer and again.answer.index) == (1, 1)


def test_a_lost_answer_and_none_at_all_are_told_apart() -> None:
    """LOST says why; a stream's send has no answer of its own."""
    clock = ManualClock()

    def say(intent: Intent, line: Line, stream: StreamLine) -> None:
        line.sent({})
        if "method" in intent:
            line.lost("ReadTimeout")

    with live(Script(clock, say)) as world:
        lost = sent_by(world, BUY, POST).answer
        assert lost is not None
        assert (lost.kind, lost.data) == (Kind.LOST, {"why": "ReadTimeout"})
        assert sent_by(world, Lane(USER, "listen"), {"subscribe": {}}).answer is None


def test_one_driver_a_source_is_opened_at_its_first_send() -> None:
    """Two lanes of a source share its driver; another source has its own."""
    script = answers(ManualClock())
    with live(script) as world:
        for lane in (BUY, Lane(ALICE, "sell"), Lane(CHAIN, "paid")):
            sent_by(world, lane, GET)
    assert script.opened == [ALICE, CHAIN]
    assert script.closed == [CHAIN, ALICE]


def test_an_environment_that_does_not_open_is_no_event() -> None:
    """What a driver raises reaches the runner, and no half exchange is left."""

    def say(intent: Intent, line: Line, stream: StreamLine) -> None:
        raise TargetError("T001", "down")

    with live(Script(ManualClock(), say)) as world:
        with pytest.raises(TargetError, match="down"):
            sent_by(world, BUY, POST)
        assert world.recorded() == ()


def test_leaving_the_live_world_notes_horizons_and_closes_every_driver() -> None:
    """Each stream that was opened gets its horizon; a driver that will not close keeps no other open."""
    clock = ManualClock()

    def say(intent: Intent, line: Line, stream: StreamLine) -> None:
        line.sent({})
        if "subscribe" in intent:
            stream.opened()
            stream.pushed({"text": "PONG"}, By.SESSION)

    script = Script(clock, say)
    world = live(script)
    mallory = Source("rest", "mallory")
    for lane in (Lane(USER, "listen"), Lane(mallory, "spy"), BUY):
        sent_by(world, lane, {"subscribe": {}} if lane.source == USER else GET)
    clock.advance(5_000)
    with pytest.raises(OSError, match="will not close"):
        world.finish()
    world.finish()
    marks = [event for event in world.recorded() if event.kind is Kind.HORIZON]
    assert [(mark.source, mark.data) for mark in marks] == [(USER, {"until_us": 5_000})]
    assert sorted(script.closed) == sorted([USER, mallory, ALICE])


def test_a_disk_that_refuses_a_stream_is_no_silent_stream() -> None:
    """What could not be kept of a stream ends the run at its next wait, and every driver is closed."""
    doors: list[StreamLine] = []

    def say(intent: Intent, line: Line, stream: StreamLine) -> None:
        line.sent({})
        stream.opened()
        doors.append(stream)

    script, world = refusing(say)
    sent_by(world, Lane(USER, "listen"), {"subscribe": {}})
    with pytest.raises(FileError):
        doors[0].pushed({"text": "one"})
    with pytest.raises(FileError, match="the disk is full"):
        world.gather([StreamNeed(USER)], 1_000_000)
    world.finish()
    assert script.closed == [USER]


def test_trouble_that_nobody_saw_is_raised_by_the_end() -> None:
    """What could not be kept after the last wait is told when the world is left, after all was closed."""

    def say(intent: Intent, line: Line, stream: StreamLine) -> None:
        line.sent({})
        with suppress(FileError):
            stream.pushed({"text": "one"})

    script, world = refusing(say)
    sent_by(world, Lane(USER, "listen"), {"subscribe": {}})
    with pytest.raises(FileError, match="the disk is full"):
        world.finish()
    assert script.closed == [USER]


def refusing(say: Callable[[Intent, Line, StreamLine], None]) -> tuple[Script, LiveWorld]:
    """A world whose journal refuses what is pushed."""

    def keep(event: Event) -> None:
        if event.kind is Kind.PUSH:
            raise FileError("F002", Path("x.journal"), "the disk is full")

    clock = ManualClock()
    script = Script(clock, say)
    return script, LiveWorld(Timeline(clock, keep), script)


def test_marks_stand_on_the_live_timeline() -> None:
    """Start, missed deadline and end of a step are the runner's own events, and no view shows them."""
    with live(answers(ManualClock())) as world:
        world.begin(ALICE, "buy")
        world.deadline(ALICE, "buy", 5_000)
        world.end(ALICE, "buy", 4_000)
        kinds = [(event.kind, event.by, event.data) for event in world.recorded()]
        assert world.observe().events == []
    assert kinds == [
        (Kind.STEP, By.RUNNER, {}),
        (Kind.DEADLINE, By.RUNNER, {"deadline_us": 5_000}),
        (Kind.END, By.RUNNER, {"decided_us": 4_000}),
    ]


def test_a_live_poll_is_repeated_every_so_often_and_once_more_at_its_end() -> None:
    """Polls are due by the stamp of the last send, and the last one is made when the time is over."""
    clock = ManualClock()
    script = answers(clock, took_us=100_000)
    need = PollNeed(BUY, GET, 200_000)
    with live(script) as world:
        while world.gather([need], 450_000):
            if world.observe().horizon_us(BUY) % 200_000 == 100_000:
                clock.advance(100_000)  # nothing happens until the next is due
        sent = [event.at_us for event in world.recorded() if event.kind is Kind.SEND]
        assert world.observe().horizon_us(BUY) == sent[-1] + 100_000
    assert sent == [0, 200_000, 400_000, 600_000]


def test_a_live_wait_ends_without_an_event_when_its_time_is_over() -> None:
    """With streams only, nothing more can come once the clock is past the end."""
    clock = ManualClock()
    with live(answers(clock)) as world:
        world.begin(USER, "wait")
        clock.advance(1_000)
        assert not world.gather([StreamNeed(USER)], 1_000)
        assert world.observe().horizon_us(USER) == 1_000


def test_a_sign_of_life_is_asked_for_once_by_each_wait_that_needs_one() -> None:
    """Looking again asks nothing; the next wait on the same stream asks anew, and others never do."""
    script = answers(ManualClock())
    first, second = StreamNeed(USER, alive=True), StreamNeed(USER, alive=True)
    with live(script) as world:
        for need in (first, first, StreamNeed(USER), second, first, second):
            world.gather([need], 0)
    assert script.probed == [USER, USER]


def test_a_send_that_does_not_go_out_takes_no_place_in_its_lane() -> None:
    """What fails before it is on its way is no event; the next send of the lane is its first."""
    clock, refusals = ManualClock(), [TargetError("T001", "down")]

    def say(intent: Intent, line: Line, stream: StreamLine) -> None:
        if refusals:
            raise refusals.pop()
        line.sent({})
        line.answered({})

    with live(Script(clock, say)) as world:
        with pytest.raises(TargetError):
            sent_by(world, BUY, POST)
        assert sent_by(world, BUY, POST).send.index == 0
