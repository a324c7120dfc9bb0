"""A small case, run live on the venue and then replayed from what a cassette would hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spine.story import SYMPTOM

from harness import exactjson
from harness.case.read import parse_case
from harness.clock import RunClock
from harness.live import live_world
from harness.model import Event, Kind
from harness.redact import Redactor
from harness.replayer import ReplayWorld
from harness.run import Run, Runner
from harness.targets import Endpoints

from .leaves import generous, permit_for

CASE = """\
id: ESC-1
title: "a title"
status: open
severity: minor
component: clob/orders
actors: {alice: trader, bob: trader}
"""


@dataclass(frozen=True, slots=True)
class Played:
    """What a case came to live, and the lines that a cassette holds of it."""

    run: Run
    lines: tuple[str, ...]

    def sent(self, step: str) -> list[Any]:
        """What went out in a step, as it is recorded."""
        events = [Event.from_json(exactjson.loads(line)) for line in self.lines]
        return [e.data["wire"] for e in events if e.kind is Kind.SEND and e.step == step]


def played(
    endpoints: Endpoints, body: str, values: Mapping[str, Any] | None = None, symptom: str = SYMPTOM % "it"
) -> Played:
    """Run a case live and replay it; both come to the same findings, word for word."""
    read = parse_case(CASE + body + symptom, "cases/ESC-1.yaml")
    permit = permit_for(endpoints)
    redactor, lines = Redactor(), list[str]()

    def keep(event: Event) -> None:
        lines.append(exactjson.dumps(redactor.redact_json(event.as_json())))

    more = {"clock": RunClock(), "seed": 1, "redactor": redactor, "listener": keep, "meter": generous()}
    with live_world(read, endpoints, permit, values=values, **more) as (world, facts, _):
        run = Runner(read, world, facts, lambda _: True, None, values).run()
    events = [Event.from_json(exactjson.loads(line)) for line in lines]
    again = Runner(read, ReplayWorld(events), facts, lambda _: True, None, values).run()

    def told(each: Run) -> list[tuple[str, bool, str]]:
        return [(finding.subject, finding.holds, finding.text) for finding in each.findings.values()]

    assert told(again) == told(run)
    for line in lines:
        assert redactor.find(line) == []
    return Played(run, tuple(lines))
