"""What goes wrong on purpose: message faults done again in replay, socket faults recorded and matched."""

from __future__ import annotations

import pytest

from harness.errors import CassetteStale
from harness.matchers import LOST, Extra, Late
from harness.model import Kind
from harness.replayer import ReplayWorld

from .run_bodies import BUY, LISTEN
from .stage import Peers, live, same
from .story import GET, USER, Story, case, run, trade

DROPPED = """steps:
  - {id: buy, rest: POST /order, json: {size: 5}, fault: drop response, expect: {$lost}}
  - {id: ask, rest: GET /data/trades, expect: {body: {n: 1}}}
"""


def trading(took_ms: int = 10) -> Peers:
    return Peers().answers("/order", {"id": 1}, took_ms=took_ms).answers("/data/trades", {"n": 1})


def test_a_dropped_response_is_recorded_and_kept_from_the_case() -> None:
    """The exchange took place and its answer stands in the recording; the case sees `{$lost}`."""
    came = same(DROPPED, trading())
    assert (came.failed, came.findings["buy"].shown) == ((), LOST)
    _, events = live(DROPPED, trading())
    answers = [event for event in events if event.kind is Kind.ANSWER and event.step == "buy"]
    assert [(each.data["delivered"], "id" in each.data["wire"]["body"]) for each in answers] == [
        (False, True)
    ]


def test_a_response_that_is_no_longer_dropped_is_stale() -> None:
    """Without its fault the case sees an answer that the recording kept from it: K004, never a quiet pass."""
    _, events = live(DROPPED, trading())
    plain = DROPPED.replace("fault: drop response, expect: {$lost}", "expect: {status: 200}")
    with pytest.raises(CassetteStale, match="its answer dropped on purpose, and the case no longer drops it"):
        run(plain, events)


def test_a_response_may_be_dropped_of_a_recording_that_has_it() -> None:
    """Dropping is a function of what came, so it needs no new recording."""
    plain = DROPPED.replace("fault: drop response, expect: {$lost}", "expect: {status: 200}")
    _, events = live(plain, trading())
    assert run(DROPPED, events).failed == ()


def test_reads_may_be_lost_in_a_row() -> None:
    """A repeated read whose answers are dropped holds where that is expected, and else was not answered."""
    read = "  - {id: ask, rest: GET /data/trades, within: 1s, fault: drop response, expect: %s}\n"
    lost = same("steps:" + BUY + read % "{$lost}", trading())
    other = same("steps:" + BUY + read % "{body: {n: 1}}", trading())
    assert lost.failed == ()
    assert (other.findings["ask"].holds, other.findings["ask"].shown) == (False, LOST)


DELAYED: dict[str, tuple[str, bool]] = {
    "a write": ("  - {id: it, rest: POST /order, json: 1, fault: delay 6s, expect: {status: 200}}\n", True),
    "a read": ("  - {id: it, rest: GET /data/trades, fault: delay 6s, expect: {body: {n: 1}}}\n", True),
    "a read in time": (
        "  - {id: it, rest: GET /data/trades, within: 7s, fault: delay 6s, expect: {body: {n: 1}}}\n",
        True,
    ),
    "a read too late": (
        "  - {id: it, rest: GET /data/trades, within: 5s, fault: delay 6s, expect: {body: {n: 1}}}\n",
        False,
    ),
}


@pytest.mark.parametrize(("words", "holds"), DELAYED.values(), ids=DELAYED)
def test_a_delayed_answer_comes_later_and_the_case_goes_on_then(words: str, holds: bool) -> None:
    """Six seconds are added to the stamp of the answer; the next step starts when it has come."""
    after = "  - {id: next, rest: GET /data/trades, expect: {body: {n: 1}}}\n"
    body = "steps:" + BUY + words + (after if holds else "")
    peers = trading()
    found = same(body, peers).findings["it"]
    assert found.holds is holds
    assert found.at_us in (6_020_000, 6_010_000)
    assert peers.stage.clock.now_us() >= found.at_us
    assert holds or isinstance(found.shown, Late)


def listening(fault: str, where: str = "event_type: trade", words: str = "") -> str:
    wait = f"  - {{id: it, ws: user, within: 2s, {words}where: {{{where}}}, fault: {fault}}}\n"
    return "steps:" + LISTEN + BUY + wait


@pytest.mark.parametrize(("at_ms", "shown"), [(1000, None), (1001, Late(1000))])
def test_a_delayed_message_comes_later(at_ms: int, shown: Late | None) -> None:
    """One second more, to the microsecond of the deadline."""
    found = same(listening("delay 1s"), trading().pushes(USER, at_ms, trade())).findings["it"]
    assert (found.holds, found.at_us) == (shown is None, at_ms * 1000 + 1_000_000)
    assert shown is None or found.shown == shown


def test_a_duplicated_message_comes_twice() -> None:
    """A consumer that counts sees one too many."""
    peers = trading().pushes(USER, 1000, trade())
    assert same(listening("duplicate", words="count: 1, "), peers).findings["it"].shown == Extra(1)
    peers = trading().pushes(USER, 1000, trade())
    assert same(listening("duplicate", words="count: 2, "), peers).findings["it"].holds


def test_a_duplicated_write_is_sent_twice() -> None:
    """Both go out at one barrier, in one lane; the step sees the first answer."""
    body = (
        "steps:\n  - {id: buy, rest: POST /order, json: {size: 5}, fault: duplicate, expect: {status: 200}}\n"
    )
    for _ in range(10):
        peers = Peers().answers("/order", {"id": 1}, (409, {"error": "duplicate"}), took_ms=0)
        read = body.replace("{status: 200}", "{status: {$in: [200, 409]}}")
        same(read, peers)
        assert [intent["json"] for _, intent in peers.sent] == [{"size": 5}] * 2


@pytest.mark.parametrize(
    ("first_ms", "second_ms", "came"),
    [(500, 600, "t2"), (500, 2000, "t2"), (500, 2001, None), (500, None, None)],
)
def test_reordered_messages_come_with_their_neighbours(
    first_ms: int, second_ms: int | None, came: str | None
) -> None:
    """Each pair comes when its second has come, the second first; a single one is held back."""
    peers = trading().pushes(USER, first_ms, trade(id="t1"))
    if second_ms is not None:
        peers.pushes(USER, second_ms, trade(id="t2"))
    found = same(listening("reorder"), peers).findings["it"]
    assert found.holds is (came is not None)
    assert came is None or (found.shown["id"], found.at_us) == (came, (second_ms or 0) * 1000)


def test_a_cut_is_recorded_as_an_intent_and_its_end_is_seen() -> None:
    """The connection ends without a close frame; in replay the intent is matched and nothing is cut."""
    wait = "  - {id: it, ws: user, within: 2s, expect: {$lost}, fault: cut}\n"
    peers = trading()
    came = same("steps:" + LISTEN + BUY + wait, peers)
    assert came.failed == ()
    assert (USER, {"fault": "cut"}) in peers.sent


@pytest.mark.parametrize("fault", ["half_open", "slow_reader"])
def test_a_socket_fault_is_over_when_its_wait_is(fault: str) -> None:
    """Begun before the wait and ended after it, both in the wait's lane."""
    peers = trading().pushes(USER, 1000, trade())
    came = same(listening(fault), peers)
    assert came.failed == ()
    assert [intent for _, intent in peers.sent if "fault" in intent] == [{"fault": fault}, {"fault": "over"}]


def test_a_socket_fault_on_what_is_said_stands_in_its_intent() -> None:
    """A subscription that is cut is sent, and asks for no answer."""
    listen = LISTEN.replace("[m]}", "[m]}, fault: cut")
    peers = trading()
    came = same("steps:" + listen + BUY, peers)
    assert (came.failed, came.findings["listen"].text) == ((), "sent")
    assert peers.sent[0] == (USER, {"subscribe": {"markets": ["m"]}, "fault": "cut"})


def test_a_socket_fault_that_was_not_recorded_is_stale() -> None:
    """A fault added later changes what is sent: the recording cannot say what comes of it."""
    _, events = live("steps:" + LISTEN + BUY, trading())
    with pytest.raises(CassetteStale) as caught:
        run("steps:" + LISTEN.replace("[m]}", "[m]}, fault: cut") + BUY, events)
    assert '$.fault: recorded nothing, the case sends "cut"' in caught.value.text


def test_a_cut_request_carries_its_fault() -> None:
    """A read that is cut says so in its intent, and has no answer."""
    read = {**GET, "fault": "cut"}
    story = Story().at(10).step("ask").send("ask", read).lost("ask", "we cut the connection")
    body = "steps:\n  - {id: ask, rest: GET /data/trades, fault: cut, expect: {$lost}}\n"
    world = ReplayWorld(story.events)
    assert run(case(body, "ask"), world).failed == ()
    assert world.unasked() == ()
