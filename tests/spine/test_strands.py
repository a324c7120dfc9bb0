"""Strands side by side: sends at one barrier, waits gathered together, sleeps that wake in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harness.errors import CassetteStale, TargetError
from harness.finding import Decision, Finding, Pending
from harness.model import Kind, Lane, Source
from harness.recorder import LiveWorld
from harness.references import MissingPartError
from harness.replayer import ReplayWorld
from harness.strands import AtOnce, Awaits, Sends, Sleeps, Strand, awaited, drive, sent
from harness.world import Exchange, Intent, Line, Sending, StreamLine, StreamNeed, View

from .stage import Peers, Staged, live, same
from .story import ALICE, USER, trade

BOB = Source("rest", "bob")
ORDER = {"method": "POST", "path": "/order"}
LISTEN: dict[str, Any] = {"subscribe": {}}


def told(words: list[str], name: str, *until_ms: int) -> Strand[str]:
    for at_ms in until_ms:
        yield Sleeps(at_ms * 1000)
        words.append(f"{name} {at_ms}")
    return name


def pushes(view: View) -> int:
    return sum(event.kind is Kind.PUSH for event in view.events)


def heard(count: int, until_us: int = 9_000_000) -> Awaits:
    """A wait for so many frames of the stream."""

    def decide(view: View, final: bool) -> Decision:
        if pushes(view) >= count:
            return Finding("heard", True, 0, str(pushes(view)))
        return Finding("heard", False, 0, "none") if final else Pending("waits")

    return Awaits("heard", (StreamNeed(USER),), decide, until_us, until_us)


def test_sleeps_wake_in_order() -> None:
    """Whoever sleeps less goes on first, whatever the order in which they stand; each returns its own."""
    words: list[str] = []

    def both() -> Strand[Any]:
        return (yield AtOnce((told(words, "a", 30, 50), told(words, "b", 10, 40), told(words, "c"))))

    with LiveWorld(Peers().stage, Peers()) as world:
        assert drive(world, both()) == ("a", "b", "c")
        assert world.observe().now_us == 50_000
    assert words == ["b 10", "a 30", "b 40", "a 50"]


def test_strands_nest_and_give_back_what_theirs_returned() -> None:
    """A strand that splits goes on where its last one ended, and no other waits for that."""
    words: list[str] = []

    def inner(name: str, *until_ms: int) -> Strand[Any]:
        held = yield AtOnce((told(words, name, *until_ms), told(words, name + name)))
        words.append(f"{name} done")
        return held

    def outer() -> Strand[Any]:
        return (yield AtOnce((inner("a", 20), inner("b", 10), told(words, "c", 30))))

    with LiveWorld(Peers().stage, Peers()) as world:
        assert drive(world, outer()) == (("a", "aa"), ("b", "bb"), "c")
    assert words == ["b 10", "b done", "a 20", "a done", "c 30"]


def test_nobody_at_once_is_done_at_once() -> None:
    """No strands are no reason to wait."""

    def none() -> Strand[Any]:
        return (yield AtOnce(()))

    assert drive(ReplayWorld([]), none()) == ()


class Barriers:
    """Drivers that answer only while both are being asked."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2, timeout=5)

    def __call__(self, source: Source, stream: StreamLine) -> Barriers:
        return self

    def send(self, intent: Intent, line: Line) -> None:
        line.sent({})
        self.barrier.wait()
        line.answered({"status": 200})

    def probe(self) -> None: ...

    def close(self) -> None: ...


def asked(source: Source, step: str, times: int = 1) -> Strand[Sequence[Exchange]]:
    return (yield from sent(*[Sending(Lane(source, step), ORDER)] * times))


def test_sends_of_two_strands_really_overlap() -> None:
    """Both are under way before either is answered: each driver waits for the other."""

    def both() -> Strand[Any]:
        return (yield AtOnce((asked(ALICE, "buy"), asked(BOB, "sell"))))

    with LiveWorld(Staged(), Barriers()) as world:
        [bought], [sold] = drive(world, both())
        kinds = [event.kind for event in world.recorded()]
    assert (bought.send.source, sold.send.source) == (ALICE, BOB)
    assert kinds == [Kind.SEND, Kind.SEND, Kind.ANSWER, Kind.ANSWER]


def test_two_sends_of_one_lane_stand_in_order() -> None:
    """Whichever goes out first is the first of its lane, and the recording fits together."""
    for _ in range(20):
        with LiveWorld(Staged(), Barriers()) as world:
            exchanges = drive(world, asked(ALICE, "buy", 2))
            events = world.recorded()
        again = drive(ReplayWorld(events), asked(ALICE, "buy", 2))
        assert [each.send.index for each in exchanges] == [0, 1]
        assert list(again) == list(exchanges)


def test_a_strand_waits_for_a_stream_while_another_sends() -> None:
    """What is pushed while a request is under way is there for who waits, and neither holds up the other."""
    peers = Peers().answers("/order", {}, took_ms=500).pushes(USER, 300, trade())

    def waiting() -> Strand[Finding]:
        yield from sent(Sending(Lane(USER, "listen"), LISTEN))
        return (yield from awaited(heard(2)))

    def buying() -> Strand[str]:
        for n in range(2):
            yield from sent(Sending(Lane(ALICE, f"buy{n}"), ORDER))
        return "bought"

    def both() -> Strand[Any]:
        return (yield AtOnce((waiting(), buying())))

    with LiveWorld(peers.stage, peers) as world:
        found, bought = drive(world, both())
    assert (found.text, bought) == ("2", "bought")


def breaking(error: Exception) -> Callable[[Intent], None]:
    def meanwhile(intent: Intent) -> None:
        raise error

    return meanwhile


def test_an_error_of_the_world_passes_through() -> None:
    """What a driver raises ends the run, from a strand inside a strand too."""
    peers = Peers().answers("/order", {}).during(breaking(TargetError("T001", "down")))

    def both() -> Strand[Any]:
        return (yield AtOnce((told([], "a", 10), asked(ALICE, "buy"), asked(BOB, "sell"))))

    with LiveWorld(peers.stage, peers) as world, pytest.raises(TargetError, match="down"):
        drive(world, both())


def test_a_wait_that_cannot_be_decided_is_told_to_its_strand() -> None:
    """A reference that leads nowhere is for the step to say, not the end of the run."""

    def decide(view: View, final: bool) -> Decision:
        raise MissingPartError("nothing there")

    def waiting() -> Strand[str]:
        try:
            yield from awaited(Awaits("x", (), decide, 0, 0))
        except MissingPartError as error:
            return str(error)
        return "decided"

    assert drive(ReplayWorld([]), waiting()) == "nothing there"


def test_a_wait_beyond_the_recording_is_stale() -> None:
    """Where nothing more can come and nothing is decided, the recording is too short."""

    def decide(view: View, final: bool) -> Decision:
        return Pending("watched until 0.000 s")

    with pytest.raises(CassetteStale, match="x: the recording does not reach far enough: watched until"):
        drive(ReplayWorld([]), awaited(Awaits("x", (), decide, 1_000_000, 1_000_000)))


def test_a_send_is_served_before_who_waits() -> None:
    """Requests that can be answered now go first; the order of strands changes no finding."""
    order: list[str] = []

    def sending() -> Strand[None]:
        yield Sends((Sending(Lane(USER, "listen"), LISTEN),))
        order.append("sent")

    def waiting() -> Strand[None]:
        yield heard(1)
        order.append("heard")

    def both() -> Strand[Any]:
        return (yield AtOnce((waiting(), sending())))

    peers = Peers()
    with LiveWorld(peers.stage, peers) as world:
        drive(world, both())
    assert order == ["sent", "heard"]


TWO_WRITERS = """steps:
  - id: both
    together:
      - {id: buy, rest: POST /order, json: {size: 1}, expect: {status: 200}}
      - id: burst
        repeat: 2
        steps:
          - {id: sell, rest: POST /order, json: {size: 2}, expect: {status: 200}}
"""


def test_members_of_together_start_at_one_barrier_and_replay_alike() -> None:
    """Two writers of one actor, one of them twice: every send is recorded in its lane and found again."""
    came = same(TWO_WRITERS, Peers().answers("/order", {}))
    assert {name: each.text for name, each in came.findings.items()} == {
        "buy": "as expected",
        "sell": "as expected",
        "burst": "all 2 rounds hold",
        "both": "all 2 hold",
    }


def test_a_failing_member_stops_no_other() -> None:
    """All members end before the group does, and the group names who failed."""
    peers = Peers().answers("/order", (500, {}), took_ms=0)
    came, _ = live(
        TWO_WRITERS.replace("expect: {status: 200}}\n      - id", "expect: {status: 500}}\n      - id"), peers
    )
    assert (came.failed_step, came.failed_inside) == ("both", ("burst", "sell"))
    assert came.findings["buy"].holds
    assert came.findings["both"].text == "'sell' does not hold"
