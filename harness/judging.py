"""One live item: a verdict on a target, and perhaps a recording."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness import targets
from harness.admission import admitted
from harness.case.values import Case, Row
from harness.cassette import Recorder, cassette_path, is_journal_path, journal_path
from harness.channels.dial import Dial
from harness.clock import RunClock, iso_utc
from harness.errors import GuardError, HarnessError, TargetError
from harness.files import IN_USE, FileError
from harness.guard import Inquiry, Kind, Mode, Origin, Permit, Plan, Proofs, operations_of
from harness.identities import Identities
from harness.live import live_world, warm_up
from harness.model import Event
from harness.outcome import Outcome
from harness.proving import item_name, prove
from harness.pseudonyms import Nameless, learn, literals, renamed
from harness.redact import Redactor
from harness.redacted import Redacts, redacted_finding, redacted_run
from harness.redacting import redacted_events
from harness.run import Run, Runner
from harness.seal import NAMES, Header
from harness.stage import Observer
from harness.targets import Endpoints, Target
from harness.verdict import Judgement, Proof, Verdict, proof_of, verdict_of, waits_on

_SEED_BITS: Final = 48


@dataclass(frozen=True, slots=True)
class Live:
    """Where and how live items run.

    `target` with its addresses; `build` is the one that it must be at, None where any will do.

    `production` are the URLs of every production target that is configured beside it.
    """

    target: Target
    endpoints: Endpoints
    build: str | None
    builds: Sequence[str]
    cassettes: Path
    record: str | None = None
    redactor: Redactor = field(default_factory=Redactor)
    """Is told of every secret of every run."""
    production: tuple[str, ...] = ()
    named_by: Origin = Origin.FLAG

    def plan(self, case: Case) -> Plan:
        """What running a case here would do."""
        marker = self.target.marker
        return Plan(
            self.target.name,
            self.target.kind,
            operations_of(case),
            self.endpoints.urls,
            self.endpoints.identity(None if marker is None else marker.expected, self.build),
            self.production,
            Mode.LIVE if self.record is None else Mode.RECORD,
            self.named_by,
        )

    def proofs(self, asked: Inquiry) -> Proofs:
        """What the target says of itself. Raises TargetError where it does not answer."""
        return targets.gathered_proofs(self.endpoints, Dial(asked), self.target.marker)


def run_live(
    case: Case,
    live: Live,
    observer: Observer | None = None,
    row: Row | None = None,
    *,
    recorded: Case | None = None,
) -> Outcome:
    """Run a case (a row of it) on a live target and say its verdict; with `record`, seal what it shows.

    `recorded` is the case as its cassettes know it, where the run has other inputs (exploring).
    """
    row_name = row.name if row is not None else ""
    outcome = Outcome(
        item_name(case.id, row_name),
        Judgement(Verdict.INCONCLUSIVE, "did not run"),
        case,
        target=live.target.name,
        build=live.build,
        record=live.record,
        row=row_name,
    )
    known = _known_failures(recorded or case, live.cassettes, outcome, row)
    try:
        permit = admitted(live.plan(case), live.proofs)
        outcome.build = permit.build
        done = _carried_out(case, live, permit, observer, row)
    except (TargetError, GuardError) as error:
        outcome.judgement = Judgement(Verdict.INCONCLUSIVE, error.text)
        outcome.error = error
        return outcome
    except HarnessError as error:
        _refused(outcome, error)
        return outcome
    run = done.run
    down = targets.probe(live.endpoints, done.dial)
    if down is not None:
        outcome.error = TargetError("T001", f"the target went down during the run: {down}")
        outcome.judgement = Judgement(Verdict.INCONCLUSIVE, outcome.error.text)
    else:
        outcome.judgement = verdict_of(
            case, run, build=outcome.build, builds=live.builds, known_failures=known
        )
    if done.recorder is not None:
        _seal(case, live, outcome, done)
    _show(outcome, done)
    if outcome.judgement.word is Verdict.INCONCLUSIVE and outcome.error is None:
        outcome.error = TargetError("T005", outcome.judgement.why)
    return outcome


@dataclass(frozen=True, slots=True)
class _Done:
    run: Run
    events: tuple[Event, ...]
    redactor: Redactor
    identities: Identities | None
    started_wall_us: int
    recorder: Recorder | None
    inputs: dict[str, object]
    dial: Dial


def _carried_out(case: Case, live: Live, permit: Permit, observer: Observer | None, row: Row | None) -> _Done:
    warm_up(case)
    clock, redactor, seed = RunClock(), Redactor(tells=live.redactor), secrets.randbits(_SEED_BITS)
    live.target.register(redactor.register)
    identities = Identities(literals(case)) if live.target.has_real_accounts else None
    recorder = None
    if live.record is not None:
        header = Header(
            case=case.id,
            name=live.record,
            origin="venue" if live.target.kind is Kind.VENUE else "live",
            target=live.target.name,
            recorded_at=iso_utc(clock.started_wall_us),
            started_wall_us=clock.started_wall_us,
            seed=seed,
            build=permit.build or "",
            row=row.name if row is not None else "",
        )
        recorder = Recorder(_path(case, live, header.row), header, redactor, identities)
    try:
        values = row.values if row is not None else None
        with live_world(
            case,
            live.endpoints,
            permit,
            clock=clock,
            seed=seed,
            redactor=redactor,
            listener=recorder,
            values=values,
        ) as (world, facts):
            shown = redactor if identities is None else Nameless(redactor, identities)
            watching = _watching(case, always=recorder is not None)
            run = Runner(case, world, facts, watching, _hushed(observer, shown), values).run()
        events = world.recorded()
    except BaseException:
        if recorder is not None:
            recorder.give_up()
        raise
    return _Done(
        run,
        events,
        redactor,
        identities,
        clock.started_wall_us,
        recorder,
        facts.as_inputs(),
        Dial(permit),
    )


def _hushed(observer: Observer | None, redactor: Redacts) -> Observer | None:
    """The observer, told nothing that is secret and no identity that shows by its look."""
    if observer is None:
        return None
    return lambda subject, text: observer(subject, redactor.redact(text))


def _watching(case: Case, *, always: bool) -> Callable[[str], bool]:
    waits, subject = waits_on(case), case.symptom.subject
    return lambda name: always or (waits and name == subject)


def _seal(case: Case, live: Live, outcome: Outcome, done: _Done) -> None:
    name, path = live.record or "", _path(case, live, outcome.row)
    recorder = done.recorder
    if recorder is None:
        return
    if recorder.failure is not None:
        recorder.give_up()
        _refused(outcome, recorder.failure)
        return
    seen = proof_of(case, name, done.run) if outcome.error is None else None
    if seen is None or seen.word is not Proof.PROVEN:
        recorder.give_up()
        why = seen.why if seen else outcome.judgement.why
        kept = f"{path} stays as it was" if path.exists() else "nothing was sealed"
        outcome.judgement = Judgement(
            outcome.judgement.word, f"not recorded: {why}; {kept}", seen.finding if seen else None
        )
        return
    try:
        recorder.seal(inputs=done.inputs)
    except HarnessError as error:
        recorder.give_up()
        _refused(outcome, error)
        return
    outcome.sealed = path


def _refused(outcome: Outcome, error: HarnessError) -> None:
    """The run came to nothing: a disk that refuses is the machine's, anything else the case's fault."""
    word = Verdict.INCONCLUSIVE if isinstance(error, FileError) else Verdict.INVALID
    outcome.judgement = Judgement(word, error.text)
    outcome.error = error
    if isinstance(error, FileError) and error.code != IN_USE:
        kept = error.path if is_journal_path(error.path) else journal_path(error.path)
        if kept.exists():
            outcome.advice = (*outcome.advice, f"kept:  harness show --cassette {kept}")


def _show(outcome: Outcome, done: _Done) -> None:
    """Let the outcome hold what reports may read: everything redacted."""
    judgement, redactor = outcome.judgement, done.redactor
    finding = judgement.finding
    events = redacted_events(done.events, redactor)
    shown: Redacts = redactor
    if done.identities is not None:
        learn(redactor.redact_json(done.inputs), events, done.identities)
        events = renamed(events, done.identities)
        shown = Nameless(redactor, done.identities)
    outcome.judgement = Judgement(
        judgement.word,
        shown.redact(judgement.why),
        None if finding is None else redacted_finding(finding, shown),
    )
    outcome.started_wall_us = done.started_wall_us
    outcome.run = redacted_run(done.run, shown)
    outcome.timeline = events


def _path(case: Case, live: Live, row: str) -> Path:
    return cassette_path(live.cassettes, case.id, live.record or "", row)


def _known_failures(case: Case, cassettes: Path, outcome: Outcome, row: Row | None) -> set[str] | None:
    """The steps and checks that fail in the replay of broken; None where it cannot be replayed."""
    proofs = {name: prove(case, name, cassettes, row=row) for name in NAMES}
    for proof in proofs.values():
        outcome.origins |= proof.origins
    broken = proofs["broken"].run
    return None if broken is None else {finding.subject for finding in broken.failed}
