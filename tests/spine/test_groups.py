"""Rounds and groups: what each round does, how they are paced, what all of them came to, and their lanes."""

from __future__ import annotations

from typing import Any

import pytest

from harness.case.values import Case
from harness.errors import CassetteStale
from harness.finding import Finding
from harness.model import Kind
from harness.replayer import ReplayWorld
from harness.run import Run
from harness.verdict import Judgement, Proof, Verdict, proof_of, symptom_of, verdict_of

from .run_bodies import LISTEN
from .stage import Peers, live, same
from .story import USER, case, run, trade

ROUNDS = """steps:
  - id: burst
    repeat: 3
    steps:
      - {id: buy, rest: POST /order, json: {size: "${each}"}, expect: {status: 200}, save: {order: $.body.id}}
"""
TO_AND_FRO = """
  - {id: all, rest: POST /all, json: "${burst[*].order}", expect: {status: 200}}
  - {id: first, rest: POST /one, json: "${burst[0].order}", expect: {status: 200}}
  - {id: last, rest: POST /last, json: ["${order}", "${buy.got.status}"], expect: {status: 200}}
"""


def ids(*more: Any) -> Peers:
    peers = Peers().answers("/order", *({"id": f"o{n}"} for n in range(1, 5)), *more)
    return peers.answers("/all", {}).answers("/one", {}).answers("/last", {})


def bodies(peers: Peers) -> list[Any]:
    return [intent.get("json") for _, intent in peers.sent]


def test_a_number_of_rounds_each_knows_its_own() -> None:
    """`${each}` is the round's number, from 1; every round is carried out, and the group says so."""
    peers = ids()
    came = same(ROUNDS, peers)
    assert bodies(peers) == [{"size": 1}, {"size": 2}, {"size": 3}]
    assert (came.findings["burst"].text, came.findings["burst"].shown) == (
        "all 3 rounds hold",
        {"rounds": 3, "held": 3},
    )


def test_a_list_of_rounds_gives_each_its_entry() -> None:
    """An entry keeps its type; a reference in it is looked up when the round begins."""
    body = """steps:
  - {id: ask, rest: POST /one, json: 1, expect: {status: 200}}
""" + ROUNDS.removeprefix("steps:\n").replace("repeat: 3", 'repeat: [5, "5", {a: "${ask.got.status}"}]')
    peers = ids()
    same(body, peers)
    assert bodies(peers)[1:] == [{"size": 5}, {"size": "5"}, {"size": {"a": 200}}]


def test_rounds_are_referred_to_all_at_once_one_by_one_and_by_the_last() -> None:
    """`${burst[*].order}` is all rounds, `[0]` the first, the plain name the last."""
    peers = ids()
    same(ROUNDS + TO_AND_FRO, peers)
    assert bodies(peers)[3:] == [["o1", "o2", "o3"], "o1", ["o3", 200]]


def test_rounds_of_a_wait_keep_what_each_of_them_got() -> None:
    """A wait's event of the first round is not overwritten by that of the next."""
    body = (
        "steps:"
        + LISTEN
        + """
  - id: fills
    repeat: 2
    steps:
      - {id: buy, rest: POST /order, json: 1, expect: {status: 200}}
      - {id: filled, ws: user, within: 2s, where: {event_type: trade}}
  - {id: all, rest: POST /all, json: "${fills[*].filled.got.id}", expect: {status: 200}}
"""
    )
    peers = ids().pushes(USER, 500, trade(id="t1")).pushes(USER, 900, trade(id="t2"))
    same(body, peers)
    assert bodies(peers)[-1] == ["t1", "t2"]


NESTED = """steps:
  - id: outer
    repeat: [a, b]
    steps:
      - id: inner
        repeat: ["${each}1", "${each}2", "${each}3"]
        steps:
          - {id: buy, rest: POST /order, json: "${each}", expect: {status: 200}, save: {order: $.body.id}}
      - {id: done, rest: POST /one, json: "${inner[*].order}", expect: {status: 200}}
"""


def marks(events: Any, kind: Kind = Kind.STEP) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for event in events:
        if event.kind is kind:
            found.setdefault(event.step, []).append(event.round)
    return found


def test_rounds_of_an_inner_group_are_numbered_through() -> None:
    """Six rounds of the inner step, each its own lane; the inner group gives the outer round's three."""
    peers = Peers().answers("/order", *({"id": f"o{n}"} for n in range(6))).answers("/one", {})
    _, events = live(NESTED, peers)
    assert marks(events) == {"outer": [0], "inner": [0, 3], "buy": [0, 1, 2, 3, 4, 5], "done": [0, 1]}
    assert bodies(peers) == ["a1", "a2", "a3", ["o0", "o1", "o2"], "b1", "b2", "b3", ["o3", "o4", "o5"]]
    assert run(case(NESTED, "buy"), events).failed == ()


@pytest.mark.parametrize(
    ("pace", "took_ms", "starts_ms"),
    [
        ("100ms", 10, [0, 100, 200]),
        ("10/s", 30, [0, 100, 200]),
        ("60/m", 10, [0, 1000, 2000]),
        ("100ms", 250, [0, 250, 500]),
    ],
)
def test_rounds_are_paced_from_start_to_start(pace: str, took_ms: int, starts_ms: list[int]) -> None:
    """A quick round waits for its time, one that took longer is followed at once; replay alike."""
    body = ROUNDS.replace("repeat: 3", f"repeat: 3\n    pace: {pace}")
    peers = ids().answers("/order", {"id": 1}, took_ms=took_ms)
    _, events = live(body, peers)
    started = [event.at_us // 1000 for event in events if event.kind is Kind.STEP and event.step == "buy"]
    assert started == starts_ms
    again = ReplayWorld(events)
    assert run(body, again).failed == ()
    assert again.unused() == ()


def shares(bad: int, share: str, rounds: int = 100, words: str = "") -> tuple[Run, Case]:
    body = ROUNDS.replace("repeat: 3", f"repeat: {rounds}\n    pass: {share}") + words
    answers = [(400, {"id": n}) if n < bad else {"id": n} for n in range(rounds)]
    peers = ids().answers("/order", *answers)
    read = case(body, "burst")
    return same(read, peers), read


@pytest.mark.parametrize(
    ("bad", "holds", "unsure"),
    [(0, True, False), (1, True, False), (2, False, True), (3, False, True), (4, False, False)],
)
def test_a_share_of_rounds_holds_fails_or_cannot_be_told(bad: int, holds: bool, unsure: bool) -> None:
    """98 % of 100: one of a hundred may fail; within one round of the bound nothing is said; four fail."""
    came, _ = shares(bad, "98%")
    found = came.findings["burst"]
    assert (found.holds, found.unsure) == (holds, unsure)
    assert found.text.startswith(f"{100 - bad} of 100 rounds hold, 98 % are asked for")
    assert (came.failed == ()) is holds
    assert ("within one round of the bound" in found.text) is unsure


def test_a_share_near_its_bound_is_inconclusive_and_proves_nothing() -> None:
    """Live it is nobody's fault, in replay it is no proof."""
    came, read = shares(2, "98%")
    unsure = verdict_of(read, came, build="1")
    assert (unsure.word, unsure.why.partition(" of")[0]) == (Verdict.INCONCLUSIVE, "'burst': 98")
    assert proof_of(read, "fixed", came).word is Proof.UNPROVEN
    failed, read = shares(60, "98%")
    assert verdict_of(read, failed, build="1").word is Verdict.CHANGED


def test_a_share_goes_on_after_a_round_that_fails_and_forgets_what_it_lacks() -> None:
    """All rounds are carried out; a failing one gives no value, so that all of them cannot be taken."""
    came, _ = shares(1, "50%", 4, TO_AND_FRO)
    assert came.findings["burst"].shown == {"rounds": 4, "held": 3}
    assert came.findings["all"].text == "cannot be built: burst[0] has no 'order'; there is: buy"
    came, _ = shares(0, "50%", 4, TO_AND_FRO)
    assert came.failed == ()


def test_the_first_failing_round_ends_a_group_without_a_share() -> None:
    """The second of three fails: the third is never sent, and the group says which round it was."""
    peers = Peers().answers("/order", {"id": 1}, (400, {}), {"id": 3})
    came = same(ROUNDS, peers)
    assert bodies(peers) == [{"size": 1}, {"size": 2}]
    assert (came.failed_step, came.failed_inside) == ("burst", ("buy",))
    assert came.findings["burst"].text == "round 2 of 3 does not hold"
    assert came.findings["buy"].shown["status"] == 400


@pytest.mark.parametrize(
    ("symptom", "shown"),
    [
        ("{step: burst, shows: {rounds: 2, held: 1}}", True),
        ("{step: buy, shows: {status: 400}}", True),
        ("{step: buy, shows: {status: 500}}", False),
        ("{step: other, shows: {status: 400}}", False),
    ],
)
def test_a_symptom_is_at_a_group_or_at_a_step_inside_it(symptom: str, shown: bool) -> None:
    """Either may be the customer's bug; another step is another failure."""
    other = "  - {id: other, rest: GET /one, expect: {status: 200}}\n"
    read = case(ROUNDS + other + f"\nsymptom: {symptom}\n")
    came = same(read, Peers().answers("/order", {"id": 1}, (400, {})))
    judged = symptom_of(read, came)
    assert (judged is None) is shown
    assert shown or isinstance(judged, Judgement)


LISTED = ROUNDS.replace("repeat: 3", "repeat: [1, 2, 3]")


def test_one_round_that_is_edited_makes_its_own_lane_stale() -> None:
    """Lanes go by round: the first round is found as it was, the second is named with what differs."""
    _, events = live(LISTED, ids())
    world = ReplayWorld(events)
    with pytest.raises(CassetteStale) as caught:
        run(LISTED.replace("[1, 2, 3]", "[1, 7, 3]"), world)
    assert caught.value.code == "K004"
    assert caught.value.text.startswith(
        "step 'buy' on rest(alice) round 1 does not send what was recorded:\n"
        "  $.json.size: recorded 2, the case sends 7\n"
    )
    assert len(world.unused()) == 2


@pytest.mark.parametrize(
    ("rounds", "wrong"), [("[1, 2]", None), ("[1, 2, 3, 4]", "round 3 was never recorded")]
)
def test_a_round_more_than_was_recorded_is_stale_and_one_less_is_named(
    rounds: str, wrong: str | None
) -> None:
    """A round that was never recorded cannot be replayed; one that is no longer asked for is unasked."""
    _, events = live(LISTED, ids())
    world = ReplayWorld(events)
    body = LISTED.replace("[1, 2, 3]", rounds)
    if wrong is None:
        assert run(body, world).failed == ()
        assert [str(lane) for lane in world.unasked()] == ["step 'buy' on rest(alice) round 2"]
        return
    with pytest.raises(CassetteStale, match=wrong):
        run(body, world)


def test_a_group_is_the_cause_of_what_is_waited_for_after_it() -> None:
    """The window of a wait behind rounds starts at the last round that sent."""
    body = "steps:" + LISTEN + ROUNDS.removeprefix("steps:\n").replace("repeat: 3", "repeat: 3\n    pace: 1s")
    wait = "  - {id: it, ws: user, within: 1s, where: {event_type: trade}}\n"
    found = same(body + wait, ids().pushes(USER, 3000, trade())).findings["it"]
    assert isinstance(found, Finding)
    assert (found.holds, found.at_us) == (True, 3_000_000)


def test_groups_clean_up_too() -> None:
    """A group in `finally` is carried out round by round, and what fails there is left over."""
    body = """steps:
  - {id: buy, rest: POST /order, json: 1, expect: {status: 200}}
finally:
  - {id: clean, repeat: [1, 2], steps: [{rest: POST /one, json: "${each}", expect: {status: 200}}]}
  - {id: after, rest: POST /last, json: 3, expect: {status: 200}}
"""
    peers = ids().answers("/one", {}, (500, {}))
    came = same(body, peers)
    assert bodies(peers) == [1, 1, 2, 3]
    assert [finding.subject for finding in came.leftovers] == ["finally.1.1", "clean"]
    assert came.failed == ()
