"""Steps that are ours and no evidence: tried again where the exchange says that it does not take them now.

It is decided by the recorded answers and their stamps alone, so that a replay tries as often as the run did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harness.finding import Finding
from harness.model import Event, Kind, Lane
from harness.notnow import NotNow, not_now
from harness.pacing import SECOND_US
from harness.stage import Stage
from harness.strands import Sleeps, Strand

_FIRST_US: Final = SECOND_US
_DOUBLINGS: Final = 5
"""Where the exchange does not say how long: a second at first, then twice as long, up to half a minute."""


def until_taken(
    stage: Stage, lane: Lane, mark: Event, once: Callable[[], Strand[Finding]]
) -> Strand[Finding]:
    """Perform a step of `given` or `finally`; again, while it fails by a *not now* and there is patience."""
    tries = 0
    while True:
        finding = yield from once()
        said, answered_us = (None, 0) if finding.holds else _not_now(stage, lane)
        again_us = None if said is None else _again_us(stage, mark, answered_us, said, tries)
        if said is None or again_us is None:
            return finding
        wait_us = again_us - answered_us
        stage.tell(f"{lane.step!r} waits {-(-wait_us // SECOND_US)} s: the exchange says {said}")
        yield Sleeps(again_us)
        tries += 1


def _not_now(stage: Stage, lane: Lane) -> tuple[NotNow | None, int]:
    """What the last answer of a step says, where that is *not now*, and when it came."""
    answers = [each for each in stage.world.observe().events if each.kind is Kind.ANSWER and each.is_in(lane)]
    wire = answers[-1].data.get("wire", {}) if answers else {}
    if "status" not in wire:
        return None, 0
    at_us = answers[-1].at_us
    return not_now(wire, stage.arrived(at_us)), at_us


def _again_us(stage: Stage, mark: Event, answered_us: int, said: NotNow, tries: int) -> int | None:
    """When a step is tried again; None where that would be too late."""
    wait_us = _FIRST_US << min(tries, _DOUBLINGS) if said.wait_us is None else max(said.wait_us, _FIRST_US)
    again_us = answered_us + wait_us
    late = stage.patience_us is not None and again_us > mark.at_us + stage.patience_us
    return None if late else again_us
