"""One pytest run over cases: which target, which build; the venue is started when first needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.case.additions import NOTHING_ADDED, Additions
from harness.case.values import Case, Row
from harness.clock import RunClock, exact_utc
from harness.errors import CaseError, HarnessError, TargetError
from harness.guard import Origin
from harness.index import Listed
from harness.outcome import Outcome
from harness.proving import item_name, prove
from harness.redact import Redactor
from harness.redacted import redacted_outcome
from harness.report.records import record
from harness.shelf import Shelf
from harness.site import REPLAY, Site
from harness.stage import Observer
from harness.verdict import Judgement, Proof, Verdict

if TYPE_CHECKING:
    from harness.carrying import Live
    from harness.vary import Plan

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
    site: Site | None
    """None for a replay."""
    record: str | None
    explore: Plan | None = None
    additions: Additions = NOTHING_ADDED
    index: Path | None = None
    redactor: Redactor = field(default_factory=Redactor)
    """Knows every secret of every item of this run: what the filter before the exits looks for."""
    _files: dict[str, Path] = field(default_factory=dict)
    _shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self._shelf = Shelf(self.root, self.additions, self.index)
        if self.site is not None:
            self.site.target.register(self.redactor.register)

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
        shared: Path | None = None,
        in_ci: bool = False,
    ) -> Session:
        """Judge the options. Raises HarnessError where they contradict each other (the caller's fault).

        `index` is the file in which sound cases are remembered from run to run, `shared` the one in which the
        processes of a job count what they spend. `in_ci`: nobody is looking.
        """
        if explore is not None:
            _may_explore(root, explore, target, record)
        if target == REPLAY:
            for option, value in (("--build", build), ("--record", record)):
                if value is not None:
                    raise HarnessError("U001", f"{option} is for a live target: add --target venue")
            return cls(root, None, None, additions=additions, index=index)
        site = Site.of(root, target, build, named_by, shared)
        if record is not None and in_ci:
            raise HarnessError("U030", _NOT_IN_CI)
        return cls(root, site, record, explore, additions, index)

    @property
    def title(self) -> str:
        """What the verdict table is about."""
        if self.site is None:
            return "proofs (replay)"
        build = f", build {self.build}" if self.build else ""
        return f"verdicts ({self.name}{build})"

    @property
    def where(self) -> str:
        """The target, and its build where it is a live one."""
        return self.name if self.site is None else f"{self.name} {self.build or ''}".rstrip()

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
        if self.site is None:
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
        if self.site is not None:
            outcome = redacted_outcome(outcome, self.redactor)
        told = outcome.judgement.why.replace(f"{self.root}/", "")
        outcome.judgement = replace(outcome.judgement, why=told)
        started_at = exact_utc(clock.started_wall_us)
        return outcome, record(outcome, started_at=started_at, took_ms=clock.now_us() // 1_000)

    def _outcome(
        self, item: str, shown: str, collected: Listed | CaseError, which: Which, observer: Observer | None
    ) -> Outcome:
        try:
            if isinstance(collected, CaseError):
                raise collected
            case = self._shelf.take(self._files[shown], shown, collected)
        except CaseError as wrong:
            word = Proof.INVALID if self.site is None else Verdict.INVALID
            judged = Judgement(word, str(wrong.problems[0]))
            return Outcome(item, judged, error=wrong, target=self.name, build=self.build)
        row = next((each for each in case.rows if each.name == which.row), None)
        if which.proof:
            return prove(case, which.proof, self.cassettes, observer, row)
        from harness.judging import run_live

        try:
            if self.explore is not None:
                return self._explored(case, row, self.explore, observer)
            return run_live(case, self._live(observer), observer, row)
        except TargetError as error:
            judgement = Judgement(Verdict.INCONCLUSIVE, error.text)
            return Outcome(item, judgement, case, error=error, target=self.name, build=self.build)

    def _explored(self, case: Case, row: Row | None, plan: Plan, observer: Observer | None) -> Outcome:
        """Run a case with inputs that are looked for, and keep what fails where that was asked for."""
        from harness.judging import run_live
        from harness.keeping import keep
        from harness.vary import Exploration

        live = self._live(observer)

        def run(varied: Case) -> Outcome:
            done = run_live(varied, live, None if case.vary else observer, row, recorded=case)
            if done.stopped is not None:
                raise _Stopped(done)
            return done

        exploring = Exploration(case, row, plan, run, RunClock(), observer or (lambda subject, text: None))
        try:
            outcome = exploring.outcome()
        except _Stopped as stopped:
            return stopped.outcome
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
        return self.site.target.name if self.site else REPLAY

    @property
    def build(self) -> str | None:
        """The build that live items ask for."""
        return self.site.build if self.site else None

    def _live(self, observer: Observer | None) -> Live:
        if self.site is None:
            raise ValueError("a replay has no live target")
        if observer is not None and self.site.is_to_start:
            observer("venue", "the embedded exchange starts: the case waits …")
        return self.site.live(self.cassettes, self.record, self.redactor)

    def share(self, number: int, of: int) -> None:
        """Be one of several machines, counted from 1: each lends accounts of its own."""
        if self.site is not None:
            target = self.site.target
            self.site.target = replace(target, pool=target.pool.shared(number, of))

    def close(self) -> None:
        """End what was started, and keep what was learnt of the cases."""
        self._shelf.close()
        if self.site is not None:
            self.site.close()


class _Stopped(BaseException):
    """An exploration was interrupted in one of its runs."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


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
