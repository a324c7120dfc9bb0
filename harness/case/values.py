"""What a case is, as values. `read.py` makes them from YAML; nothing else does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from harness.case.actions import READS, Action, ChainSend, FixSay, Own, RestCall, TargetVerb, WsSay
from harness.case.channels import Cast
from harness.case.rules.values import Rule
from harness.case.varying import Vary
from harness.errors import Place
from harness.matchers import Expectation
from harness.model import Source

DEFAULT_EVERY_US: Final = 250_000
"""How often a read with `within` is repeated, unless `every` says otherwise."""


class Status(StrEnum):
    """What is known of the bug."""

    OPEN = "open"
    FIXED = "fixed"


class Role(StrEnum):
    """Which part of the case a step belongs to."""

    GIVEN = "given"
    STEPS = "steps"
    FINALLY = "finally"


@dataclass(frozen=True, slots=True)
class Save:
    """`save:`: a name for a part of what came; an empty path is all of it."""

    name: str
    path: tuple[str | int, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Fault:
    """`fault:` on a step: what goes wrong on its way, on purpose. `us` is the length of `delay`."""

    kind: str
    us: int = 0

    @property
    def of_socket(self) -> bool:
        """Whether it is done to the connection, and so recorded and not done again in replay."""
        return self.kind in SOCKET_FAULTS


SOCKET_FAULTS: Final = ("cut", "half_open", "slow_reader")
MESSAGE_FAULTS: Final = ("drop response", "delay", "duplicate", "reorder")


@dataclass(frozen=True, slots=True)
class Resend:
    """`resend:` on a write: again every `every_us` until `until` holds; `same` sends the same bytes."""

    every_us: int
    until: Expectation
    same: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One action or one wait."""

    id: str
    role: Role
    place: Place
    source: Source
    action: Action
    within_us: int | None = None
    watch_us: int | None = None
    every_us: int = DEFAULT_EVERY_US
    after: str | None = None
    where: Expectation | None = None
    expect: Expectation | None = None
    never: Expectation | None = None
    count: int | None = None
    quiet_us: int = 2_000_000
    stable_us: int | None = None
    resend: Resend | None = None
    fault: Fault | None = None
    save: tuple[Save, ...] = ()

    @property
    def sends(self) -> bool:
        """Whether it does something to the other side, and so can be a cause (LANGUAGE: time)."""
        if isinstance(self.action, RestCall):
            return self.action.writes
        if isinstance(self.action, Own):
            return not self.action.reads
        return isinstance(self.action, WsSay | FixSay | ChainSend | TargetVerb)

    @property
    def reads(self) -> bool:
        """Whether it only looks, and so may be repeated."""
        if isinstance(self.action, RestCall):
            return not self.action.writes
        return isinstance(self.action, READS) or (isinstance(self.action, Own) and self.action.reads)


@dataclass(frozen=True, slots=True)
class Repeat:
    """`repeat:`: its parts, `times` over or once for each of `items`.

    `pace_us` is from the start of one round to the start of the next; `passing` is the share of rounds that
    must hold.
    """

    id: str
    role: Role
    place: Place
    times: int
    items: tuple[Any, ...]
    parts: tuple[Part, ...]
    pace_us: int | None = None
    passing: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """`together:`: its parts start at one barrier."""

    id: str
    role: Role
    place: Place
    parts: tuple[Part, ...]


Part = Step | Repeat | Together


def flat(parts: Iterable[Part]) -> Iterator[Step]:
    """The steps of some parts, groups opened, in the order in which they stand."""
    for part in parts:
        if isinstance(part, Step):
            yield part
        else:
            yield from flat(part.parts)


def every_part(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts and all that they hold, groups before what is in them."""
    for part in parts:
        yield part
        if not isinstance(part, Step):
            yield from every_part(part.parts)


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of `checks:`. Without `within` it judges what came until `steps` ended."""

    id: str
    place: Place
    rule: Rule
    within_us: int | None = None
    watch_us: int | None = None
    every_us: int = DEFAULT_EVERY_US
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `examples:` (an item and a proof of its own), or the example of each `vary:`."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Symptom:
    """What the broken cassette must show: the failing step or check, and what it shows."""

    place: Place
    step: str | None
    check: str | None
    shows: Expectation
    seen: Expectation | None = None
    witness: str | None = None

    @property
    def subject(self) -> str:
        """The id of the step or check that must fail."""
        return self.step or self.check or ""


@dataclass(frozen=True, slots=True)
class Case:
    """One escalation as a scenario with checks."""

    id: str
    path: str
    title: str
    status: Status
    fixed_in: str | None
    severity: str
    component: str
    reported: str | None
    source: str | None
    ticket: str | None
    owner: str | None
    story: str | None
    defect: str
    recast: bool
    cast: Cast
    parts: tuple[Part, ...]
    checks: tuple[Check, ...]
    symptom: Symptom
    line: int = 1
    rows: tuple[Row, ...] = ()
    vary: tuple[Vary, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, groups opened, in the order in which they stand."""
        return tuple(flat(self.parts))

    def parts_in(self, role: Role) -> tuple[Part, ...]:
        """The steps and groups of one role, in order."""
        return tuple(part for part in self.parts if part.role is role)

    def in_role(self, role: Role) -> tuple[Step, ...]:
        """The steps of one role, groups opened, in order."""
        return tuple(flat(self.parts_in(role)))

    def step(self, step_id: str) -> Step:
        """The step of this id. Raises KeyError where there is none (ours: ids are checked when read)."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)
