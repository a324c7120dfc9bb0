"""Groups, performed: rounds one after the other, or parts at one barrier; and what all of them came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.case.values import Part, Repeat, Step, Together, flat
from harness.checks.judging import RUNNER_SOURCE
from harness.finding import Finding
from harness.performing import performed
from harness.stage import Course, Stage
from harness.strands import AtOnce, Sleeps, Strand


@dataclass(slots=True)
class Performed:
    """What some parts came to: the first finding of each that fails, else its last; where it first failed."""

    findings: dict[str, Finding] = field(default_factory=dict)
    failed: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

    def take(self, other: Performed) -> None:
        """Add what further parts came to; what failed first stays."""
        for name, finding in other.findings.items():
            if name not in self.findings or self.findings[name].holds:
                self.findings[name] = finding
        self.failed = self.failed or other.failed


def all_of(stage: Stage, parts: Sequence[Part], course: Course) -> Strand[Performed]:
    """Perform parts in order; the first that fails ends them."""
    done = Performed()
    for part in parts:
        done.take((yield from _one(stage, part, course)))
        if not done.holds:
            break
    return done


def _one(stage: Stage, part: Part, course: Course) -> Strand[Performed]:
    if isinstance(part, Step):
        finding = yield from performed(stage, part, course)
        return Performed({part.id: finding}, () if finding.holds else (part.id,))
    if isinstance(part, Together):
        return (yield from _together(stage, part, course))
    return (yield from _rounds(stage, part, course))


def _together(stage: Stage, group: Together, course: Course) -> Strand[Performed]:
    mark = stage.world.begin(RUNNER_SOURCE, group.id, course.round)
    courses = [Course(course.round, course.each, course.cause) for _ in group.parts]
    strands = tuple(all_of(stage, (part,), each) for part, each in zip(group.parts, courses, strict=True))
    returned: tuple[Performed, ...] = yield AtOnce(strands)
    causes = [each.cause for each in courses if each.cause is not None]
    course.cause = max(causes, key=lambda event: event.number, default=course.cause)
    done = Performed()
    for each in returned:
        done.take(each)
    at_us = max((f.at_us for f in done.findings.values()), default=mark.at_us)
    text = f"all {len(group.parts)} hold" if done.holds else f"{done.failed[-1]!r} does not hold"
    finding = Finding(group.id, done.holds, at_us, text)
    return _ended(stage, group, course, done, finding)


def _rounds(stage: Stage, group: Repeat, course: Course) -> Strand[Performed]:
    start = stage.world.begin(RUNNER_SOURCE, group.id, course.round * group.times)
    done = Performed()
    held: list[bool] = []
    kept: list[dict[str, Any]] = []
    names = _names(group.parts)
    at_us = start.at_us
    for number in range(group.times):
        if number and group.pace_us is not None:
            yield Sleeps(start.at_us + number * group.pace_us)
        round = course.round * group.times + number
        each = group.items[number] if group.items else number + 1
        filled = stage.scope.at(group.id, round, at_us, course.each).fill(each)
        inner = Course(round, filled, course.cause)
        for name in names:
            stage.scope.values.pop(name, None)
        came = yield from all_of(stage, group.parts, inner)
        course.cause = inner.cause
        held.append(came.holds)
        kept.append({name: stage.scope.values[name] for name in names if name in stage.scope.values})
        at_us = max((f.at_us for f in came.findings.values()), default=at_us)
        done.take(came)
        if not came.holds and group.passing is None:
            break
    for values in kept:
        stage.scope.values.update(values)
    stage.scope.values[group.id] = kept
    finding = _share(group, held, at_us)
    if finding.holds:
        last = {name: f for name, f in done.findings.items() if f.holds}
        done = Performed(last)
    return _ended(stage, group, course, done, finding)


def _share(group: Repeat, held: Sequence[bool], at_us: int) -> Finding:
    """Whether enough rounds hold; within one round of the bound it cannot be told."""
    good, rounds = sum(held), len(held)
    shown = {"rounds": rounds, "held": good}
    if group.passing is None:
        text = (
            f"all {good} rounds hold" if good == rounds else f"round {rounds} of {group.times} does not hold"
        )
        return Finding(group.id, good == rounds, at_us, text, shown)
    bad = rounds - good
    allowed = int(rounds * (1 - group.passing))
    asked = f"{(group.passing * 100).normalize():f} %"
    text = f"{good} of {rounds} rounds hold, {asked} are asked for"
    if bad and allowed <= bad <= allowed + 1:
        text += ": within one round of the bound, so it cannot be told; more rounds would tell"
        return Finding(group.id, False, at_us, text, shown, unsure=True)
    return Finding(group.id, bad <= allowed, at_us, text, shown)


def _names(parts: Sequence[Part]) -> tuple[str, ...]:
    steps = tuple(flat(parts))
    return (*(step.id for step in steps), *(save.name for step in steps for save in step.save))


def _ended(
    stage: Stage, group: Repeat | Together, course: Course, done: Performed, finding: Finding
) -> Performed:
    round = course.round * (group.times if isinstance(group, Repeat) else 1)
    stage.world.end(RUNNER_SOURCE, group.id, finding.at_us, round)
    stage.observe(group.id, finding.text)
    findings = {**done.findings, group.id: finding}
    return Performed(findings, () if finding.holds else (group.id, *done.failed))
