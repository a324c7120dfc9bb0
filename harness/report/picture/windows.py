"""Where a run's parts are drawn, and the windows in which something should have come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from harness.case.rules.values import Lifecycle
from harness.case.values import Case, Check, Role, Step
from harness.finding import Finding
from harness.matchers import LOST, NOTHING, Differs, Late
from harness.model import MARKS, Event, Kind
from harness.report.picture.values import Rail, Void
from harness.report.spans import CHECK, Waited

GIVEN: Final = "given"
CHECKS: Final = "checks"
FINALLY: Final = "finally"


def part_of(case: Case, subject: str) -> Step | Check | None:
    """The step or check of this id."""
    parts: tuple[Step | Check, ...] = (*case.steps, *case.checks)
    return next((part for part in parts if part.id == subject), None)


def stage_of(case: Case, name: str) -> str:
    """The stage that a step or check is drawn in."""
    if name.startswith(CHECK):
        return CHECKS
    roles = {step.id: step.role for step in case.steps}
    role = roles.get(name, Role.STEPS)
    return {Role.GIVEN: GIVEN, Role.FINALLY: FINALLY}.get(role, name)


def stage_of_finding(case: Case, finding: Finding) -> str:
    """The stage in which a finding is drawn."""
    part = part_of(case, finding.subject)
    return CHECKS if isinstance(part, Check) else stage_of(case, finding.subject)


def rails(case: Case, windows: Sequence[Waited], findings: Mapping[str, Finding]) -> Iterator[Rail]:
    """The windows that are drawn: those of checks, and those that were missed."""
    checks = {check.id for check in case.checks}
    for window in windows:
        if window.missed or window.subject in checks:
            found = findings.get(window.subject)
            stop_us = window.deadline_us if found is None or window.missed else found.at_us
            yield Rail(window.start_us, max(stop_us, window.start_us), window.missed)


def voids(
    case: Case, findings: Mapping[str, Finding], windows: Sequence[Waited], timeline: Sequence[Event]
) -> Iterator[Void]:
    """Where something was missing until its deadline; one a lane."""
    spanned = {window.subject: window for window in windows}
    told: set[str] = set()
    for finding in findings.values():
        window, part = spanned.get(finding.subject), part_of(case, finding.subject)
        if finding.holds or window is None or part is None:
            continue
        for lane in sorted(_empty_lanes(part, finding, timeline) - told):
            told.add(lane)
            seen = [
                e.at_us
                for e in timeline
                if e.kind is Kind.PUSH and e.number in finding.events and str(e.source) == lane
            ]
            start_us = max([window.start_us, *(at for at in seen if at < window.deadline_us)])
            yield Void(lane, start_us, window.deadline_us, stage_of_finding(case, finding))


def _empty_lanes(part: Step | Check, finding: Finding, timeline: Sequence[Event]) -> set[str]:
    """The lanes on which something was missing: those that a finding says had nothing to tell."""
    sources = {event.source for event in timeline if event.kind not in MARKS}
    if isinstance(finding.shown, Differs):
        silent = {name for name, held in finding.shown.sources.items() if held in (NOTHING, LOST)}
        return {str(source) for source in sources if source.channel.partition(".")[0] in silent}
    if finding.shown not in (NOTHING, LOST) and not isinstance(finding.shown, Late):
        return set()
    if isinstance(part, Step):
        return {str(part.source)}
    user = {str(source) for source in sources if source.channel == "ws.user"}
    return user if isinstance(part.rule, Lifecycle) else set()


def deadlines(windows: Sequence[Waited]) -> list[list[Waited]]:
    """The windows that were missed, together where they began and ended together."""
    groups: dict[tuple[int, int], list[Waited]] = {}
    for window in windows:
        if window.missed:
            groups.setdefault((window.deadline_us, window.start_us), []).append(window)
    return list(groups.values())
