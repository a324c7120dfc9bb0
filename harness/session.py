"""One pytest run over cases: which target, which build; the venue is started when first needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.case.read import read_case
from harness.case.values import Case, Status
from harness.clock import RunClock, iso_utc
from harness.errors import CaseError, HarnessError, TargetError
from harness.outcome import Outcome
from harness.proving import prove
from harness.report.records import record
from harness.run import Observer
from harness.targets import Target, configured
from harness.verdict import Judgement, Proof, Verdict

if TYPE_CHECKING:
    from harness.embedded import Venue
    from harness.judging import Live

REPLAY = "replay"
_PASSED = frozenset({Proof.PROVEN, Verdict.HOLDS, Verdict.VERIFIED})


def pytest_outcome(outcome: Outcome) -> str:
    """Pytest's word for a judgement: passed, xfailed or failed; a recording passes when it was sealed."""
    if outcome.record is not None:
        return "passed" if outcome.sealed is not None else "failed"
    if outcome.judgement.word in _PASSED:
        return "passed"
    return "xfailed" if outcome.judgement.word is Verdict.STILL_BROKEN else "failed"


@dataclass(slots=True)
class Session:
    """Where the items of this run are carried out."""

    root: Path
    target: Target | None
    build: str | None
    builds: Sequence[str]
    record: str | None
    _venue: Venue | None = field(default=None)

    @classmethod
    def of(cls, root: Path, *, target: str, build: str | None, record: str | None) -> Session:
        """Judge the options. Raises HarnessError where they contradict each other (the caller's fault)."""
        if target == REPLAY:
            for option, value in (("--build", build), ("--record", record)):
                if value is not None:
                    raise HarnessError("U001", f"{option} is for a live target: add --target venue")
            return cls(root, None, None, (), None)
        targets = configured(root) or {}
        chosen = targets.get(target)
        if chosen is None:
            known = ", ".join([REPLAY, *sorted(targets)])
            raise HarnessError("U002", f"there is no target {target!r}: known are {known}")
        builds = _venue_builds()
        if build is not None and build not in builds:
            raise HarnessError("U003", f"the venue has no build {build!r}: known are {', '.join(builds)}")
        return cls(root, chosen, build or builds[-1], builds, record)

    @property
    def title(self) -> str:
        """What the verdict table is about."""
        if self.target is None:
            return "proofs (replay)"
        return f"verdicts ({self.target.name}, build {self.build})"

    @property
    def environment(self) -> dict[str, str]:
        """Where the items run, for a report's head."""
        return {"target": self._name} | ({"build": self.build} if self.build else {})

    def read(self, path: Path, shown: str) -> Case:
        """Read a case of this run. Raises CaseError (its author's fault)."""
        return read_case(path, shown)

    def items(self, case: Case) -> list[str | None]:
        """The proofs that a case needs in replay; one live run otherwise."""
        if self.target is not None:
            return [None]
        fixed = case.status is Status.FIXED
        return ["broken", "fixed"] if fixed else ["broken"]

    def carry_out(
        self,
        item: str,
        case: Case | None,
        proof: str | None,
        wrong: CaseError | None,
        observer: Observer | None = None,
    ) -> tuple[Outcome, dict[str, Any]]:
        """Carry out one item; the outcome and its record."""
        clock = RunClock()
        outcome = self._outcome(item, case, proof, wrong, observer)
        told = outcome.judgement.why.replace(f"{self.root}/", "")
        outcome.judgement = replace(outcome.judgement, why=told)
        started_at = iso_utc(clock.started_wall_us)
        return outcome, record(outcome, started_at=started_at, took_ms=clock.now_us() // 1_000)

    def _outcome(
        self,
        item: str,
        case: Case | None,
        proof: str | None,
        wrong: CaseError | None,
        observer: Observer | None,
    ) -> Outcome:
        if case is None or wrong is not None:
            first = str(wrong.problems[0]) if wrong else "the case cannot be read"
            word = Proof.INVALID if self.target is None else Verdict.INVALID
            return Outcome(item, Judgement(word, first), error=wrong)
        if proof is not None:
            return prove(case, proof, self.cassettes, observer)
        from harness.judging import run_live

        try:
            return run_live(case, self._live(), observer)
        except TargetError as error:
            judgement = Judgement(Verdict.INCONCLUSIVE, error.text)
            return Outcome(item, judgement, case, error=error, target=self._name, build=self.build)

    @property
    def cassettes(self) -> Path:
        """Where the cassettes are."""
        return self.root / "cassettes"

    @property
    def _name(self) -> str:
        return self.target.name if self.target else REPLAY

    def _live(self) -> Live:
        from harness.embedded import Venue
        from harness.judging import Live

        if self.target is None or self.build is None:
            raise ValueError("a replay has no live target")
        if self._venue is None:
            self._venue = Venue(self.build)
        return Live(self.target, self._venue.endpoints, self.build, self.builds, self.cassettes, self.record)

    def close(self) -> None:
        """End what was started."""
        if self._venue is not None:
            self._venue.stop()
            self._venue = None


def _venue_builds() -> tuple[str, ...]:
    from harness.venue.builds import all_builds

    return tuple(build.name for build in all_builds())
