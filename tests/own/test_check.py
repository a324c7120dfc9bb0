"""An own check over hand-made recordings: what its function sees, when it is asked, what it may say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from spine.run_bodies import bought
from spine.story import CHAIN_FACTS, HEADER, RUNNER, SYMPTOM, Story, run, trade, window

from harness.case.read import parse_case
from harness.case.values import Case
from harness.checks import prepared
from harness.errors import CaseError
from harness.finding import Decision, Finding
from harness.intents import Inputs
from harness.model import MARKS, Event, Lane, Source
from harness.scope import Scope

from .modules import added

STEPS = """
steps:
  - {id: listen, ws: user, subscribe: {markets: [m]}}
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}
checks:
  - {id: mine, sees: {text: "${buy.sent.json.size}"}%s}
"""
SEES = """
asked = []
@check("sees")
def sees(events, *, text):
    asked.append(events)
    %s
"""


def asking(body: str, more: str = "") -> tuple[Case, list[Any]]:
    """A case whose check has this body, and the events that it is asked about."""
    additions = added(SEES % body)
    case = parse_case(HEADER + STEPS % more + SYMPTOM % "buy", "cases/ESC-1.yaml", additions)
    function = additions.checks["sees"].function
    assert function is not None
    return case, function.__globals__["asked"]


def told_late() -> Story:
    """A purchase, and two frames on the user channel after the steps have ended."""
    story = bought().at(1500).step("check:mine", RUNNER)
    return story.at(2000).push(trade("MATCHED")).at(3000).push(trade("MINED"), trade("CONFIRMED")).at(9000)


def test_events_as_a_case_sees_them() -> None:
    """Each message is one event with its time, place and view, and none of it can be changed."""
    case, asked = asking("return None")

    ran = run(case, bought().at(1500).push(trade()).at(1600).step("check:mine", RUNNER).watched().events)

    assert ran.findings["mine"].holds
    seen = asked[0]
    assert [(e.channel, e.kind) for e in seen] == [
        ("ws.user", "open"),
        ("ws.user", "send"),
        ("rest", "send"),
        ("rest", "answer"),
        ("ws.user", "push"),
    ]
    assert (seen[4].at_s, seen[4].actor, seen[4].view["status"]) == (Decimal("1.5"), "alice", "MATCHED")
    assert seen[3].view["body"] == {"ok": True}
    with pytest.raises(TypeError):
        seen[4].view["status"] = "MINED"
    with pytest.raises(AttributeError):
        seen[4].kind = "send"


def test_asked_once_without_a_window() -> None:
    """Without `within` it judges what came until the steps ended, and what it says is what is shown."""
    case, asked = asking("return f'{len(events)} events, not {text}'")

    ran = run(case, told_late().watched().events)

    finding = ran.findings["mine"]
    assert (finding.holds, finding.text, finding.shown) == (False, "4 events, not 5", "4 events, not 5")
    assert len({len(events) for events in asked}) == 1


@pytest.mark.parametrize(
    ("within", "holds", "at_us"), [("2500ms", True, 3_000_000), ("1500ms", False, 2_500_000)]
)
def test_asked_after_every_event_within_a_window(within: str, holds: bool, at_us: int) -> None:
    """Within a window it holds with the first event after which nothing is wrong, else at the deadline."""
    body = "return None if any(e.kind == 'push' and e.view['status'] == 'MINED' for e in events) else 'no'"
    case, asked = asking(body, f", within: {within}")

    finding = run(case, told_late().watched().events).findings["mine"]

    assert (finding.holds, finding.at_us) == (holds, at_us)
    assert [len(events) for events in asked] == ([4, 5, 7] if holds else [4, 5])


def test_polls_of_other_checks_are_not_shown() -> None:
    """What other checks read comes and goes with them, so an own check never sees it."""
    case, asked = asking("return None")
    story = bought().at(1400).step("check:other", RUNNER)
    story.send("check:other", {"method": "GET", "path": "/x"}, Source("rest", "alice"))

    run(case, story.answer("check:other", {}).at(1500).step("check:mine", RUNNER).watched().events)

    assert {event.step for event in asked[0]} == {"", "listen", "buy"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return events[99]", "C065 the check 'sees' raised IndexError: tuple index out of range. Mend"),
        ("return False", "C065 the check 'sees' gave False: it gives None where it holds, else a text"),
        ("return ''", "C065 the check 'sees' gave '': it gives None"),
    ],
)
def test_a_function_that_fails_is_no_finding(body: str, told: str) -> None:
    """A check that raises, or says neither None nor a text, makes the case invalid at its place."""
    case, _ = asking(body)

    with pytest.raises(CaseError) as refused:
        run(case, told_late().watched().events)

    assert told in str(refused.value)
    assert str(refused.value).startswith("cases/ESC-1.yaml:12:")


@dataclass(frozen=True)
class Growing:
    """The events so far, as a live run sees them."""

    events: Sequence[Event]
    now_us: int

    def horizon_us(self, watched: Source | Lane) -> int:
        return self.now_us


@pytest.mark.parametrize("many", [1, 2, 3, 4])
def test_judged_live_as_in_replay(many: int) -> None:
    """Looked at after every event or once when all has come, a check comes to the same finding."""
    body = f"return None if sum(e.kind == 'push' for e in events) >= {many} else 'too few'"
    check = asking(body, ", within: 2s")[0].checks[0]
    story = told_late()
    events = [event for event in story.events if event.kind not in MARKS]
    scope = Scope(Inputs(7), 0, {"buy": {"sent": {"json": {"size": 5}}}})
    look, span = scope.at("check:mine", 0, 1_500_000), window(3000, start_ms=1000)

    def judged(views: Sequence[Growing]) -> Decision:
        judge = prepared(check, look, views[0], CHAIN_FACTS)
        decisions = [judge.decide(view, span, False) for view in views]
        return next((each for each in decisions if isinstance(each, Finding)), decisions[-1])

    whole = [Growing(events, 9_000_000)]
    growing = [Growing(events[:end], events[end - 1].at_us) for end in range(4, len(events) + 1)]

    assert judged([*growing, *whole]) == judged(whole)
    assert isinstance(judged(whole), Finding)
