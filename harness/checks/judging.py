"""Judging one check as a strand: it waits for its own, and none waits for another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from harness.acts import pages
from harness.checks import Judge
from harness.finding import Decision, Finding, Window
from harness.model import Source
from harness.strands import Awaits, Strand, awaited
from harness.windows import LIFE_US
from harness.world import StreamNeed, View, World

RUNNER_SOURCE: Final = Source("runner")
"""Whose marks a check's are."""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check, ready to be judged within its window."""

    id: str
    judge: Judge
    window: Window


def judging(world: World, check: CheckRun, observe: Callable[[str, str], None]) -> Strand[Finding]:
    """Gather what a check needs until it is decided; its finding."""
    window, judge = check.window, check.judge

    def decide(view: View, final: bool) -> Decision:
        return judge.decide(view, window, final)

    needs = tuple(pages.turned(need, lambda: world.observe().events) for need in judge.needs)
    life_us = LIFE_US if any(isinstance(need, StreamNeed) and need.alive for need in needs) else 0
    until_us = window.watch_us + life_us
    request = Awaits(f"check {check.id}", needs, decide, window.deadline_us, until_us)
    finding = yield from awaited(request)
    name = f"check:{check.id}"
    if not finding.holds and finding.at_us >= window.deadline_us:
        world.deadline(RUNNER_SOURCE, name, window.deadline_us)
    world.end(RUNNER_SOURCE, name, finding.at_us)
    observe(name, finding.text)
    return finding
