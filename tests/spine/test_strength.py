"""`harness strength`: which faults a case notices, and what it says of those that it does not."""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from harness import cli, exactjson, measuring
from harness.case.read import read_case
from harness.case.values import Case, Row
from harness.cassette import cassette_path, read
from harness.clock import RunClock
from harness.errors import HarnessError
from harness.intents import Inputs
from harness.report.strength import told, total
from harness.scope import Scope
from harness.seal import Cassette, Header
from harness.strength import Fate, Judged, Strength
from harness.strength.measure import judge
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


@cache
def of_project(name: str, row: str = "") -> tuple[Case, Row | None, Cassette]:
    found = read_case(next((ROOT / "cases").glob(f"{name}-*.yaml")))
    chosen = next((each for each in found.rows if each.name == row), None)
    return found, chosen, read(cassette_path(ROOT / "cassettes", name, "fixed", row), name, row)


def items() -> list[tuple[str, str]]:
    cases = [read_case(path) for path in sorted((ROOT / "cases").glob("*.yaml"))]
    return [(each.id, row.name if row else "") for each in cases for row in each.rows or (None,)]


def strength_of(name: str, row: str = "", **options: Any) -> Strength:
    found, chosen, cassette = of_project(name, row)
    strength = Strength.of(found, cassette, chosen, **options)
    for _ in strength.judging():
        pass
    return strength


def lines_of(judged: Judged) -> int:
    """How many lines a finding takes on the terminal: its text, its place, and how what came differs."""
    finding = judged.finding
    assert finding is not None
    seen = finding.seen is not None or bool(finding.differences)
    return len(finding.text.splitlines()) + 1 + len(finding.differences[:10]) + seen


def told_well(strengths: Sequence[Strength]) -> tuple[int, int, int]:
    """How many findings there are, name first who speaks of what was changed, and are short."""
    judged = [each for strength in strengths for each in strength.counted]
    found = [each for each in judged if each.finding is not None and not each.mutant.allowed]
    return len(found), sum(each.well_told for each in found), sum(lines_of(each) <= 10 for each in found)


@pytest.mark.parametrize("name", SMALL)
def test_a_case_of_the_project_is_strong(name: str) -> None:
    """At least nine of ten faults in what it names are noticed, and the first finding says whose it is."""
    strength = strength_of(name)
    assert strength.percent is not None
    assert strength.percent >= 90, "\n".join(told(strength, 1))
    found, well_told, short = told_well([strength])
    assert 100 * min(well_told, short) >= 95 * found


@pytest.mark.parametrize(("name", "row"), items())
def test_no_case_of_the_project_is_weak(name: str, row: str) -> None:
    """Of some mutants of each, always the same, nine of ten are noticed; no fault makes a check fall over."""
    strength = strength_of(name, row, most=24)
    assert strength.percent is not None
    assert strength.percent >= 90, "\n".join(told(strength, 1))


@pytest.mark.soak
def test_every_case_of_the_project_is_strong() -> None:
    """Nine of ten of all mutants for each; over all, 95 % of the first findings name the right place, and
    as many are told in ten lines. Faults in what no case speaks of make nothing fall over either."""
    clock = RunClock()
    strengths = [strength_of(*item, besides=True) for item in items()]
    print(total(strengths, clock.now_us()))
    found, well_told, short = told_well(strengths)
    print(f"{short} of {found} findings in ten lines or less")

    assert [each.name for each in strengths if (each.percent or 0) < 90] == []
    assert found >= 3_000
    assert 100 * min(well_told, short) >= 95 * found


def test_a_case_made_weaker_is_found_out() -> None:
    """A check taken out leaves faults that nobody notices any more: the measure falls."""
    found, row, cassette = of_project("ESC-1118")
    strong = strength_of("ESC-1118")
    blind = Strength.of(replace(found, checks=()), cassette, row)
    missed = []
    for each in strong.judged:
        if "settles" in each.mutant.named_by[:1] and each.noticed:
            missed.append(judge(blind.base, cassette, each.mutant).noticed)
    assert missed
    assert not all(missed)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cases of the project in a root of their own."""
    for name in ("ESC-1093", "ESC-1118"):
        path = next((ROOT / "cases").glob(f"{name}-*.yaml"))
        (tmp_path / "cases").mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / "cases")
        shutil.copytree(ROOT / "cassettes" / name, tmp_path / "cassettes" / name)
    (tmp_path / "harness.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_says_what_is_not_noticed_and_how_strong_all_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line a case, the total, and 0 where each reaches what is asked."""
    assert cli.main(["strength", "--all", "--most", "20", "--json", "s.json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ESC-1093[fixed]: 8 mutants: 8 noticed, 0 not: 100 %, ")
    assert lines[1].startswith("ESC-1118[fixed]: 20 mutants, drawn of ")
    assert lines[-1].startswith("2 recordings, 28 mutants: ")
    records = exactjson.loads((project / "s.json").read_text())
    assert [(each["item"], each["mutants"]) for each in records] == [
        ("ESC-1093[fixed]", 8),
        ("ESC-1118[fixed]", 20),
    ]
    assert records[0]["percent"] == 100
    assert records[1]["left_out"] > 0


def test_a_weak_case_is_exit_code_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that a pipeline can hold a case's strength."""
    path = next((project / "cases").glob("ESC-1118*"))
    path.write_text(path.read_text().replace('orderID: "${buy.order_id}"', "orderID: {$hex: 32}"))

    assert cli.main(["strength", "ESC-1118"]) == 0
    assert cli.main(["strength", "ESC-1118", "--at-least", "100"]) == 1
    out = capsys.readouterr().out
    assert "  not noticed:\n    event 24 answer rest(alice) buy, body.orderID: another value" in out
    assert out.endswith("weaker than 100 %: ESC-1118[fixed]\n")


USAGE = [
    ([], "U023 name a case"),
    (["ESC-9999"], "U023 there is no case ESC-9999"),
    (["--all", "--most", "0"], "U022 --most is a number of mutants from 1 on, not 0"),
    (["--all", "--at-least", "101"], "U022 --at-least is a percentage from 0 to 100, not 101"),
]


@pytest.mark.parametrize(("arguments", "said"), USAGE)
def test_what_cannot_be_measured_is_usage(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: Sequence[str], said: str
) -> None:
    """Exit code 2, and what to say instead."""
    assert cli.main(["strength", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_case_without_a_fixed_recording_is_named_or_left_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An open case is no part of all; asked for by name, it is said what is missing."""
    path = next((project / "cases").glob("ESC-1093*"))
    path.write_text(
        "\n".join(
            line
            for line in path.read_text().replace("status: fixed", "status: open").splitlines()
            if not line.startswith("fixed_in")
        )
    )
    (project / "cassettes" / "ESC-1093" / "fixed.jsonl").unlink()

    assert cli.main(["strength", "--all", "--most", "5"]) == 0
    assert "ESC-1093" not in capsys.readouterr().out
    assert cli.main(["strength", "ESC-1093"]) == 2
    assert "K001" in capsys.readouterr().err


class Stops(io.StringIO):
    """A terminal at which somebody presses Ctrl-C at the tenth mutant."""

    def write(self, text: str) -> int:
        if " 10 of " in text:
            raise KeyboardInterrupt
        return super().write(text)


def test_a_stopped_run_tells_what_it_has(project: Path) -> None:
    """Ctrl-C loses nothing that was measured; the exit code says that it was stopped."""
    parser = argparse.ArgumentParser()
    measuring.options(parser)
    out = io.StringIO()
    code = measuring.run(parser.parse_args(["ESC-1118"]), out, Stops())

    assert code == 130
    assert "10 mutants so far, of " in out.getvalue()
    assert out.getvalue().endswith("stopped: what is told is what was measured\n")


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
