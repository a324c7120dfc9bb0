"""What proof there is of a case, how strong it is, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.case.values import Case, Status
from harness.outcome import Outcome
from harness.report.plain import one_line
from harness.report.strength import summary
from harness.strength import Strength
from harness.verdict import Proof

_REAL = ("evidence", "live")


@dataclass(frozen=True, slots=True)
class Proofs:
    """A case (a row of it), its two proofs, and the strength of its fixed recording where it was measured."""

    case: Case
    row: str
    broken: Outcome
    fixed: Outcome
    strength: Strength | None = None
    took_us: int = 0

    @property
    def holds(self) -> bool:
        """Whether there is all the proof that the case's status asks for."""
        needed = (self.broken, self.fixed) if self.case.status is Status.FIXED else (self.broken,)
        return all(each.judgement.word is Proof.PROVEN for each in needed)

    @property
    def is_invalid(self) -> bool:
        """Whether a recording cannot be read or does not fit the case."""
        return Proof.INVALID in (self.broken.judgement.word, self.fixed.judgement.word)


def told(proofs: Proofs) -> Iterator[str]:
    """The proofs of a case, for a terminal."""
    case = proofs.case
    row = f" [{proofs.row}]" if proofs.row else ""
    until = f", fixed in {case.fixed_in}" if case.fixed_in else ""
    yield one_line(f"{case.id}{row}: {case.title} ({case.status}{until})")
    for name, outcome in (("broken", proofs.broken), ("fixed", proofs.fixed)):
        yield one_line(f"  {name:<9} {outcome.judgement.word:<9} {_seen(outcome)}{outcome.judgement.why}")
    if proofs.strength is not None:
        yield one_line(f"  strength  {summary(proofs.strength, proofs.took_us)}")
    for text in missing(proofs):
        yield one_line(f"  missing   {text}")


def missing(proofs: Proofs) -> Sequence[str]:
    """What would make the proof better, the most needed first."""
    case, lines = proofs.case, []
    if proofs.broken.judgement.word is not Proof.PROVEN:
        lines.append(f"it was never seen red for its reason: {_record(case, 'broken')}, or harness new")
    elif proofs.broken.origins.get("broken") not in _REAL:
        lines.append("seen red on our imitation only: no customer's evidence and no live recording shows it")
    if proofs.fixed.judgement.word is not Proof.PROVEN:
        when = "" if case.status is Status.FIXED else "once a build mends it: "
        lines.append(f"{when}it was never seen green: {_record(case, 'fixed')}")
    elif case.status is Status.OPEN:
        lines.append("it was seen green: say status: fixed and fixed_in")
    return lines


def _record(case: Case, name: str) -> str:
    return f"pytest -k {case.id} --target TARGET --build BUILD --record {name}"


def _seen(outcome: Outcome) -> str:
    if outcome.judgement.word is not Proof.PROVEN:
        return ""
    where = ", ".join(outcome.origins.values())
    build = f" {outcome.build}" if outcome.build else ""
    return f"seen on {where}{build}: "
