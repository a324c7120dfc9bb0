"""The venue's builds: named sets of defects, in the order of shipping (builds.toml)."""

from __future__ import annotations

import importlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness.venue.faults import VenueError
from harness.venue.parts import Parts

BUILDS = Path(__file__).with_name("builds.toml")


@dataclass(frozen=True, slots=True)
class Build:
    """One build: its name and the defects it carries, as case ids."""

    name: str
    defects: tuple[str, ...]

    def parts(self) -> Parts:
        """The exchange's parts with this build's defects in place. Raises VenueError for an unknown one."""
        parts = Parts()
        for defect in self.defects:
            module = "harness.venue.defects." + defect.lower().replace("-", "_")
            try:
                parts = importlib.import_module(module).apply(parts)
            except ModuleNotFoundError:
                raise VenueError(f"build {self.name} names {defect}, and there is no {module}") from None
        return parts


def all_builds(path: Path = BUILDS) -> tuple[Build, ...]:
    """Every build, oldest first."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["build"]
    return tuple(Build(row["name"], tuple(row["defects"])) for row in rows)


def find_build(name: str) -> Build:
    """The build of that name. Raises VenueError naming those there are."""
    builds = all_builds()
    for build in builds:
        if build.name == name:
            return build
    known = f"name one of the {len(builds)} from {builds[0].name} to {builds[-1].name}"
    raise VenueError(f"there is no build {name!r}: {known} (harness/venue/builds.toml)")
