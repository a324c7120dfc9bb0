"""Replaying a cassette, and the proof that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.attesting import attest
from harness.case.values import Case, Row
from harness.cassette import cassette_path, read
from harness.errors import CassetteDamaged, CassetteMissing, CassetteStale, HarnessError
from harness.facts import Facts
from harness.model import Event
from harness.outcome import Outcome
from harness.replayer import ReplayWorld
from harness.run import Run, Runner
from harness.scope import Scope
from harness.seal import EVIDENCE, Cassette
from harness.stage import Observer
from harness.verdict import Judgement, Proof, proof_of


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay: its run, its timeline, and what the recording holds that it did not need.

    `scope` holds the names that the run gave values to, `facts` what the recording gave it to stand on.
    """

    run: Run
    timeline: tuple[Event, ...]
    unused: Sequence[str]
    scope: Scope
    facts: Facts
    not_shown: tuple[str, ...] = ()
    """Steps of which a customer's evidence shows nothing."""


def replay(
    case: Case, cassette: Cassette, observer: Observer | None = None, row: Row | None = None
) -> Replay:
    """Replay a case (a row of it) on one of its cassettes. Opens nothing, waits for nothing.

    Raises CassetteStale where the case asks for something else than was recorded, CassetteDamaged where
    the header lacks an input.
    """
    header = cassette.header
    if header.origin == EVIDENCE:
        return _attested(case, cassette, observer, row)
    try:
        facts = Facts.from_inputs(header.seed, header.started_wall_us, header.inputs)
    except (KeyError, TypeError) as error:
        text = f"the cassette {header.name} of {header.case} lacks an input: {error}. Record it again"
        raise CassetteDamaged("K005", text) from None
    world = ReplayWorld(cassette.events)
    values = row.values if row is not None else None
    runner = Runner(case, world, facts, lambda subject: True, observer, values)
    run = runner.run()
    _demand_all(run, world)
    return Replay(run, world.timeline(), world.unused(), runner.scope, facts)


def _demand_all(run: Run, world: ReplayWorld) -> None:
    unasked = world.unasked()
    if unasked and run.failed_step is None and run.trouble is None:
        lanes = ", ".join(str(lane) for lane in unasked)
        raise CassetteStale("K004", f"the case no longer sends what was recorded: {lanes}. Record again.")


def _attested(case: Case, cassette: Cassette, observer: Observer | None, row: Row | None) -> Replay:
    told = attest(case, cassette, observer, row)
    _demand_all(told.run, told.world)
    timeline, unused = told.world.timeline(), told.world.unused()
    return Replay(told.run, timeline, unused, told.scope, told.facts, told.not_shown)


def prove(
    case: Case, name: str, cassettes: Path, observer: Observer | None = None, row: Row | None = None
) -> Outcome:
    """Replay one cassette of a case (of a row). Missing is unproven; unreadable or stale is invalid."""
    row_name = row.name if row is not None else ""
    item = item_name(case.id, row_name, name)

    def came_to(judgement: Judgement, error: HarnessError | None = None) -> Outcome:
        return Outcome(item, judgement, case, error=error, proof=name, row=row_name)

    try:
        path = cassette_path(cassettes, case.id, name, row_name)
        cassette = read(path, case.id, row_name)
        if cassette.header.name != name:
            text = f"{path} holds the {cassette.header.name} recording. Record it again"
            return came_to(Judgement(Proof.UNPROVEN, text))
        played = replay(case, cassette, observer, row)
    except CassetteMissing as error:
        return came_to(Judgement(Proof.UNPROVEN, f"never seen {_seen(name)}: {error}"))
    except HarnessError as error:
        return came_to(Judgement(Proof.INVALID, error.text), error)
    judgement = proof_of(case, name, played.run)
    header = cassette.header
    return Outcome(
        item,
        judgement,
        case,
        played.run,
        build=header.build or None,
        origins={name: header.origin},
        unused=played.unused,
        timeline=played.timeline,
        started_wall_us=header.started_wall_us,
        proof=name,
        row=row_name,
    )


def item_name(case_id: str, row: str, proof: str = "") -> str:
    """How an item is called: `ESC-1[broken]`, `ESC-1[micros-broken]`, live `ESC-1` and `ESC-1[micros]`."""
    inside = "-".join(part for part in (row, proof) if part)
    return f"{case_id}[{inside}]" if inside else case_id


def _seen(name: str) -> str:
    return "red" if name == "broken" else "green"
