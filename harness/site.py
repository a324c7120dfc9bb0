"""Where live items run: the chosen target, the venue that was started for it, and what the run has spent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.clock import RunClock
from harness.configuration import configured, resolved, told_by
from harness.errors import HarnessError
from harness.guard import Kind, Origin
from harness.redact import Redactor
from harness.targets import Target

if TYPE_CHECKING:
    from harness.carrying import Live
    from harness.embedded import Venue
    from harness.metering import Tally

REPLAY = "replay"


@dataclass(slots=True)
class Site:
    """A target as it was chosen. `build` is the one that it must be at, None where any will do.

    `builds` is their order, oldest first, where the target has one; `production` the URLs of the production
    targets beside it; `workers` how many processes share what it allows.
    """

    target: Target
    build: str | None
    builds: Sequence[str]
    production: tuple[str, ...] = ()
    named_by: Origin = Origin.FLAG
    workers: int = 1
    _venue: Venue | None = field(default=None)
    _tally: Tally | None = field(default=None)

    @classmethod
    def of(cls, root: Path, name: str, build: str | None, named_by: Origin, workers: int) -> Site:
        """The target of that name.

        Raises HarnessError U002, U003 and U040 (the caller's fault), CaseError T010.
        """
        targets = configured(root) or {}
        chosen = targets.get(name)
        if chosen is None:
            known = ", ".join([REPLAY, *sorted(targets)])
            raise HarnessError("U002", f"there is no target {name!r}: known are {known}")
        production = told_by(targets, os.environ, chosen)
        builds: Sequence[str] = chosen.builds
        if chosen.kind is Kind.VENUE:
            builds = _venue_builds()
            if build is not None and build not in builds:
                raise HarnessError("U003", f"the venue has no build {build!r}: known are {', '.join(builds)}")
            build = build or builds[-1]
        return cls(resolved(chosen, os.environ), build, builds, production, named_by, workers)

    def live(self, cassettes: Path, record: str | None, redactor: Redactor) -> Live:
        """What a live item needs; the first starts the venue.

        Raises TargetError where it does not start.
        """
        from harness.carrying import Live
        from harness.embedded import Venue
        from harness.metering import Tally

        target = self.target
        if target.kind is Kind.VENUE and self.build is not None:
            if self._venue is None:
                self._venue = Venue(self.build, target.beginning)
            target = replace(target, endpoints=self._venue.endpoints, marker=self._venue.marker)
        if target.endpoints is None:
            raise ValueError(f"nobody knows where {target.name} is")
        if self._tally is None:
            self._tally = Tally(target.limits, RunClock(), self.workers)
        held = (cassettes, self._tally, record, redactor, self.production, self.named_by)
        return Live(target, target.endpoints, self.build, self.builds, *held)

    def close(self) -> None:
        """End what was started."""
        if self._venue is not None:
            self._venue.stop()
            self._venue = None


def _venue_builds() -> tuple[str, ...]:
    from harness.venue.builds import all_builds

    return tuple(build.name for build in all_builds())
