"""Judging the checks of a run together: each waits for its own, and none waits for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.checks import Judge
from harness.finding import Decision, Finding, Pending, Window
from harness.model import Source
from harness.windows import beyond
from harness.world import World

RUNNER_SOURCE: Final = Source("runner")
"""Whose marks a check's are."""


@dataclass(slots=True)
class Judging:
    """One check on its way to a finding."""

    id: str
    judge: Judge
    window: Window
    decision: Decision = field(default_factory=lambda: Pending("not looked at yet"))

    def is_pending(self, world: World, *, final: bool) -> bool:
        """Look again, where it is not decided; whether it still is not."""
        if isinstance(self.decision, Pending):
            self.decision = self.judge.decide(world.observe(), self.window, final)
        return isinstance(self.decision, Pending)


def judged(
    world: World, started: Sequence[Judging], observe: Callable[[str, str], None]
) -> Iterator[tuple[str, Finding]]:
    """Gather what the checks need until all are decided; each one's id and finding, in the case's order.

    Raises CassetteStale where a recording does not reach as far as a check asks.
    """
    while pending := [each for each in started if each.is_pending(world, final=False)]:
        needs = [need for each in pending for need in each.judge.needs]
        if not world.gather(needs, max(each.window.watch_us for each in pending)):
            for each in pending:
                each.is_pending(world, final=True)
            break
    for each in started:
        if isinstance(each.decision, Pending):
            raise beyond(f"check {each.id}", each.decision, each.window.deadline_us)
        yield each.id, _concluded(world, each, each.decision, observe)


def _concluded(world: World, each: Judging, finding: Finding, observe: Callable[[str, str], None]) -> Finding:
    name = f"check:{each.id}"
    if not finding.holds and finding.at_us >= each.window.deadline_us:
        world.deadline(RUNNER_SOURCE, name, each.window.deadline_us)
    world.end(RUNNER_SOURCE, name, finding.at_us)
    observe(name, finding.text)
    return finding
