"""Replaying a cassette, and the proof that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.case.values import Case
from harness.cassette import cassette_path, read
from harness.errors import CassetteDamaged, CassetteMissing, CassetteStale, HarnessError
from harness.facts import Facts
from harness.model import Event
from harness.outcome import Outcome
from harness.replayer import ReplayWorld
from harness.run import Observer, Run, Runner
from harness.seal import Cassette
from harness.verdict import Judgement, Proof, proof_of


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay: its run, its timeline, and what the recording holds that it did not need."""

    run: Run
    timeline: tuple[Event, ...]
    unused: Sequence[str]


def replay(case: Case, cassette: Cassette, observer: Observer | None = None) -> Replay:
    """Replay a case on one of its cassettes. Opens nothing, waits for nothing.

    Raises CassetteStale where the case asks for something else than was recorded, CassetteDamaged where
    the header lacks an input.
    """
    header = cassette.header
    try:
        facts = Facts.from_inputs(header.seed, header.started_wall_us, header.inputs)
    except (KeyError, TypeError) as error:
        text = f"the cassette {header.name} of {header.case} lacks an input: {error}. Record it again"
        raise CassetteDamaged("K005", text) from None
    world = ReplayWorld(cassette.events)
    run = Runner(case, world, facts, watching=lambda subject: True, observer=observer).run()
    unasked = world.unasked()
    if unasked and run.failed_step is None and run.trouble is None:
        lanes = ", ".join(str(lane) for lane in unasked)
        raise CassetteStale("K004", f"the case no longer sends what was recorded: {lanes}. Record again.")
    return Replay(run, world.timeline(), world.unused())


def prove(case: Case, name: str, cassettes: Path, observer: Observer | None = None) -> Outcome:
    """Replay one cassette of a case. Missing is unproven; unreadable or stale is invalid."""
    item = f"{case.id}[{name}]"
    path = cassette_path(cassettes, case.id, name)
    try:
        cassette = read(path, case.id)
        if cassette.header.name != name:
            text = f"{path} holds the {cassette.header.name} recording. Record it again"
            return Outcome(item, Judgement(Proof.UNPROVEN, text), case)
        played = replay(case, cassette, observer)
    except CassetteMissing as error:
        return Outcome(item, Judgement(Proof.UNPROVEN, f"never seen {_seen(name)}: {error.text}"), case)
    except HarnessError as error:
        return Outcome(item, Judgement(Proof.INVALID, error.text), case, error=error)
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
    )


def _seen(name: str) -> str:
    return "red" if name == "broken" else "green"
