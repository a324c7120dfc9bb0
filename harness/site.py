"""Where live items run: the chosen target, the venue that was started for it, and what the run has spent."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cell import SharedCell
from harness.clock import MachineClock
from harness.configuration import HARNESS_TOML, configured, lending, resolved, told_by
from harness.errors import HarnessError
from harness.guard import Kind, Origin
from harness.matchers import nearest
from harness.probing import Probes
from harness.redact import Redactor
from harness.targets import Target

if TYPE_CHECKING:
    from harness.budget import Tally
    from harness.carrying import Live
    from harness.embedded import Venue

REPLAY = "replay"


@dataclass(slots=True)
class Site:
    """A target as it was chosen. `build` is the one that it must be at, None where any will do.

    `builds` is their order, oldest first, where the target has one; `production` the URLs of the production
    targets beside it; `cell` is where the processes of the job count together, None where this one is alone,
    and `tell` is told what a run waits for.
    """

    target: Target
    build: str | None
    builds: Sequence[str]
    production: tuple[str, ...] = ()
    named_by: Origin = Origin.FLAG
    cell: SharedCell | None = None
    probes: Probes = field(default_factory=Probes)
    tell: Callable[[str], None] = lambda text: None
    _venue: Venue | None = field(default=None)
    _tally: Tally | None = field(default=None)
    _folder: Path | None = field(default=None)

    @classmethod
    def of(cls, root: Path, name: str, build: str | None, named_by: Origin, shared: Path | None) -> Site:
        """The target of that name; `shared` is the file that the processes of the job were given.

        Raises HarnessError U002, U003, U040 and U041 (the caller's fault), CaseError T010.
        """
        targets = configured(root) or {}
        chosen = targets.get(name)
        if chosen is None:
            known = ", ".join([REPLAY, *sorted(targets)])
            alone = (
                f"; {HARNESS_TOML} alone is read where there is one"
                if (root / HARNESS_TOML).is_file()
                else ""
            )
            close = nearest(name, targets)
            hint = f"did you mean {close!r}? " if close else ""
            text = f"there is no target {name!r}: {hint}known are {known}{alone}"
            raise HarnessError("U002", f"{text}; docs/targets.md tells how to add one")
        production = told_by(targets, os.environ, chosen)
        builds: Sequence[str] = chosen.builds
        if chosen.kind is Kind.VENUE:
            builds = _venue_builds()
            if build is not None and build not in builds:
                close = nearest(build, builds)
                hint = f"did you mean {close}? " if close else ""
                all_of = f"it has {len(builds)}, from {builds[0]} to {builds[-1]} (harness/venue/builds.toml)"
                raise HarnessError("U003", f"the venue has no build {build!r}: {hint}{all_of}")
            build = build or builds[-1]
        cell = None if shared is None else SharedCell(shared)
        chosen = lending(resolved(chosen, os.environ), os.environ)
        return cls(chosen, build, builds, production, named_by, cell)

    @property
    def is_to_start(self) -> bool:
        """Whether the next live item starts the embedded exchange, which takes a few seconds."""
        return self.target.kind is Kind.VENUE and self._venue is None

    def live(self, cassettes: Path, record: str | None, redactor: Redactor) -> Live:
        """What a live item needs; the first starts the venue.

        Raises TargetError where it does not start.
        """
        from harness.budget import Tally
        from harness.carrying import Live
        from harness.embedded import Venue

        target = self.target
        if target.kind is Kind.VENUE and self.build is not None:
            if self._venue is None:
                self._venue = Venue(self.build, target.beginning)
            target = replace(target, endpoints=self._venue.endpoints, marker=self._venue.marker)
        if target.endpoints is None:
            raise ValueError(f"nobody knows where {target.name} is")
        if self._tally is None:
            self._tally = Tally(target.limits, MachineClock(), self.cell)
        held = (cassettes, self._tally, record, redactor, self.production, self.named_by)
        return Live(target, target.endpoints, self.build, self.builds, *held, self.probes, self.tell)

    def share(self) -> Path:
        """The file in which several processes of this job count together; it is gone when this one closes."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="harness-job-"))
        return self._folder / "spent"

    def close(self) -> None:
        """End what was started."""
        if self._venue is not None:
            self._venue.stop()
            self._venue = None
        if self.cell is not None:
            self.cell.close()
            self.cell = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _venue_builds() -> tuple[str, ...]:
    from harness.venue.builds import all_builds

    return tuple(build.name for build in all_builds())
