"""What the tests of checks share: one purchase, told and recorded, and judging one check alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.case.actions import Listen, RestCall
from harness.case.channels import Actor, Cast
from harness.case.rules import read_check
from harness.case.values import Check, Role, Step
from harness.checks import prepared
from harness.decide import Item
from harness.errors import Place, Problem
from harness.finding import Finding, Pending, Window
from harness.intents import Inputs
from harness.model import By, Event, Kind, Lane, Source
from harness.scope import Scope
from harness.strictyaml import load
from harness.wire.fix import written

from .story import ALICE, CHAIN_FACTS, FACTS, USER, Story

HEAD = """steps:
  - {id: listen, ws: user, subscribe: {markets: [m]}}
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}
checks:
"""
CAST = Cast((Actor("alice", "trader"),))
MARKET = Source("ws.market")
OE = Source("fix.oe", "alice")
STEPS = (
    Step("listen", Role.STEPS, Place("c.yaml"), USER, Listen()),
    Step("buy", Role.STEPS, Place("c.yaml"), ALICE, RestCall("POST", "/order")),
)


def bought() -> Story:
    return Story().at(500).listening().at(1000).posted("buy", {})


@dataclass(frozen=True, slots=True)
class Watched:
    """A recording seen by a judge: streams up to a moment, polls up to their last answer."""

    events: Sequence[Event]
    until_us: int

    def horizon_us(self, watched: Source | Lane) -> int:
        if isinstance(watched, Lane):
            lane = (e.at_us for e in self.events if e.lane == watched and e.kind is Kind.ANSWER)
            return max(lane, default=0)
        return self.until_us


def read(text: str, cast: Cast = CAST) -> tuple[Check | None, list[Problem]]:
    """A check from its YAML, and what is wrong with it."""
    problems: list[Problem] = []
    return read_check(load(text, "c.yaml"), cast, problems), problems


def codes(text: str, cast: Cast = CAST) -> list[str]:
    """The codes of what is wrong with a check."""
    return [problem.code for problem in read(text, cast)[1]]


def judged(
    rule: str,
    story: Story,
    *,
    until_ms: int = 20_000,
    within: str | None = "5s",
    more: str = "",
    cause_ms: int = 1_000,
    values: Mapping[str, Any] | None = None,
    steps: tuple[Step, ...] = STEPS,
) -> Finding:
    """Judge one check on a story that was watched until a moment.

    A check that waits is judged after every event since the steps ended, too: deciding early must not change
    what it comes to.
    """
    text = f"id: c\n{rule}\n{more}" + (f"within: {within}\n" if within else "")
    check, problems = read(text)
    assert check is not None, [str(problem) for problem in problems]
    told = sorted(story.events, key=lambda event: event.at_us)
    numbered = [replace(event, number=number) for number, event in enumerate(told)]
    events = [event for event in numbered if event.kind not in (Kind.STEP, Kind.END, Kind.HORIZON)]
    scope = Scope(Inputs(FACTS.seed), FACTS.started_wall_us, {"alice": dict(FACTS.actors["alice"])})
    scope.values.update({"buy": {"got": {}}, **(values or {})})
    if check.within_us is None:
        window = Window(0, 0, until_ms * 1000, until_ms * 1000)
    else:
        deadline_us = cause_ms * 1000 + check.within_us
        cause = next((e.number for e in numbered if e.at_us >= cause_ms * 1000), len(numbered))
        window = Window(cause, cause_ms * 1000, deadline_us, deadline_us + check.within_us)
    whole = Watched(events, until_ms * 1000)
    judge = prepared(check, scope.at("check:c", 0, window.start_us), whole, CHAIN_FACTS, steps)
    found = judge.decide(whole, window, True)
    assert isinstance(found, Finding), found
    if check.within_us is not None:
        steps_ended = sum(event.at_us <= cause_ms * 1000 for event in events)
        for at in range(steps_ended, len(events) + 1):
            so_far = Watched(events[:at], events[at - 1].at_us)
            early = judge.decide(so_far, window, False)
            if isinstance(early, Pending):
                continue
            assert (early.holds, early.at_us, early.text) == (found.holds, found.at_us, found.text)
            break
    return found


def items(*statuses: str) -> list[Item]:
    """One trade's states, an event each."""
    return [Item((n,), n, n, {"status": status}) for n, status in enumerate(statuses)]


def fix_came(story: Story, at_ms: int, fields: str, source: Source = OE) -> Story:
    """A FIX message came: `35=8|34=5|` and so on; its header and framing are filled in."""
    raw = written.show(written.seal(f"8=FIXT.1.1|{fields}49=V|56=C|52=20260101-00:00:00.000|"))
    number, data = len(story.events), {"wire": {"raw": raw}}
    event = Event(number, at_ms * 1000, Kind.PUSH, source, by=By.PEER, data=data)
    story.events.append(event)
    return story
