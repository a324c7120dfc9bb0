"""One pytest run over cases: which target, which build; the venue is started when first needed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.case.additions import NOTHING_ADDED, Additions
from harness.case.values import Case, Row
from harness.clock import RunClock, iso_utc
from harness.configuration import configured, resolved
from harness.errors import CaseError, HarnessError, TargetError
from harness.guard import Kind, Origin
from harness.index import Listed
from harness.outcome import Outcome
from harness.proving import item_name, prove
from harness.redact import Redactor
from harness.redacted import redacted_outcome
from harness.report.records import record
from harness.shelf import Shelf
from harness.stage import Observer
from harness.targets import Target
from harness.verdict import Judgement, Proof, Verdict

if TYPE_CHECKING:
    from harness.embedded import Venue
    from harness.judging import Live
    from harness.vary import Plan

REPLAY = "replay"
_NOT_IN_CI: Final = (
    "--record is refused where CI is set: what it records would prove itself, and nobody looked at it. "
    "Record at a desk and commit the cassette; a job that is meant to record runs with CI= (empty)"
)
_PASSED = frozenset({Proof.PROVEN, Verdict.HOLDS, Verdict.VERIFIED})


def pytest_outcome(outcome: Outcome) -> str:
    """Pytest's word for a judgement: passed, xfailed or failed; a recording passes when it was sealed."""
    if outcome.record is not None:
        return "passed" if outcome.sealed is not None else "failed"
    if outcome.judgement.word in _PASSED:
        return "passed"
    return "xfailed" if outcome.judgement.word is Verdict.STILL_BROKEN else "failed"


@dataclass(frozen=True, slots=True)
class Which:
    """Which run of a case an item is: a row of its examples by name, and the proof to replay ("" live)."""

    row: str = ""
    proof: str = ""


@dataclass(slots=True)
class Session:
    """Where the items of this run are carried out."""

    root: Path
    target: Target | None
    build: str | None
    builds: Sequence[str]
    record: str | None
    explore: Plan | None = None
    additions: Additions = NOTHING_ADDED
    index: Path | None = None
    production: tuple[str, ...] = ()
    named_by: Origin = Origin.FLAG
    redactor: Redactor = field(default_factory=Redactor)
    """Knows every secret of every item of this run: what the filter before the exits looks for."""
    _venue: Venue | None = field(default=None)
    _files: dict[str, Path] = field(default_factory=dict)
    _shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self._shelf = Shelf(self.root, self.additions, self.index)
        if self.target is not None:
            self.target.register(self.redactor.register)

    @classmethod
    def of(
        cls,
        root: Path,
        *,
        target: str,
        build: str | None,
        record: str | None,
        explore: Plan | None = None,
        additions: Additions = NOTHING_ADDED,
        index: Path | None = None,
        named_by: Origin = Origin.FLAG,
        in_ci: bool = False,
    ) -> Session:
        """Judge the options. Raises HarnessError where they contradict each other (the caller's fault).

        `index` is the file in which sound cases are remembered from run to run. `in_ci`: nobody is looking.
        """
        if explore is not None:
            _may_explore(root, explore, target, record)
        if target == REPLAY:
            for option, value in (("--build", build), ("--record", record)):
                if value is not None:
                    raise HarnessError("U001", f"{option} is for a live target: add --target venue")
            return cls(root, None, None, (), None, additions=additions, index=index)
        targets = configured(root) or {}
        chosen = targets.get(target)
        if chosen is None:
            known = ", ".join([REPLAY, *sorted(targets)])
            raise HarnessError("U002", f"there is no target {target!r}: known are {known}")
        if record is not None and in_ci:
            raise HarnessError("U030", _NOT_IN_CI)
        production = tuple(
            url
            for each in targets.values()
            if each.kind is Kind.PRODUCTION and each is not chosen and each.endpoints is not None
            for url in each.endpoints.urls.values()
        )
        held = (record, explore, additions, index, production, named_by)
        if chosen.kind is not Kind.VENUE:
            return cls(root, resolved(chosen, os.environ), build, (), *held)
        builds = _venue_builds()
        if build is not None and build not in builds:
            raise HarnessError("U003", f"the venue has no build {build!r}: known are {', '.join(builds)}")
        return cls(root, chosen, build or builds[-1], builds, *held)

    @property
    def title(self) -> str:
        """What the verdict table is about."""
        if self.target is None:
            return "proofs (replay)"
        build = f", build {self.build}" if self.build else ""
        return f"verdicts ({self.target.name}{build})"

    @property
    def where(self) -> str:
        """The target, and its build where it is a live one."""
        return self.name if self.target is None else f"{self.name} {self.build or ''}".rstrip()

    @property
    def environment(self) -> dict[str, str]:
        """Where the items run, for a report's head."""
        return {"target": self.name} | ({"build": self.build} if self.build else {})

    def listed(self, path: Path, shown: str) -> Listed:
        """What a case's file holds, as collecting needs it. Raises CaseError (its author's fault)."""
        self._files[shown] = path
        return self._shelf.listed(path, shown)

    def foresee(self, paths: Sequence[Path]) -> None:
        """Remember what these files hold for whoever collects them next; what is wrong is told then."""
        self._shelf.foresee(paths)

    def items(self, listed: Listed) -> list[tuple[str, Which]]:
        """For every row of a case, the proofs that it needs in replay, by name; one live run otherwise."""
        proofs: tuple[str, ...] = ("",)
        if self.target is None:
            proofs = ("broken", "fixed") if listed.fixed else ("broken",)
        each = [Which(row, proof) for row in listed.rows or ("",) for proof in proofs]
        return [(item_name(listed.id, which.row, which.proof), which) for which in each]

    def carry_out(
        self,
        item: str,
        shown: str,
        collected: Listed | CaseError,
        which: Which,
        observer: Observer | None = None,
    ) -> tuple[Outcome, dict[str, Any]]:
        """Carry out one item; the outcome and its record. `collected` is what its file was found to be."""
        clock = RunClock()
        outcome = self._outcome(item, shown, collected, which, observer)
        if self.target is not None:
            outcome = redacted_outcome(outcome, self.redactor)
        told = outcome.judgement.why.replace(f"{self.root}/", "")
        outcome.judgement = replace(outcome.judgement, why=told)
        started_at = iso_utc(clock.started_wall_us)
        return outcome, record(outcome, started_at=started_at, took_ms=clock.now_us() // 1_000)

    def _outcome(
        self, item: str, shown: str, collected: Listed | CaseError, which: Which, observer: Observer | None
    ) -> Outcome:
        try:
            if isinstance(collected, CaseError):
                raise collected
            case = self._shelf.take(self._files[shown], shown, collected)
        except CaseError as wrong:
            word = Proof.INVALID if self.target is None else Verdict.INVALID
            return Outcome(item, Judgement(word, str(wrong.problems[0])), error=wrong)
        row = next((each for each in case.rows if each.name == which.row), None)
        if which.proof:
            return prove(case, which.proof, self.cassettes, observer, row)
        from harness.judging import run_live

        try:
            if self.explore is not None:
                return self._explored(case, row, self.explore, observer)
            return run_live(case, self._live(), observer, row)
        except TargetError as error:
            judgement = Judgement(Verdict.INCONCLUSIVE, error.text)
            return Outcome(item, judgement, case, error=error, target=self.name, build=self.build)

    def _explored(self, case: Case, row: Row | None, plan: Plan, observer: Observer | None) -> Outcome:
        """Run a case with inputs that are looked for, and keep what fails where that was asked for."""
        from harness.judging import run_live
        from harness.keeping import keep
        from harness.vary import Exploration

        live = self._live()

        def run(varied: Case) -> Outcome:
            return run_live(varied, live, None if case.vary else observer, row, recorded=case)

        exploring = Exploration(case, row, plan, run, RunClock(), observer or (lambda subject, text: None))
        outcome = exploring.outcome()
        if exploring.found is None:
            return outcome
        if plan.save_as is None:
            advice = "keep:  the same with --save-example ID, such as ESC-2001, writes it as a case"
        else:
            try:
                path = keep(outcome, self._files[case.path], self.root, plan.save_as, self.additions)
                advice = f"saved: {path.relative_to(self.root)}; record it next: --record broken"
            except HarnessError as error:
                advice = f"keep:  {error}"
        outcome.advice = (*outcome.advice, advice)
        return outcome

    @property
    def cassettes(self) -> Path:
        """Where the cassettes are."""
        return self.root / "cassettes"

    @property
    def name(self) -> str:
        """The target's name."""
        return self.target.name if self.target else REPLAY

    def _live(self) -> Live:
        from harness.embedded import Venue
        from harness.judging import Live

        target = self.target
        if target is None:
            raise ValueError("a replay has no live target")
        if target.kind is Kind.VENUE and self.build is not None:
            if self._venue is None:
                self._venue = Venue(self.build)
            target = replace(target, endpoints=self._venue.endpoints, marker=self._venue.marker)
        if target.endpoints is None:
            raise ValueError(f"nobody knows where {target.name} is")
        held = (self.cassettes, self.record, self.redactor, self.production, self.named_by)
        return Live(target, target.endpoints, self.build, self.builds, *held)

    def close(self) -> None:
        """End what was started, and keep what was learnt of the cases."""
        self._shelf.close()
        if self._venue is not None:
            self._venue.stop()
            self._venue = None


def _may_explore(root: Path, explore: Plan, target: str, record: str | None) -> None:
    """Raise HarnessError where exploring cannot be, or its result could not be kept."""
    if target == REPLAY:
        raise HarnessError("U005", "--explore is for a live target: add --target venue")
    if record is not None:
        text = "--explore is never recorded: leave out --record, or explore first and record what you keep"
        raise HarnessError("U005", text)
    if explore.save_as is not None:
        from harness.keeping import used

        taken = used(root, explore.save_as)
        if taken is not None:
            text = f"--save-example {explore.save_as} is taken, by {taken.relative_to(root)}: name another id"
            raise HarnessError("U008", text)


def _venue_builds() -> tuple[str, ...]:
    from harness.venue.builds import all_builds

    return tuple(build.name for build in all_builds())
