"""Running a case on a world, live or recorded: the same code, deciding by numbers and stamps alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness import checks
from harness.case.actions import ChainBalances
from harness.case.rules.values import Ledger
from harness.case.values import Case, Check, Role, Step
from harness.checks.judging import RUNNER_SOURCE, CheckRun, judging
from harness.errors import TargetError
from harness.facts import Facts
from harness.finding import Finding, Window
from harness.intents import Inputs
from harness.model import Event
from harness.references import MissingPartError
from harness.rounds import Performed, all_of
from harness.scope import Scope
from harness.stage import Course, Observer, Stage
from harness.strands import AtOnce, Strand, drive
from harness.world import World


@dataclass(slots=True)
class Run:
    """What a run came to: a finding for each step, group and check that was reached, in order.

    `trouble` is in `given`, or a share of rounds too near its bound; `unopened` is why a channel did not open
    after a step or check had failed, or in `finally`.
    `failed_step` is the first failing step or group of `steps`, and `failed_inside` what failed within it.
    `columns` are the values of the row, and of varied inputs, that it ran with.
    """

    findings: dict[str, Finding] = field(default_factory=dict)
    not_reached: list[str] = field(default_factory=list)
    trouble: Finding | None = None
    unopened: TargetError | None = None
    failed_step: str | None = None
    failed_inside: tuple[str, ...] = ()
    leftovers: list[Finding] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)

    @property
    def ended_badly(self) -> bool:
        """Whether something did not come to its end as it should have."""
        return bool(self.failed or self.not_reached or self.trouble or self.unopened or self.leftovers)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that do not hold."""
        return tuple(finding for finding in self.findings.values() if not finding.holds)


class Runner:
    """Takes one case through one world. `watching` is for whom a missed deadline is watched on.

    `values` are the columns of the row of `examples`, and varied inputs.
    """

    def __init__(
        self,
        case: Case,
        world: World,
        facts: Facts,
        watching: Callable[[str], bool],
        observer: Observer | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self._case = case
        self._world = world
        scope = Scope(Inputs(facts.seed), facts.started_wall_us)
        columns = {vary.name: vary.example for vary in case.vary} | dict(values or {})
        scope.values.update(columns)
        scope.values.update({name: dict(held) for name, held in facts.actors.items()})
        scope.values["contracts"] = facts.chain.contracts
        self._stage = Stage(
            case, world, facts, scope, watching, observer or (lambda subject, text: None), _looked(case)
        )
        self._course = Course()
        self._run = Run(columns=columns)

    @property
    def patience_us(self) -> int | None:
        """How long `given` and `finally` wait for an exchange that says *not now*; None is as recorded."""
        return self._stage.patience_us

    @patience_us.setter
    def patience_us(self, us: int) -> None:
        self._stage.patience_us = us

    @property
    def tell(self) -> Callable[[str], None]:
        """Is told that the run waits, and for what."""
        return self._stage.tell

    @tell.setter
    def tell(self, tell: Callable[[str], None]) -> None:
        self._stage.tell = tell

    @property
    def scope(self) -> Scope:
        """The names of the run and their values, as far as it has come."""
        return self._stage.scope

    def run(self) -> Run:
        """Run `given`, `steps`, the checks, and `finally` whatever happens but an interrupt.

        Raises TargetError (the environment), CassetteStale or CaseError (replay, the case); a failed
        step or check is a finding in the result. Where something had failed by then, the environment's
        trouble stands beside it: the symptom counts before it.
        """
        try:
            drive(self._world, self._given_steps_checks())
        except TargetError as error:
            self._finally(quietly=True)
            if not self._run.failed:
                raise
            self._run.unopened = error
            reached = {*self._run.findings, *self._run.not_reached}
            self._run.not_reached += [each.id for each in self._case.checks if each.id not in reached]
            return self._run
        except Exception:
            self._finally(quietly=True)
            raise
        self._finally(quietly=False)
        return self._run

    def _given_steps_checks(self) -> Strand[None]:
        given = yield from all_of(self._stage, self._case.parts_in(Role.GIVEN), self._course)
        if not given.holds:
            self._run.trouble = given.findings[given.failed[-1]]
            return
        done = yield from all_of(self._stage, self._case.parts_in(Role.STEPS), self._course)
        self._run.findings.update(done.findings)
        if not done.holds:
            self._run.failed_step, *inside = done.failed
            self._run.failed_inside = tuple(inside)
        unsure = next((finding for finding in done.findings.values() if finding.unsure), None)
        if unsure is not None:
            self._run.trouble = unsure
        yield from self._checks()

    def _finally(self, *, quietly: bool) -> None:
        """Try every step, whatever became of the one before; then raise the first error."""
        first: Exception | None = None
        for part in self._case.parts_in(Role.FINALLY):
            try:
                done = drive(self._world, all_of(self._stage, (part,), self._course))
            except Exception as error:
                first = first or error
                text = f"was not carried out: {error}"
                done = Performed({part.id: Finding(part.id, False, 0, text)}, (part.id,))
            self._run.leftovers += [finding for finding in done.findings.values() if not finding.holds]
        if first is not None and not quietly:
            if not isinstance(first, TargetError):
                raise first
            self._run.unopened = first

    def _checks(self) -> Strand[None]:
        """Prepare every check, then judge them together: none waits for another."""
        started = []
        for check in self._case.checks:
            mark = self._world.begin(RUNNER_SOURCE, f"check:{check.id}")
            prepared = self._prepared(check, mark)
            if prepared is None:
                self._run.not_reached.append(check.id)
            else:
                started.append(prepared)
        strands = tuple(judging(self._world, each, self._stage.observe) for each in started)
        findings: tuple[Finding, ...] = yield AtOnce(strands)
        for each, finding in zip(started, findings, strict=True):
            self._run.findings[each.id] = finding

    def _prepared(self, check: Check, mark: Event) -> CheckRun | None:
        """A check ready to be judged; None where a step that it rests on was not reached."""
        stage = self._stage
        look = stage.scope.at(f"check:{check.id}", 0, mark.at_us)
        steps: tuple[Step, ...] = self._case.steps
        try:
            judge = checks.prepared(
                check, look, self._world.observe(), stage.facts.chain, steps, skew_us=stage.facts.skew_us
            )
        except MissingPartError:
            return None
        if check.after and check.after not in stage.marks:
            return None
        if check.within_us is None:
            cause = stage.marks[check.after] if check.after else mark
            window = Window(cause.number, cause.at_us, mark.at_us, mark.at_us)
        else:
            cause = self._course.cause or mark
            window = stage.window(check.id, check.after, check.within_us, check.watch_us, cause)
        return CheckRun(check.id, judge, window)


def _looked(case: Case) -> frozenset[str]:
    """The steps before which the chain's head is looked at, because something counts from there."""
    since = {step.action.since for step in case.steps if isinstance(step.action, ChainBalances)}
    first = next((step.id for step in case.in_role(Role.STEPS)), None)
    for rule in (check.rule for check in case.checks):
        since.add(rule.since or first if isinstance(rule, Ledger) else None)
    return frozenset(name for name in since if name is not None)
