"""Replaying a cassette: the run it gives, or why it cannot be replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.case.values import Case
from harness.errors import CassetteDamaged, CassetteStale
from harness.facts import Facts
from harness.model import Event
from harness.replayer import ReplayWorld
from harness.run import Observer, Run, Runner
from harness.seal import Cassette


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
    if unasked and not run.failed and run.trouble is None:
        lanes = ", ".join(str(lane) for lane in unasked)
        raise CassetteStale("K004", f"the case no longer sends what was recorded: {lanes}. Record again.")
    return Replay(run, world.timeline(), world.unused())
