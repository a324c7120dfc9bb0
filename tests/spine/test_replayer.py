"""The recorded world answers from a cassette what a live one answers from sockets, or says why it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import CassetteDamaged, CassetteStale
from harness.model import By, Event, Kind, Lane
from harness.replayer import ReplayWorld
from harness.world import Intent, PollNeed

from .story import ALICE, CHAIN, GET, RUNNER, USER, Story, sent_by

BUY = Lane(ALICE, "buy")
POST = {"method": "POST", "path": "/order"}


def recorded() -> Story:
    """Two reads of alice, one look at the chain in between, and a stream."""
    story = Story().at(100).step("buy").send("buy", POST).at(110).answer("buy", {"ok": True}).end("buy")
    story.at(200).listening()
    story.at(300).read("check:agree", GET, {"n": 1}).at(310).look("check:agree", 5)
    story.at(400).read("check:agree", GET, {"n": 2}).at(410).look("check:agree", 6)
    return story.at(900).watched().closed()


def test_a_replay_gives_what_was_recorded_in_its_lane() -> None:
    """The same asks get the recorded events, without any driver."""
    story = recorded()
    world = ReplayWorld(story.events)
    mark = world.begin(ALICE, "buy")
    exchange = sent_by(world, BUY, POST)
    assert (mark, exchange.send, exchange.answer) == (story.events[0], story.events[1], story.events[2])
    assert list(world.observe().events) == story.events[1:3]


def test_a_stream_is_seen_once_this_run_has_opened_it() -> None:
    """A run sees a recorded stream whole from its own subscription on, and none that it left out."""
    world = ReplayWorld(recorded().events)
    assert world.observe().events == []
    sent_by(world, Lane(USER, "listen"), {"subscribe": {"markets": ["m"]}})
    kinds = [event.kind for event in world.observe().events]
    assert kinds == [Kind.OPEN, Kind.SEND, Kind.PUSH, Kind.CLOSED]
    assert world.observe().horizon_us(USER) == 900_000


def test_polls_of_several_lanes_are_taken_one_at_a_time_in_recorded_order() -> None:
    """What a look sees of two polls is what a live one saw: never a later answer before an earlier one."""
    world = ReplayWorld(recorded().events)
    rest, node = Lane(ALICE, "check:agree"), Lane(CHAIN, "check:agree")
    looks = {"rpc": Story().look("x", 1).events[0].data["intent"]["rpc"]}
    needs = [PollNeed(node, looks, 1), PollNeed(rest, GET, 1)]
    seen = []
    while world.gather(needs, 10**9):
        view = world.observe()
        seen.append((view.horizon_us(rest) // 1000, view.horizon_us(node) // 1000))
    assert seen == [(300, 0), (300, 310), (400, 310), (400, 410)]
    assert not world.gather(needs, 10**9)


def stale(world: ReplayWorld, lane: Lane, intent: Intent) -> str:
    with pytest.raises(CassetteStale) as caught:
        sent_by(world, lane, intent)
    assert caught.value.code == "K004"
    return caught.value.text


def test_a_send_that_differs_is_told_path_by_path() -> None:
    """The author reads which values changed, and how to record again."""
    said = stale(
        ReplayWorld(recorded().events), BUY, {"method": "POST", "path": "/orders", "json": {"size": 6}}
    )
    assert said == (
        "step 'buy' on rest(alice) does not send what was recorded:\n"
        '  $.path: recorded "/order", the case sends "/orders"\n'
        '  $.json: recorded nothing, the case sends {"size":6}\n'
        "If the change is meant, record again: pytest -k ID --target venue --record broken (and fixed); "
        "nothing was compared beyond this step."
    )


def test_one_send_more_than_recorded_is_told() -> None:
    """A lane that is used up says how many it holds."""
    world = ReplayWorld(recorded().events)
    sent_by(world, BUY, POST)
    assert stale(world, BUY, POST) == (
        "step 'buy' on rest(alice) was recorded with 1 send, and the case asks for one more. Record again."
    )


def test_a_lane_that_was_never_recorded_is_told_with_those_that_were() -> None:
    """A new or renamed step is named, and so is what there is."""
    assert stale(ReplayWorld(recorded().events), Lane(ALICE, "sell"), POST) == (
        "step 'sell' on rest(alice) was never recorded; recorded are: step 'buy' on rest(alice), "
        "step 'check:agree' on chain, step 'check:agree' on rest(alice), step 'listen' on ws.user(alice). "
        "The nearest that is left is send 1 of step 'buy' on rest(alice): it is the same. Record again."
    )
    assert stale(ReplayWorld([]), BUY, POST) == (
        "step 'buy' on rest(alice) was never recorded; recorded are: no sends at all. Record again."
    )


def test_the_nearest_recorded_send_is_told_with_what_differs() -> None:
    """A renamed step that also sends something else is told what it may have been, and how it differs."""
    said = stale(ReplayWorld(recorded().events), Lane(ALICE, "sell"), {**POST, "path": "/orders"})
    assert said.endswith(
        "The nearest that is left is send 1 of step 'buy' on rest(alice): it differs in $.path: recorded "
        '"/order", the case sends "/orders". Record again.'
    )


def test_another_order_within_a_lane_is_told() -> None:
    """What was recorded later in the same lane is told as another order, and not only as another content."""
    lane = Lane(ALICE, "buy")
    sends = [
        Event(
            number,
            number,
            Kind.SEND,
            ALICE,
            "buy",
            index=number,
            data={"intent": {**GET, "path": f"/{number}"}},
        )
        for number in range(3)
    ]
    said = stale(ReplayWorld(sends), lane, {**GET, "path": "/2"})
    assert '$.path: recorded "/0", the case sends "/2"' in said
    assert "It is what was recorded as send 3 here: the order changed." in said


def test_what_a_replay_did_not_ask_for_is_named() -> None:
    """Lanes of steps that were never asked for are demanded; checks may come and go, and are only listed."""
    world = ReplayWorld(recorded().events)
    sent_by(world, BUY, POST)
    assert world.unasked() == (Lane(USER, "listen"),)
    assert world.unused() == (
        "step 'listen' on ws.user(alice): 1 of 1 recorded sends unused",
        "step 'check:agree' on rest(alice): 2 of 2 recorded sends unused",
        "step 'check:agree' on chain: 2 of 2 recorded sends unused",
    )


def test_a_step_without_a_recorded_mark_starts_where_the_one_before_ended() -> None:
    """A wait that was added later begins at the decision of the step before it, by stamp and by number."""
    story = recorded()
    world = ReplayWorld(story.events)
    world.begin(ALICE, "buy")
    sent_by(world, BUY, POST)
    world.end(ALICE, "buy", 110_000)
    added = world.begin(USER, "added")
    assert (added.at_us, added.number, added.step) == (110_000, 2, "added")
    world.end(USER, "added", 250_000)
    later = world.begin(USER, "later")
    assert (later.at_us, later.number) == (250_000, 7)
    assert ReplayWorld([]).begin(RUNNER, "first").at_us == 0


def test_what_a_session_layer_says_by_itself_is_never_demanded() -> None:
    """Its sends and answers belong to no lane of the case."""
    ping = Event(0, 5, Kind.SEND, USER, by=By.SESSION, data={"wire": {"text": "PING"}})
    pong = Event(1, 6, Kind.ANSWER, USER, by=By.SESSION, data={"wire": {"text": "PONG"}})
    world = ReplayWorld([ping, pong])
    assert (world.unasked(), world.unused()) == ((), ())


SENT = Event(0, 5, Kind.SEND, ALICE, "buy", data={"intent": POST, "wire": {}})
ANSWERED = Event(1, 6, Kind.ANSWER, ALICE, "buy", data={"wire": {}})


@pytest.mark.parametrize(
    ("events", "found"),
    [
        (
            [ANSWERED],
            "event 1 (answer in step 'buy' on rest(alice)) does not fit the rest: it answers no send",
        ),
        ([SENT, ANSWERED, ANSWERED], "it answers no send that waits for an answer"),
        ([SENT, SENT], "it is send 0 of its lane, and stands as 1"),
        ([Event(0, 5, Kind.SEND, ALICE, "buy", data={"wire": {}})], "a send holds 'intent'"),
        ([Event(0, 5, Kind.HORIZON, USER)], "a horizon holds 'until_us'"),
    ],
)
def test_events_that_do_not_fit_together_are_damage(events: list[Event], found: str) -> None:
    """A cassette edited out of shape is the cassette's fault, said with the event's number."""
    with pytest.raises(CassetteDamaged) as caught:
        ReplayWorld(events)
    assert caught.value.code == "K005"
    assert found in caught.value.text


@given(st.permutations(["a", "b", "c"]))
def test_no_order_is_asked_between_lanes(order: list[str]) -> None:
    """Three steps may be asked for in any order; each gets its own."""
    story = Story()
    for name in "abc":
        story.at(100 + ord(name)).send(name, {"path": name}).answer(name, {"is": name})
    world = ReplayWorld(story.events)
    for name in order:
        answer = sent_by(world, Lane(ALICE, name), {"path": name}).answer
        assert answer is not None
        assert answer.data["wire"]["body"] == f'{{"is":"{name}"}}'
    assert world.unasked() == ()


def test_the_replays_timeline_is_the_same_each_time() -> None:
    """Seen events and this run's marks, ordered by stamp, with nothing of the machine in it."""

    def played() -> list[Any]:
        world = ReplayWorld(recorded().events)
        world.begin(ALICE, "buy")
        sent_by(world, BUY, POST)
        world.deadline(ALICE, "buy", 105_000)
        world.end(ALICE, "buy", 110_000)
        return [event.as_json() for event in world.timeline()]

    assert played() == played()
    assert [line["kind"] for line in played()] == ["step", "send", "deadline", "answer", "end"]


def test_a_look_at_a_long_recording_copies_nothing() -> None:
    """Each look gives the same growing list: ten thousand exchanges cost no more each than ten."""
    world = ReplayWorld(recorded().events)
    before = world.observe().events
    sent_by(world, BUY, POST)
    assert world.observe().events is before
    assert len(before) == 2
