"""The one namespace of a run: actors, saved names, what steps sent and got, and the run's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from harness.clock import EPOCH
from harness.intents import Inputs
from harness.references import Reference, Template, dig


@dataclass(slots=True)
class Scope:
    """Names and their values, growing as the run goes on."""

    inputs: Inputs
    started_wall_us: int
    values: dict[str, Any] = field(default_factory=dict)

    def at(self, step: str, round: int, at_us: int, each: Any = None) -> Look:
        """The scope as one step sees it, at the time of its mark; `each` is the entry of its round."""
        return Look(self, step, round, at_us, each)


@dataclass(slots=True)
class Look:
    """A scope seen by one step: `${now}` is the step's mark, `${uid}` is new at each use."""

    scope: Scope
    step: str
    round: int
    at_us: int
    each: Any = None
    _uids: int = 0

    @property
    def wall_us(self) -> int:
        """Unix microseconds at the step's mark."""
        return self.scope.started_wall_us + self.at_us

    def reference(self, reference: Reference) -> Any:
        """The value of one reference. Raises MissingPartError where it leads nowhere."""
        if reference.root == "now":
            return formatted(self.wall_us + reference.shift_us, reference.format)
        if reference.root == "uid":
            self._uids += 1
            return self.scope.inputs.uid(self.step, self.round, self._uids)
        if reference.root == "each":
            return dig(self.each, reference.path, "each")
        return dig(self.scope.values, (reference.root, *reference.path))

    def template(self, template: Template) -> Any:
        """The value of a template."""
        return template.resolve(self.reference)

    def fill(self, value: Any) -> Any:
        """A value of any shape with its templates resolved."""
        if isinstance(value, Template):
            return self.template(value)
        if isinstance(value, Mapping):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item) for item in value]
        return value


def formatted(wall_us: int, name: str | None) -> Any:
    """A wall time in one of the formats of `${now}`; seconds as a number where none is named."""
    match name:
        case None | "s":
            return wall_us // 1_000_000
        case "ms":
            return wall_us // 1_000
        case "ns":
            return wall_us * 1_000
    moment = EPOCH + timedelta(microseconds=wall_us)
    if name == "iso":
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    digits = int(name.removeprefix("fix."))
    fraction = f"{moment.microsecond:06d}".ljust(9, "0")[:digits]
    return moment.strftime("%Y%m%d-%H:%M:%S") + (f".{fraction}" if digits else "")
