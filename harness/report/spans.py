"""When things of a run happened: spans of steps and checks, and the windows they had; from marks alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.case.values import Case, Check, Step
from harness.model import Event, Kind, Source

CHECK = "check:"
"""How the marks of a check begin its id."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a step's or check's first mark to what decided it; microseconds from the run's start."""

    name: str
    source: Source
    start_us: int
    stop_us: int

    @property
    def subject(self) -> str:
        """The id as findings use it, without the mark of a check."""
        return self.name.removeprefix(CHECK)

    @property
    def is_check(self) -> bool:
        """Whether it is a check over the whole timeline."""
        return self.name.startswith(CHECK)


@dataclass(frozen=True, slots=True)
class Waited:
    """A window: what it counts from, its start and its deadline (microseconds), and whether it was missed."""

    subject: str
    cause: str
    start_us: int
    deadline_us: int
    missed: bool


def spans(timeline: Sequence[Event]) -> tuple[Span, ...]:
    """The span of every step and check, by their starts; one without an end lasts to the last event."""
    last_us = max((event.at_us for event in timeline), default=0)
    ends = {event.step: decided_us(event) for event in timeline if event.kind is Kind.END}
    found: dict[str, Span] = {}
    for event in timeline:
        if event.kind is Kind.STEP and event.step not in found:
            stop_us = max(ends.get(event.step, last_us), event.at_us)
            found[event.step] = Span(event.step, event.source, event.at_us, stop_us)
    return tuple(sorted(found.values(), key=lambda span: span.start_us))


def decided_us(mark: Event) -> int:
    """When an END or DEADLINE mark says that things were decided, which is before it was written."""
    for key in ("decided_us", "deadline_us"):
        held = mark.data.get(key)
        if isinstance(held, int):
            return held
    return mark.at_us


def waited(case: Case, timeline: Sequence[Event]) -> tuple[Waited, ...]:
    """The window of every step and check that has one and was reached, in the case's order."""
    starts = {event.step: event for event in timeline if event.kind is Kind.STEP}
    missed = {event.step: decided_us(event) for event in timeline if event.kind is Kind.DEADLINE}
    found = []
    parts: tuple[Step | Check, ...] = (*case.steps, *case.checks)
    for part in parts:
        name = f"{CHECK}{part.id}" if isinstance(part, Check) else part.id
        mark = starts.get(name)
        if mark is None or part.within_us is None:
            continue
        cause = _cause(case, part.after, mark, starts)
        deadline_us = missed.get(name, cause.at_us + part.within_us)
        start_us = min(cause.at_us, deadline_us)
        found.append(Waited(part.id, cause.step, start_us, deadline_us, name in missed))
    return tuple(found)


def _cause(case: Case, after: str | None, mark: Event, starts: dict[str, Event]) -> Event:
    if after is not None and after in starts:
        return starts[after]
    before = [
        starts[step.id]
        for step in case.steps
        if step.sends and step.id in starts and starts[step.id].number < mark.number
    ]
    return max(before, key=lambda event: event.number, default=mark)
