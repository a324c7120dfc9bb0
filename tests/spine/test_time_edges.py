"""Time at the edges, in whole runs: deadlines to the microsecond, causes, silence, ends, quiet and stable."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import CassetteStale
from harness.finding import Finding
from harness.matchers import LOST, NOTHING, Closed, Extra, Late
from harness.run import Run

from .run_bodies import BUY, LISTEN, bought
from .stage import Peers, same
from .story import ALICE, CHAIN, GET, ORDER, USER, Story, filled, run, trade

POST = {"method": "POST", "path": "/order", "json": {"size": 5}}
READ = "  - {id: it, rest: GET /data/trades, within: 5s, expect: {body: {n: 3}}}\n"
WAIT = "  - {id: it, ws: user, within: 5s, where: {event_type: trade}}\n"
LOOK = "  - {id: it, chain: events, within: 5s, where: {OrderFilled: {orderHash: '" + ORDER + "'}}}\n"
AGAIN = """
  - id: it
    rest: POST /order
    json: {size: 5}
    within: 5s
    resend: {every: 1s, until: {status: 200}, same: true}
"""


def pushed(at_us: int) -> Story:
    return bought().at(0, at_us).push(trade()).at(20_000).watched()


def read(at_us: int) -> Story:
    story = bought().at(1100).step("it").read("it", GET, {"n": 1})
    return story.send("it", GET).at(0, at_us).answer("it", {"n": 3})


def sent_again(at_us: int) -> Story:
    story = bought().at(1000).step("it").send("it", POST).answer("it", {}, status=503)
    return story.send("it", POST).at(0, at_us).answer("it", {})


def looked(at_us: int) -> Story:
    story = bought().at(1100).step("it", CHAIN).look("it", 8)
    return story.at(0, at_us).look("it", 9, filled(0, 1, 2))


EDGES: dict[str, tuple[str, Callable[[int], Story]]] = {
    "a stream": (WAIT, pushed),
    "a read": (READ, read),
    "a write that is sent again": (AGAIN, sent_again),
    "a look at the chain": (LOOK, looked),
}


@pytest.mark.parametrize(("more_us", "shown"), [(0, None), (1, Late(1)), (5_000_000, Late(5_000_000))])
@pytest.mark.parametrize(("words", "story"), EDGES.values(), ids=EDGES)
def test_exactly_at_the_deadline_is_in_time_and_a_microsecond_more_is_late(
    words: str, story: Callable[[int], Story], more_us: int, shown: Late | None
) -> None:
    """Whatever is waited on, the stamp alone decides: the deadline is the last moment that counts."""
    found = run("steps:" + LISTEN + BUY + words, story(6_000_000 + more_us).events).findings["it"]
    assert (found.holds, found.at_us) == (shown is None, 6_000_000 + more_us)
    assert shown is None or found.shown == shown


def ended_by(peers: Peers, words: str, before: str = LISTEN + BUY) -> Run:
    return same("steps:" + before + words, peers)


def trading(took_ms: int = 900) -> Peers:
    return Peers().answers("/order", {}, took_ms=took_ms)


CAUSES = {
    "a read is none": ("  - {id: mid, rest: GET /time, expect: {status: 200}}\n", 0),
    "a pause is none": ("  - {id: mid, wait: 1s, reason: cache}\n", 0),
    "a wait is none": ("  - {id: mid, ws: user, within: 1s, where: {event_type: order}}\n", 0),
    "a write is one": ("  - {id: mid, rest: POST /order, json: {size: 5}, expect: {status: 200}}\n", 900),
    "a write at once with others is one": (
        "  - id: mid\n    together:\n"
        "      - {id: one, rest: GET /time, expect: {status: 200}}\n"
        "      - {id: two, rest: POST /order, json: {size: 5}, expect: {status: 200}}\n",
        900,
    ),
}


@pytest.mark.parametrize(("between", "start_ms"), CAUSES.values(), ids=CAUSES)
def test_a_window_starts_at_the_nearest_step_that_changes_something(between: str, start_ms: int) -> None:
    """What only looks or waits moves no window; what sends does, in a group too, and where it started."""
    peers = trading().answers("/time", {}, took_ms=30).pushes(USER, 950, {"event_type": "order"})
    peers.pushes(USER, start_ms + 5001, trade())
    found = ended_by(peers, between + WAIT).findings["it"]
    assert isinstance(found.shown, Late)
    assert (found.at_us - found.shown.by_us - 5_000_000) // 1000 == start_ms


def test_after_names_another_cause() -> None:
    """With `after` the window starts at that step, although a later one sends."""
    second = BUY.replace("id: buy", "id: second")
    wait = WAIT.replace("within", "after: buy, within")
    peers = trading().pushes(USER, 5000, trade(), us=1)
    assert ended_by(peers, second + wait).findings["it"].shown == Late(1)


NEVER = "  - {id: it, ws: user, within: 2s, never: {event_type: trade, status: FAILED}}\n"
SILENT = "  - {id: it, ws: user, within: 2s, where: {event_type: trade}, expect: {$nothing}}\n"
Tells = Callable[[Peers], Peers]
SILENCES: dict[str, tuple[Tells, bool, object, str]] = {
    "a keepalive": (lambda p: p, True, NOTHING, "nothing came within 2.000 s"),
    "another message": (
        lambda p: p.pushes(USER, 1000, {"event_type": "order"}),
        True,
        NOTHING,
        "nothing came within 2.000 s",
    ),
    "it at the deadline": (
        lambda p: p.pushes(USER, 2000, trade("FAILED")),
        False,
        None,
        "came, and should not",
    ),
    "it after the deadline": (
        lambda p: p.pushes(USER, 2000, trade("FAILED"), us=1),
        True,
        NOTHING,
        "nothing came within 2.000 s",
    ),
    "the end": (
        lambda p: p.closes(USER, 1500, 1011, "oops"),
        False,
        Closed(1011, "oops"),
        "the connection was closed (1011 oops)",
    ),
    "the end after the deadline": (
        lambda p: p.closes(USER, 2001),
        True,
        NOTHING,
        "nothing came within 2.000 s",
    ),
}


@pytest.mark.parametrize("words", [NEVER, SILENT], ids=["never", "nothing"])
@pytest.mark.parametrize(("tells", "holds", "shown", "text"), SILENCES.values(), ids=SILENCES)
def test_silence_is_watched_to_its_deadline(
    tells: Tells, holds: bool, shown: object, text: str, words: str
) -> None:
    """What must not come is looked for in the whole window; the stream's end is no silence."""
    found = ended_by(tells(trading()), words).findings["it"]
    assert (found.holds, found.text) == (holds, text)
    assert shown is None or found.shown == shown


def test_silence_without_a_sign_of_life_shows_nothing() -> None:
    """Not even a keepalive came in the window: that is a failure, and not silence."""
    story = bought().at(9000).watched()
    for words in (NEVER, SILENT):
        found = run("steps:" + LISTEN + BUY + words, story.events).findings["it"]
        assert (found.holds, found.shown) == (False, LOST)
        assert found.text.startswith("not shown: not even a keepalive came within 2.000 s")


@pytest.mark.parametrize(("us", "holds"), [(0, True), (1, False)])
def test_a_sign_of_life_may_come_a_little_after_the_deadline(us: int, holds: bool) -> None:
    """Two seconds are given to the answer of the probe, and not a microsecond more."""
    story = bought().at(5000, us).pong().at(9000).watched()
    for words in (NEVER, SILENT):
        assert run("steps:" + LISTEN + BUY + words, story.events).findings["it"].holds is holds


def test_every_wait_for_silence_asks_for_its_own_sign_of_life() -> None:
    """The second one on a stream is probed like the first: a keepalive of before proves nothing."""
    second = BUY.replace("id: buy", "id: second") + SILENT.replace("id: it", "id: more")
    peers = trading()
    came = ended_by(peers, NEVER + second)
    assert (came.failed, peers.probes) == ((), 2)


ENDS: dict[str, tuple[str, int | None, bool]] = {
    "closed as expected": ("{$closed: {code: 1008}}", 1008, True),
    "closed with another code": ("{$closed: {code: 1008}}", 1011, False),
    "lost as expected": ("{$lost}", None, True),
    "closed and not lost": ("{$lost}", 1008, False),
}


@pytest.mark.parametrize(("expect", "code", "holds"), ENDS.values(), ids=ENDS)
def test_the_end_of_a_stream_can_be_what_is_expected(expect: str, code: int | None, holds: bool) -> None:
    """`{$closed}` and `{$lost}` stand instead of an event, and are told apart by the close frame."""
    wait = f"  - {{id: it, ws: user, within: 2s, expect: {expect}}}\n"
    peers = trading().pushes(USER, 1000, trade()).closes(USER, 2000, code, "bye")
    assert ended_by(peers, wait).findings["it"].holds is holds


def test_an_end_that_is_expected_and_comes_too_late_did_not_come() -> None:
    """A close one millisecond after the deadline is none."""
    wait = "  - {id: it, ws: user, within: 2s, expect: {$closed}}\n"
    found = ended_by(trading().closes(USER, 2001), wait).findings["it"]
    assert (found.holds, found.shown, found.at_us) == (False, NOTHING, 2_000_000)


@pytest.mark.parametrize(("refuses", "holds"), [(True, True), (False, False)])
def test_a_subscription_can_be_expected_to_be_refused(refuses: bool, holds: bool) -> None:
    """`{$refused}` holds where the server closes upon it, and fails where it is accepted."""
    story = (
        Story().at(100).step("listen", USER).opened().send("listen", {"subscribe": {"markets": ["m"]}}, USER)
    )
    (story.closed(1008, "auth") if refuses else story.pong()).at(9000).watched()
    listen = LISTEN.replace("[m]}", "[m]}, expect: {$refused}")
    found = run("steps:" + listen + BUY, story.at(9500).posted("buy", {}).events).findings["listen"]
    assert found.holds is holds
    assert holds or found.text == "was accepted (subscribed), and should not be"


COUNT = "  - {id: it, ws: user, within: 5s, count: 2, quiet: 1s, where: {event_type: trade}}\n"


@pytest.mark.parametrize(("third_us", "shown"), [(5_900_000, Extra(1)), (5_900_001, None)])
def test_quiet_reaches_from_the_last_counted_past_the_deadline(third_us: int, shown: Extra | None) -> None:
    """Two at 4.9 s of 5: a third within the quiet second is one too many, a microsecond later it is none."""
    peers = trading().pushes(USER, 1000, trade()).pushes(USER, 4900, trade())
    peers.pushes(USER, 0, trade(), us=third_us)
    found = ended_by(peers, COUNT).findings["it"]
    assert (found.holds, found.shown == shown) == (shown is None, shown is not None)


STABLE = READ.replace("within", "stable_for: 1s, every: 400ms, within")


def reading(*values: int) -> Peers:
    return trading(100).answers("/data/trades", *({"n": value} for value in values), took_ms=0)


def test_what_is_stable_goes_on_holding_to_the_end() -> None:
    """It holds from 0.9 s on and is still read a second later, also where that is past the deadline."""
    found = ended_by(reading(1, 2, 3), STABLE).findings["it"]
    assert (found.holds, found.text, found.at_us) == (True, "holds, and goes on for 1.000 s", 900_000)
    short = STABLE.replace("within: 5s", "within: 900ms")
    assert ended_by(reading(1, 2, 3), short).findings["it"].holds


def test_what_held_and_broke_is_not_stable() -> None:
    """The first read that no longer holds decides, and both are told."""
    found = ended_by(reading(1, 3, 3, 4), STABLE).findings["it"]
    assert (found.holds, found.text) == (False, "held, and 0.800 s later no longer did")
    assert (found.shown["body"], found.seen["body"]) == ({"n": 4}, {"n": 3})


def test_stability_that_was_not_recorded_is_stale() -> None:
    """A recording that ends at the first read that holds cannot say what came later: K007, never a pass."""
    story = bought().at(1100).step("it").read("it", GET, {"n": 3}).at(1500).read("it", GET, {"n": 3})
    with pytest.raises(CassetteStale, match=r"goes on being read until 2[.]100 s") as caught:
        run("steps:" + LISTEN + BUY + STABLE, story.events)
    assert caught.value.code == "K007"


@pytest.mark.parametrize(("watch", "shown"), [("", NOTHING), ("watch: 20s, ", Late(10_000_000))])
def test_watch_tells_late_from_never(watch: str, shown: object) -> None:
    """Twice the window is watched unless `watch` says longer; what comes then never makes it a pass."""
    peers = trading().pushes(USER, 15_000, trade())
    found = ended_by(peers, WAIT.replace("within", watch + "within")).findings["it"]
    assert (found.holds, found.shown) == (False, shown)


def test_a_write_that_is_never_taken_shows_its_last_answer() -> None:
    """Sent again every second to the deadline; what came instead of `until` is the finding."""
    peers = trading().answers("/order", {}, (503, {"error": "busy"}), took_ms=10)
    found = ended_by(peers, AGAIN).findings["it"]
    assert (found.holds, found.shown["status"]) == (False, 503)
    writes = [intent for source, intent in peers.sent if source == ALICE]
    assert len(writes) - 1 >= 6


def test_a_write_that_is_taken_at_last_is_judged_by_expect() -> None:
    """`until` ends the sending, and `expect` judges the answer that ended it."""
    taken = AGAIN + "    expect: {body: {status: live}}\n"
    peers = trading().answers("/order", {}, (503, {}), (503, {}), {"status": "matched"}, took_ms=10)
    found = ended_by(peers, taken).findings["it"]
    assert isinstance(found, Finding)
    assert (found.holds, found.text, found.shown["body"]) == (
        False,
        "came, and differs",
        {"status": "matched"},
    )
    assert len([1 for source, _ in peers.sent if source == ALICE]) == 4


def test_a_reference_into_what_is_not_there_fails_its_wait() -> None:
    """A wait that cannot be decided is a finding of its step, as a send that cannot be built is."""
    wait = WAIT.replace("{event_type: trade}", '{id: "${buy.got.body.id}"}')
    found = ended_by(trading().pushes(USER, 1000, trade()), wait).findings["it"]
    assert (found.holds, found.text) == (False, "cannot be built: buy.got.body has no 'id'; it is empty")
