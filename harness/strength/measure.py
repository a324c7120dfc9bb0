"""How strong a case is: its mutants replayed one by one, and which of them it notices."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from harness.case.values import Case, Role, Row
from harness.errors import CaseError, CassetteStale, HarnessError
from harness.finding import Finding
from harness.model import Event
from harness.proving import item_name, replay
from harness.seal import Cassette
from harness.strength.changes import changed, going_on
from harness.strength.mutants import Mutant, mutants, others
from harness.strength.played import Played
from harness.verdict import Proof, proof_of


class Fate(StrEnum):
    """What became of a mutant.

    SENT_BACK is noticed too: a later step sends the changed value, which the exchange never gave and the
    recording holds no answer to, so the replay ends there.
    """

    NOTICED = "noticed"
    SENT_BACK = "sent back"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Judged:
    """One mutant, what became of it, the first finding that noticed it, and all that failed."""

    mutant: Mutant
    fate: Fate
    finding: Finding | None = None
    failed: frozenset[str] = frozenset()

    @property
    def noticed(self) -> bool:
        """Whether the case no longer holds."""
        return self.fate is not Fate.SURVIVED

    @property
    def well_told(self) -> bool:
        """Whether the first finding names one of those whose words speak of what was changed."""
        return self.finding is not None and self.finding.subject in self.mutant.named_by


@dataclass(slots=True)
class Strength:
    """A case's strength as far as its mutants have been judged.

    `left_out` is how many were not drawn, where only so many were wanted; `besides` are mutants of what no
    word of the case speaks of: they count nothing.
    """

    base: Played
    cassette: Cassette
    drawn: tuple[Mutant, ...]
    left_out: int = 0
    besides: tuple[Mutant, ...] = ()
    judged: list[Judged] = field(default_factory=list)
    judged_besides: list[Judged] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        case: Case,
        cassette: Cassette,
        row: Row | None = None,
        *,
        most: int | None = None,
        besides: bool = False,
    ) -> Strength:
        """Replay the unchanged recording and make its mutants, at most so many, drawn the same each time.

        Raises HarnessError U020 where the recording does not prove the case, U021 where no word of the case
        speaks of anything in it; CassetteStale, CassetteDamaged as a replay.
        """
        base = played(case, cassette, row)
        every = mutants(base)
        if not every:
            name = item_name(case.id, row.name if row is not None else "", cassette.header.name)
            text = f"{name} names nothing that was recorded: give its steps an 'expect', or add a check"
            raise HarnessError("U021", text)
        drawn = _drawn(every, most, case.id)
        more = tuple(_drawn(others(base), most, case.id)) if besides else ()
        return cls(base, cassette, tuple(drawn), len(every) - len(drawn), more)

    @property
    def name(self) -> str:
        """The item's name."""
        row = self.base.row
        return item_name(self.base.case.id, row.name if row is not None else "", self.cassette.header.name)

    def judging(self) -> Iterator[Judged]:
        """Judge the mutants that are left, one at each step; may be left off and gone on with."""
        for mutant in self.drawn[len(self.judged) :]:
            self.judged.append(judge(self.base, self.cassette, mutant))
            yield self.judged[-1]
        for mutant in self.besides[len(self.judged_besides) :]:
            self.judged_besides.append(judge(self.base, self.cassette, mutant))
            yield self.judged_besides[-1]

    @property
    def counted(self) -> list[Judged]:
        """The mutants that count: not those that the case allows on purpose, by a range or a choice."""
        return [each for each in self.judged if each.mutant.allowed != "range"]

    @property
    def survivors(self) -> list[Judged]:
        """The mutants that count and were not noticed."""
        return [each for each in self.counted if not each.noticed]

    @property
    def percent(self) -> Decimal | None:
        """How many of the mutants that count were noticed, in percent cut to one decimal; None of none."""
        return share(sum(each.noticed for each in self.counted), len(self.counted))

    @property
    def never_failed(self) -> list[str]:
        """The steps and checks that held under every mutant so far, in the case's order."""
        failed = {name for each in (*self.judged, *self.judged_besides) for name in each.failed}
        case = self.base.case
        named = [step.id for step in case.in_role(Role.STEPS)] + [check.id for check in case.checks]
        return [name for name in named if name not in failed and name in self._asked()]

    def _asked(self) -> frozenset[str]:
        """The steps and checks that ask for something: what only sends can hardly fail."""
        case = self.base.case
        asking = [s.id for s in case.steps if s.expect or s.where or s.never or s.resend]
        return frozenset((*asking, *(check.id for check in case.checks)))


def share(part: int, whole: int) -> Decimal | None:
    """A share in percent, cut to one decimal; None of nothing."""
    return None if not whole else Decimal(1000 * part // whole) / 10


def _drawn(every: Sequence[Mutant], most: int | None, seed: str) -> Sequence[Mutant]:
    if most is None or len(every) <= most:
        return every
    return sorted(random.Random(seed).sample(every, most), key=lambda each: each.number)


def played(case: Case, cassette: Cassette, row: Row | None = None) -> Played:
    """The replay of the unchanged recording. Raises HarnessError U020 where it does not hold."""
    base = replay(case, _on(case, cassette, cassette.events), None, row)
    judgement = proof_of(case, cassette.header.name, base.run)
    if judgement.word is not Proof.PROVEN:
        name = item_name(case.id, row.name if row is not None else "", cassette.header.name)
        text = f"{name} cannot be measured, as it does not hold: {judgement.why}. Prove it first: "
        text += f"pytest -k {case.id}"
        raise HarnessError("U020", text)
    return Played(case, row, cassette.events, base.run, base.scope, base.facts)


def judge(base: Played, cassette: Cassette, mutant: Mutant) -> Judged:
    """Replay one mutant and say what became of it."""
    case = base.case
    events = changed(base.events, mutant.change)
    try:
        run = replay(case, _on(case, cassette, events), None, base.row).run
    except (CassetteStale, CaseError):
        return Judged(mutant, Fate.SENT_BACK)
    judgement = proof_of(case, cassette.header.name, run)
    failed = frozenset(finding.subject for finding in run.failed)
    if judgement.word is Proof.PROVEN:
        return Judged(mutant, Fate.SURVIVED)
    return Judged(mutant, Fate.NOTICED, judgement.finding, failed)


def _on(case: Case, cassette: Cassette, events: Sequence[Event]) -> Cassette:
    polled = frozenset(step.id for step in case.steps if step.within_us is not None)
    return replace(cassette, events=going_on(events, polled))
