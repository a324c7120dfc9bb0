"""One replay of the unchanged recording, as those who look for what can be changed in it see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.case.rules import selections_of
from harness.case.rules.values import Selection
from harness.case.values import Case, Check, Part, Repeat, Row, Step, every_part, flat
from harness.checks.choosing import Setting, Told, chain_reads
from harness.facts import Facts
from harness.finding import Finding
from harness.model import MARKS, Event, Kind
from harness.references import MissingPartError
from harness.replayer import RecordedView
from harness.run import Run
from harness.scope import Look, Scope


@dataclass(frozen=True, slots=True)
class Played:
    """A case, its recording, and what a replay of it came to: the findings and the names it gave."""

    case: Case
    row: Row | None
    events: tuple[Event, ...]
    run: Run
    scope: Scope
    facts: Facts

    def look(self, step: Step) -> Look:
        """The names as a step saw them, in its last round."""
        round, each = _last_round(self.case.parts, step, self.scope)
        return self.scope.at(step.id, round, self.mark(step.id, round).at_us, each)

    def look_of(self, check: Check) -> Look:
        """The names as a check saw them."""
        name = f"check:{check.id}"
        return self.scope.at(name, 0, self.mark(name, 0).at_us)

    def arrived(self, at_us: int) -> int:
        """A stamp as unix microseconds on the target's clock."""
        return self.facts.started_wall_us + at_us + self.facts.skew_us

    def decided(self, finding: Finding) -> Iterator[Event]:
        """The events that a finding rests on."""
        return (self.events[number] for number in sorted(set(finding.events)))

    def groups_of(self, subject: str) -> tuple[str, ...]:
        """The groups that a step is in: what fails in a step fails them too."""
        return tuple(
            part.id
            for part in every_part(self.case.parts)
            if not isinstance(part, Step) and any(step.id == subject for step in flat((part,)))
        )

    def selected(self, check: Check, selection: Selection, finding: Finding | None = None) -> list[Told]:
        """What a check's selection selects in the recording, with a finding until it was decided."""
        view = RecordedView([e for e in self.events if e.kind not in MARKS], {}, {})
        opened = frozenset(event.source for event in view.events if event.kind is Kind.OPEN)
        look, chain, steps = self.look_of(check), self.facts.chain, self.case.steps
        reads = chain_reads(check, selections_of(check.rule), chain)
        setting = Setting(check, look, chain, steps, opened, reads, self.facts.skew_us)
        since = self.mark(check.after, 0).number if check.after else -1
        try:
            until_us = self.events[-1].at_us if finding is None else finding.at_us
            return setting.chosen(selection).of(view, since, until_us)
        except MissingPartError:
            return []

    def mark(self, step: str, round: int = 0) -> Event:
        """Where a step started, or a check (`check:<id>`); where it has no mark, the recording."""
        marks = [e for e in self.events if e.kind is Kind.STEP and e.step == step and e.round == round]
        return marks[0] if marks else self.events[0]


def _last_round(parts: Sequence[Part], step: Step, scope: Scope, round: int = 0) -> tuple[int, Any]:
    for part in parts:
        if part is step:
            return round, None
        if isinstance(part, Step) or step not in tuple(flat((part,))):
            continue
        if not isinstance(part, Repeat):
            return _last_round(part.parts, step, scope, round)
        last = round * part.times + part.times - 1
        number, inner = _last_round(part.parts, step, scope, last)
        each = part.items[-1] if part.items else part.times
        return number, inner if inner is not None else scope.at(part.id, last, 0).fill(each)
    return round, None
