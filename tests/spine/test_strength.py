"""`harness strength`: which faults a case notices, and what it says of those that it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessError
from harness.intents import Inputs
from harness.report.strength import told
from harness.scope import Scope
from harness.seal import Cassette, Header
from harness.strength import Fate, Strength
from harness.strength.naming import parts_named

from .story import FACTS, ORDER, RUNNER, USER, Story, case, trade

ROOT = Path(__file__).parents[2]
SMALL = ("ESC-1093", "ESC-1101", "ESC-1026", "ESC-1054", "ESC-1118", "ESC-1113", "ESC-1133", "ESC-1070")
BUY = """steps:
  - {id: listen, ws: user, subscribe: {markets: [m]}}
  - {id: buy, rest: POST /order, json: {size: 5}, expect: %s}
  - {id: filled, ws: user, within: 2s, where: {status: MATCHED}, expect: %s}
"""


def recording(story: Story) -> Cassette:
    header = Header(
        case="ESC-1",
        name="fixed",
        origin="venue",
        target="venue",
        recorded_at="2026-11-22T08:06:00Z",
        started_wall_us=FACTS.started_wall_us,
        seed=FACTS.seed,
        inputs=FACTS.as_inputs(),
    )
    return Cassette(header, tuple(story.events))


def bought(*more: dict[str, Any]) -> Cassette:
    """An order, its fill, and what else is told of it, a hundred milliseconds apart; then the check `it`."""
    story = Story().listening().at(100).posted("buy", {"success": True, "orderID": ORDER})
    story.at(200).step("filled", USER).at(300).push(trade(owner="a", sum="6")).end("filled", USER)
    for at, message in enumerate(more, 4):
        story.at(100 * at).push(message)
    return recording(story.at(900).step("check:it", RUNNER).at(5_000).watched().closed())


def measured(body: str, cassette: Cassette, **options: Any) -> Strength:
    strength = Strength.of(case(body), cassette, **options)
    for _ in strength.judging():
        pass
    return strength


def lost(strength: Strength) -> list[tuple[tuple[Any, ...], str]]:
    """The survivors: where, and what was done."""
    return [(each.mutant.path, each.mutant.operator) for each in strength.survivors]


def test_a_case_notices_every_fault_in_what_it_states() -> None:
    """A unit more, another type, gone, null, a wrong status, late, never: each is red, at its step."""
    body = BUY % ("{status: 200, body: {success: true}}", '{status: MATCHED, size: "5"}')
    strength = measured(body, bought())

    assert lost(strength) == []
    assert strength.percent == 100
    assert {each.mutant.operator for each in strength.judged} == {
        "wrong status",
        "another value",
        "another type",
        "null",
        "dropped",
        "was not answered",
        "one unit more",
        "one unit less",
        "never came",
        "came late",
    }
    assert all(each.well_told for each in strength.judged)
    assert strength.never_failed == []


FORMS = [
    ("{$present}", [("another value", "form"), ("null", "form")]),
    ("{$hex: 32}", [("another value", "form")]),
    (f'"{ORDER}"', []),
]


@pytest.mark.parametrize(("asked", "survive"), FORMS)
def test_a_value_asked_for_by_its_form_may_be_another_of_that_form(
    asked: str, survive: list[tuple[str, str]]
) -> None:
    """What only looks right counts as not noticed, and it is said what would notice it."""
    strength = measured(BUY % (f"{{body: {{orderID: {asked}}}}}", '{size: "5"}'), bought())
    assert [(each.mutant.operator, each.mutant.allowed) for each in strength.survivors] == survive
    text = "\n".join(told(strength, 1_000_000))
    assert ("buy asks only for its form: say which, such as orderID" in text) == bool(survive)


@pytest.mark.parametrize("asked", ["{$in: ['5', '6', '4']}", "{$decimal: 5}", "{$not: '9'}"])
def test_what_a_case_allows_on_purpose_does_not_count(asked: str) -> None:
    """A range, a choice, or a number whatever its type: told, and neither noticed nor missed."""
    strength = measured(BUY % ("{status: 200}", f"{{size: {asked}, status: MATCHED}}"), bought())
    allowed = [each.mutant.operator for each in strength.judged if each.mutant.allowed == "range"]

    assert lost(strength) == []
    assert len(strength.counted) == len(strength.judged) - len(allowed)
    assert bool(allowed) == (asked != "{$not: '9'}")
    assert ("allowed by the case on purpose" in "\n".join(told(strength, 1))) == bool(allowed)


def test_what_a_case_does_not_speak_of_counts_nothing() -> None:
    """Asked for, it is told apart: how much of what came nobody looks at."""
    body = BUY % ("{status: 200}", '{size: "5"}')
    strength, more = measured(body, bought()), measured(body, bought(), besides=True)
    unseen = {each.mutant.path for each in more.judged_besides if not each.noticed}

    assert [each.mutant for each in strength.judged] == [each.mutant for each in more.judged]
    assert strength.judged_besides == []
    assert {(0, "price"), (0, "owner"), ("body", "orderID")} <= unseen
    assert (0, "size") not in unseen
    assert "values that the case does not speak of" in "\n".join(told(more, 1))


CHECKS = BUY % ("{status: 200}", '{size: "5"}') + "checks:\n"
NOTICED = [
    ("{exactly_once: {ws: user, where: {event_type: trade}}}", "came twice"),
    ("{exactly_once: {ws: user, where: {event_type: trade}, count: 3}}", "never came"),
    (
        "{lifecycle: {trade: t1, states: [MATCHED, MINED, CONFIRMED]}, within: 3s}",
        "came before the one before it",
    ),
    ("{lifecycle: {trade: t1, states: [MATCHED, MINED, CONFIRMED]}, within: 3s}", "never came"),
    ("{lifecycle: {trade: t1, states: [MATCHED, MINED, CONFIRMED]}, within: 3s}", "came late"),
    ("{flows: {ws: user, where: {event_type: trade}, count: 3}}", "came twice"),
    (
        "{happens: [{ws: user, where: {status: MINED}}, {ws: user, where: {status: CONFIRMED}}], within: 2s}",
        "came before the one before it",
    ),
    ("{never: {ws: user, where: {event_type: trade, status: FAILED}}}", "came after all"),
    ("{always: {ws: user, where: {event_type: trade}, expect: {price: '0.52'}}}", "one unit more"),
    ("{adds_up: {ws: user, where: {event_type: trade}, parts: [$.size, 1], total: $.sum}}", "one unit less"),
]


@pytest.mark.parametrize(("check", "operator"), NOTICED)
def test_what_a_check_says_of_events_is_put_to_it(check: str, operator: str) -> None:
    """How often, in which order, how late, that it never comes, what every one holds: by its kind."""
    body = CHECKS + "  - {id: it, " + check[1:] + "\n"
    told_of = [trade(status, sum="6") for status in ("MINED", "CONFIRMED")]
    strength = measured(body, bought(*told_of))
    of_check = [each for each in strength.judged if "it" in each.mutant.named_by]

    assert operator in {each.mutant.operator for each in of_check}
    assert [each for each in of_check if not each.noticed] == []
    assert "it" in {name for each in of_check for name in each.failed}


def test_a_value_that_a_later_step_sends_on_is_noticed() -> None:
    """The exchange never gave it, and the recording holds no answer to it: the replay ends there."""
    body = """steps:
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}, save: {id: $.body.orderID}}
  - {id: ask, rest: "GET /data/order/${id}", expect: {status: 200}}
"""
    story = Story().at(100).posted("buy", {"orderID": ORDER}).at(200).step("ask")
    story.read("ask", {"method": "GET", "path": f"/data/order/{ORDER}"}, {}).end("ask")
    strength = measured(body, recording(story))
    sent_back = [each for each in strength.judged if each.fate is Fate.SENT_BACK]

    assert [each.mutant.operator for each in sent_back] == ["another value", "null"]
    assert "2 because a step sends the value on" in next(told(strength, 1))
    assert [
        each for each in strength.judged if each.mutant.path[-1:] == ("orderID",) and not each.noticed
    ] == []


def test_what_stays_wrong_is_judged_at_its_deadline() -> None:
    """A read that showed it at once is read again to the end: what it then shows is a finding, not stale."""
    body = """steps:
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}
  - {id: reads, rest: GET /x, within: 2s, expect: {status: 200, body: {size: 5}}}
"""
    story = Story().at(100).posted("buy", {}).at(200).step("reads")
    story.read("reads", {"method": "GET", "path": "/x"}, {"size": 5}).end("reads")
    strength = measured(body, recording(story))

    assert lost(strength) == []
    assert {each.fate for each in strength.judged} == {Fate.NOTICED}
    wrong = next(each for each in strength.judged if each.mutant.operator == "one unit more")
    assert wrong.finding is not None
    assert (wrong.finding.subject, wrong.finding.text) == ("reads", "did not hold within 2.000 s, in 2 reads")


def test_a_recording_that_does_not_hold_cannot_be_measured() -> None:
    """Its faults would all be noticed; it is said what is red, and where to begin."""
    with pytest.raises(HarnessError) as caught:
        measured(BUY % ("{status: 201}", '{size: "5"}'), bought())
    assert str(caught.value).startswith(
        "U020 ESC-1[fixed] cannot be measured, as it does not hold: fixed is red at 'buy'"
    )


def test_a_case_that_names_nothing_has_no_strength() -> None:
    """Nothing to change is not the same as nothing missed."""
    body = """steps:
  - {id: listen, ws: user, subscribe: {markets: [m]}}
symptom: {step: listen, shows: {$closed: {code: 1008}}}
"""
    story = Story().listening().at(100).watched()
    with pytest.raises(HarnessError, match=r"^U021 ESC-1.fixed. names nothing that was recorded"):
        measured(body, recording(story))


def test_so_many_mutants_are_drawn_the_same_each_time() -> None:
    """A draw is no matter of luck, keeps the order of events, and is said."""
    body = BUY % ("{status: 200, body: {success: true}}", '{status: MATCHED, size: "5", price: "0.52"}')
    one, other = (measured(body, bought(), most=7) for _ in range(2))

    assert [each.mutant for each in one.judged] == [each.mutant for each in other.judged]
    assert (len(one.judged), one.left_out) == (7, len(measured(body, bought()).judged) - 7)
    assert f"7 mutants, drawn of {7 + one.left_out}" in next(told(one, 1))
    assert [m.mutant.number for m in one.judged] == sorted(m.mutant.number for m in one.judged)


NAMES = [
    ("{a: 1, b: {c: x}}", {"a": 1, "b": {"c": "x"}}, [("a",), ("b", "c")]),
    ("[1, 2]", [1, 2], [(), (0,), (1,)]),
    ("{$some: {a: 2}}", [{"a": 1}, {"a": 2}], [(1, "a")]),
    ("{$some: {a: 2}}", [{"a": 2}, {"a": 2}], []),
    ("{$each: {a: 1}}", [{"a": 1}, {"a": 1}], [(0, "a"), (1, "a")]),
    ("{$unordered: [2, 1]}", [1, 2], [(), (1,), (0,)]),
    ("{$only: {a: 1}}", {"a": 1}, [(), ("a",)]),
    ("{$either: [{a: 1}, {b: 2}]}", {"a": 3, "b": 2}, [("b",)]),
    ("{a: {$absent}}", {"b": 1}, [("a",)]),
    ("{a: {$not: 3}}", {"a": 1}, []),
    ("{a: {$gt: 3}}", {"a": 4}, [("a",)]),
]


@pytest.mark.parametrize(("expected", "actual", "paths"), NAMES)
def test_the_parts_that_an_expectation_speaks_of(
    expected: str, actual: Any, paths: list[tuple[Any, ...]]
) -> None:
    """Plain values, items, the one that fits: each by its path, and nothing that may be otherwise."""
    step = case(f"steps:\n  - {{id: buy, rest: POST /x, json: {{}}, expect: {{body: {expected}}}}}\n").step(
        "buy"
    )
    expect = step.expect
    assert expect is not None
    look = Scope(Inputs(1), 0).at("buy", 0, 0)
    assert [path[1:] for path, _ in parts_named(expect, {"body": actual}, look)] == paths
