"""One live run of a case: let in, carried out, and cleaned up after where it ended badly."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness import asking, refusals
from harness.accounts import Account
from harness.budget import Tally
from harness.case.actions import TargetVerb
from harness.case.values import Case, Row
from harness.cassette import Recorder, cassette_path
from harness.channels.dial import Dial
from harness.cleaning import Cleanup, clean, sessions_of
from harness.clerking import Clerk
from harness.clock import DatedClock, RunClock, iso_utc
from harness.guard import Inquiry, Kind, Mode, Origin, Permit, Plan, Proofs, operations_of
from harness.identities import Identities
from harness.lending import held
from harness.live import live_world, warm_up
from harness.metering import Meter
from harness.model import Event
from harness.patience import Patience
from harness.pool.turn import locks_of, turn
from harness.pool.values import Entry
from harness.probing import Probes, engine_down, lost_session, met_gateway
from harness.provision.rules import Supply
from harness.provision.wishes import untold_of
from harness.pseudonyms import Nameless, literals
from harness.recorder import LiveWorld
from harness.redact import Redactor
from harness.redacted import Redacts
from harness.run import Run, Runner
from harness.seal import Header
from harness.stage import Observer
from harness.targets import Endpoints, Target
from harness.verdict import waits_on

_SEED_BITS: Final = 48
_SECOND_US: Final = 1_000_000


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
    tally: Tally
    record: str | None = None
    redactor: Redactor = field(default_factory=Redactor)
    """Is told of every secret of every run."""
    production: tuple[str, ...] = ()
    named_by: Origin = Origin.FLAG
    probes: Probes = field(default_factory=Probes)
    """What is known of the target's channels, from one item to the next."""
    tell: Callable[[str], None] = lambda text: None
    """Is told that a run waits, and for what."""

    @property
    def patience(self) -> Patience:
        """What requests of our own have, and whoever runs a case."""
        return Patience(self.tally, self.told)

    def told(self, text: str) -> None:
        """Tell what a run waits for, without secrets."""
        self.tell(self.redactor.redact(text))

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
        return asking.gathered_proofs(
            self.endpoints, Dial(asked, self.patience), self.target.marker, self.target.build
        )

    def turn(self, case: Case) -> AbstractContextManager[None]:
        """The case's turn on an exchange that others use too: with a verb of the target it runs alone there.

        The embedded exchange is this process's, and on production nobody does a thing to it. Raises
        TargetError T043, T046.
        """
        if self.target.kind in (Kind.VENUE, Kind.PRODUCTION):
            return nullcontext()
        alone = any(isinstance(step.action, TargetVerb) for step in case.steps)
        locks = locks_of(self.endpoints.origin("clob"))
        return turn(case.id, locks, alone=alone, wait_s=self.target.pool.wait_s, tell=self.told)

    def path(self, case: Case, row: str) -> Path:
        """Where what is recorded of a case is kept."""
        return cassette_path(self.cassettes, case.id, self.record or "", row)


@dataclass(slots=True)
class Done:
    """What a run came to, and what is needed of it afterwards."""

    run: Run
    events: tuple[Event, ...]
    redactor: Redactor
    identities: Identities | None
    started_wall_us: int
    recorder: Recorder | None
    inputs: dict[str, object]
    meter: Meter
    engine: str | None = None
    """What is wrong with the engine behind the FIX gateway, where a run that had a session ended badly."""


@dataclass(slots=True)
class Aftermath:
    """What became of what a run had placed; None where it ended well, and nothing was taken back."""

    cleanup: Cleanup | None = None
    world: LiveWorld | None = None

    def clean(self, meter: Meter, clerk: Clerk, world: LiveWorld, error: BaseException | None = None) -> None:
        """Take back what was placed. Raises the KeyboardInterrupt that came meanwhile."""
        self.world, interrupted = world, isinstance(error, KeyboardInterrupt)
        self.cleanup, stop = clean(meter, clerk, world.recorded, interrupted=interrupted)
        if stop is not None:
            raise stop

    def told(self) -> Cleanup | None:
        """What became of it, sessions too: to be asked when the world is closed."""
        if self.cleanup is None or self.world is None:
            return None
        return replace(self.cleanup, sessions=sessions_of(self.world.recorded()))


def carried_out(
    case: Case, live: Live, permit: Permit, observer: Observer | None, row: Row | None, after: Aftermath
) -> Done:
    """Run a case with a permit; `after` is told what was taken back, whatever happens.

    Raises HarnessError as its code says, and KeyboardInterrupt.
    """
    warm_up(case)
    values = row.values if row is not None else {}
    with held(case, live.target.pool, values, _hushed(observer, live.redactor)) as entries:
        return _carried(case, live, permit, observer, row, after, entries)


def _carried(
    case: Case,
    live: Live,
    permit: Permit,
    observer: Observer | None,
    row: Row | None,
    after: Aftermath,
    entries: Mapping[str, Entry],
) -> Done:
    beginning = live.target.beginning
    if beginning.fresh:
        asking.begin_anew(live.endpoints, Dial(permit, live.patience))
    machine = RunClock()
    start_us = machine.started_wall_us if beginning.clock_s is None else beginning.clock_s * _SECOND_US
    clock, redactor = DatedClock(machine, start_us), Redactor(tells=live.redactor)
    seed = secrets.randbits(_SEED_BITS) if beginning.seed is None else beginning.seed
    live.target.register(redactor.register)
    identities = Identities(literals(case)) if live.target.has_real_accounts else None
    header = _header(case, live, row, permit.build, machine, clock, seed)
    recorder = Recorder(live.path(case, header.row), header, redactor, identities) if header else None
    meter = Meter(live.tally, live.target.kind, own=refusals.own(case), tell=live.told)
    watching = _watching(case, always=recorder is not None)
    values = row.values if row is not None else None
    accounts: dict[str, Account] = {}
    engine = None
    try:
        with live_world(
            case,
            live.endpoints,
            permit,
            clock=clock,
            seed=seed,
            redactor=redactor,
            listener=recorder,
            meter=meter,
            values=values,
            fix_clock=machine,
            entries=entries,
            supply=Supply(case.id, untold_of(case), live.target.markets, live.target.pool.treasury),
            observer=_hushed(observer, redactor),
            patience=live.patience,
            lends=accounts.update,
        ) as (world, facts, clerk):
            shown = redactor if identities is None else Nameless(redactor, identities)
            runner = Runner(case, world, facts, watching, _hushed(observer, shown), values)
            runner.patience_us, runner.tell = live.tally.patience_us, live.told
            try:
                run = runner.run()
                if run.ended_badly:
                    after.clean(meter, clerk, world)
                events = world.recorded()
                if met_gateway(events) and (run.ended_badly or lost_session(events)):
                    world.finish()  # its sessions end first: one account may have no other
                    engine = engine_down(
                        case, accounts, live.endpoints, Dial(permit, live.patience), redactor.register
                    )
            except BaseException as error:
                if after.cleanup is None:
                    after.clean(meter, clerk, world, error)
                raise
        events = world.recorded()
    except BaseException:
        if recorder is not None:
            recorder.give_up()
        raise
    inputs = facts.as_inputs()
    return Done(run, events, redactor, identities, machine.started_wall_us, recorder, inputs, meter, engine)


def _header(
    case: Case,
    live: Live,
    row: Row | None,
    build: str | None,
    machine: RunClock,
    clock: DatedClock,
    seed: int,
) -> Header | None:
    """What a cassette says of its run; None where nothing is recorded."""
    if live.record is None:
        return None
    return Header(
        case=case.id,
        name=live.record,
        origin="venue" if live.target.kind is Kind.VENUE else "live",
        target=live.target.name,
        recorded_at=iso_utc(machine.started_wall_us),
        started_wall_us=clock.started_wall_us,
        seed=seed,
        build=build or "",
        row=row.name if row is not None else "",
    )


def _hushed(observer: Observer | None, redactor: Redacts) -> Observer | None:
    """The observer, told nothing that is secret and no identity that shows by its look."""
    if observer is None:
        return None
    return lambda subject, text: observer(subject, redactor.redact(text))


def _watching(case: Case, *, always: bool) -> Callable[[str], bool]:
    waits, subject = waits_on(case), case.symptom.subject
    return lambda name: always or (waits and name == subject)
