"""One live item: a verdict on a target, and perhaps a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from harness import refusals
from harness.admission import admitted
from harness.carrying import Aftermath, Done, Live, carried_out
from harness.case.values import Case, Row
from harness.cassette import is_journal_path, journal_path
from harness.channels.dial import Dial
from harness.clock import RunClock
from harness.errors import GuardError, HarnessError, TargetError
from harness.files import IN_USE, FileError
from harness.guard import Kind
from harness.lacking import refuse_lacking
from harness.outcome import Outcome, Refused
from harness.probing import lost_session
from harness.proving import item_name, prove
from harness.pseudonyms import Nameless, learn, renamed
from harness.redacted import Redacts, redacted_finding, redacted_run
from harness.redacting import redacted_events
from harness.seal import NAMES
from harness.stage import Observer
from harness.verdict import Judgement, Proof, Verdict, proof_of, verdict_of

WENT_DOWN: Final = "the target went down during the run"


def run_live(
    case: Case,
    live: Live,
    observer: Observer | None = None,
    row: Row | None = None,
    *,
    recorded: Case | None = None,
) -> Outcome:
    """Run a case (a row of it) on a live target and say its verdict; with `record`, seal what it shows.

    A run that the exchange refused with *not now* before anything was placed is done once more when that is
    over, and its verdict says so. `recorded` is the case as its cassettes know it, where the run has other
    inputs (exploring).
    """
    clock = RunClock()
    outcome = _run_live(case, live, observer, row, recorded)
    refused, took_us = outcome.refused, clock.now_us()
    if refused is None or outcome.stopped is not None:
        return outcome
    try:
        if not live.patience.before_again(live.endpoints.origin("clob"), refused):
            return outcome
    except KeyboardInterrupt as stop:
        outcome.stopped = stop
        return outcome
    first = Refused(outcome.judgement, clock.started_wall_us, took_us, clock.now_us())
    again = _run_live(case, live, observer, row, recorded)
    met, why = first.judgement.why, again.judgement.why
    before = "so was its first" if met == why else f"at its first {met}"
    why = f"{why}; this is its second run, and {before}"
    again.judgement, again.first = replace(again.judgement, why=why), first
    return again


def _run_live(
    case: Case, live: Live, observer: Observer | None, row: Row | None, recorded: Case | None
) -> Outcome:
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
    after = Aftermath()
    try:
        refuse_lacking(case, live.endpoints, live.target.name)
        with live.turn(case):
            _ran(case, live, observer, row, outcome, known, after)
    except KeyboardInterrupt as stop:
        outcome.stopped = stop
        outcome.judgement = Judgement(Verdict.INCONCLUSIVE, f"interrupted: {_named(stop)}")
    except (TargetError, GuardError) as error:
        outcome.judgement = Judgement(Verdict.INCONCLUSIVE, error.text)
        outcome.error = error
    except HarnessError as error:
        _refused(outcome, error)
    outcome.cleanup = after.told()
    return outcome


def _ran(
    case: Case,
    live: Live,
    observer: Observer | None,
    row: Row | None,
    outcome: Outcome,
    known: set[str] | None,
    after: Aftermath,
) -> None:
    """Run it, and tell the outcome what came of it."""
    live.patience.before_item(live.endpoints.origin("clob"), orders=refusals.trades(case))
    permit = admitted(live.plan(case), live.proofs)
    outcome.build, dial = permit.build, Dial(permit, live.patience)
    down = live.probes.before(case, live.endpoints, dial)
    if down is not None:
        raise TargetError("T001", f"the target was down before the run: {down}")
    _refuse_off_clock(case, live, dial)
    try:
        done = carried_out(case, live, permit, observer, row, after)
    except TargetError:
        _if_down(case, live, dial)  # a lease that fails for want of a target is the target's
        raise
    down = live.probes.after(case, live.endpoints, dial, lost=lost_session(done.events)) or done.engine
    if down is not None:
        outcome.error = TargetError("T001", f"{WENT_DOWN}: {down}")
        outcome.judgement = Judgement(Verdict.INCONCLUSIVE, outcome.error.text)
    else:
        build, builds = permit.build, live.builds
        outcome.judgement = verdict_of(case, done.run, build=build, builds=builds, known_failures=known)
        if outcome.judgement.word is Verdict.INCONCLUSIVE:
            outcome.error = done.run.unopened
        _excuse(case, outcome, done)
    if done.recorder is not None:
        _seal(case, live, outcome, done)
    _show(outcome, done)
    if outcome.judgement.word is Verdict.INCONCLUSIVE and outcome.error is None:
        outcome.error = TargetError("T005", outcome.judgement.why)


def _refuse_off_clock(case: Case, live: Live, dial: Dial) -> None:
    """Raise TargetError T047 where the case signs and the exchange may not take this machine's time.

    Nothing is signed by the exchange's time: a customer's client has its own, and `${now}`, GTD and FIX hang
    on it too. The embedded exchange may have a clock of its own, which the run then has as well.
    """
    if not case.cast.actors or live.target.kind is Kind.VENUE:
        return
    off = live.probes.off_clock(live.endpoints, dial)
    if off is not None:
        do = "set this machine's clock (NTP), or tell who runs the exchange; harness check-target shows it"
        place = live.endpoints.origin("clob")
        raise TargetError("T047", f"the clock of {place} is {off}. Nothing was sent: {do}")


def _if_down(case: Case, live: Live, dial: Dial) -> None:
    """Raise TargetError T001 where the target is down."""
    down = live.probes.after(case, live.endpoints, dial)
    if down is not None:
        raise TargetError("T001", f"{WENT_DOWN}: {down}") from None


def _excuse(case: Case, outcome: Outcome, done: Done) -> None:
    """Let a red be inconclusive where the exchange took nothing, or a request of ours waited too long."""
    judged, heed = outcome.judgement, done.meter.heed
    excuse = refusals.excuse(
        case, done.run, done.events, judged, done.started_wall_us, heed.longest_us, heed.held_us
    )
    if excuse is None:
        return
    error, said = excuse
    outcome.error = error
    outcome.judgement = Judgement(Verdict.INCONCLUSIVE, error.text, judged.finding)
    outcome.refused = said if done.meter.placed_nothing else None


def _named(stop: KeyboardInterrupt) -> str:
    """What interrupted a run: Ctrl-C, unless it says something else."""
    return str(stop) or "Ctrl-C"


def _seal(case: Case, live: Live, outcome: Outcome, done: Done) -> None:
    name, path = live.record or "", live.path(case, outcome.row)
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


def _show(outcome: Outcome, done: Done) -> None:
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


def _known_failures(case: Case, cassettes: Path, outcome: Outcome, row: Row | None) -> set[str] | None:
    """The steps and checks that fail in the replay of broken; None where it cannot be replayed."""
    proofs = {name: prove(case, name, cassettes, row=row) for name in NAMES}
    for proof in proofs.values():
        outcome.origins |= proof.origins
    broken = proofs["broken"].run
    return None if broken is None else {finding.subject for finding in broken.failed}
