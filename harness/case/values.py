"""What a case is, as values. `read.py` makes them from YAML; nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from harness.errors import Place
from harness.matchers import Expectation
from harness.model import Source
from harness.references import Template

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
class RestCall:
    """`rest: METHOD /path`. At most one of `order` and `json`."""

    method: str
    path: str | Template
    order: dict[str, Any] | None = None
    json: Any = None
    params: dict[str, Any] | None = None
    headers: dict[str, Any] | None = None

    @property
    def writes(self) -> bool:
        """Whether it may change something: such a call is never sent twice."""
        return self.method not in ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Subscribe:
    """`ws: name` with `subscribe:`; the message's fields but the credentials."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listen:
    """`ws: name` or `fix: name` alone: wait for what comes."""


@dataclass(frozen=True, slots=True)
class FixSay:
    """`fix: name` with a verb: `logon`, `logout`, `send`, `raw`, `set`, `disconnect`; its body."""

    verb: str
    body: Any


@dataclass(frozen=True, slots=True)
class ChainEvents:
    """`chain: events`: decoded events of these names since the run began."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainBalances:
    """`chain: balances`: what the actors named in `expect` hold, in human units."""

    holders: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Market:
    """`market:` in `given`: a market of these properties must be there."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fund:
    """`fund:` in `given`: actors hold at least this, in human units, and the exchange may move it."""

    amounts: dict[str, dict[str, Any]]


Action = RestCall | Subscribe | Listen | FixSay | ChainEvents | ChainBalances | Market | Fund


@dataclass(frozen=True, slots=True)
class Save:
    """`save:`: a name for a part of what came; an empty path is all of it."""

    name: str
    path: tuple[str | int, ...]
    place: Place


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
    count: int | None = None
    quiet_us: int = 2_000_000
    save: tuple[Save, ...] = ()

    @property
    def sends(self) -> bool:
        """Whether it does something to the other side, and so can be a cause (LANGUAGE: time)."""
        if isinstance(self.action, RestCall):
            return self.action.writes
        return isinstance(self.action, Subscribe | FixSay)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """`lifecycle:`: a trade passes through `states` in order; those in `optional` may be left out."""

    trade: str | Template
    states: tuple[str, ...]
    optional: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reconcile:
    """`reconcile:`: the same `fields` of an order's fill are equal in all `sources`."""

    order: str | Template
    fields: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of `checks:`."""

    id: str
    place: Place
    rule: Lifecycle | Reconcile
    within_us: int
    watch_us: int | None = None
    every_us: int = DEFAULT_EVERY_US
    after: str | None = None


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
class FixChannel:
    """A FIX channel: its profile (`order_entry`, `drop_copy`), version, whether it is raw, and its engine."""

    name: str
    profile: str
    actor: str = ""
    begin_string: str = "FIXT.1.1"
    raw: bool = False
    engine: str = "own"


FIX_DEFAULTS: Final = {"oe": FixChannel("oe", "order_entry"), "dc": FixChannel("dc", "drop_copy")}
"""The FIX channels that every case has without naming them."""


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
    actors: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    symptom: Symptom
    line: int = 1
    channels: tuple[FixChannel, ...] = ()

    def fix_channel(self, name: str) -> FixChannel:
        """The FIX channel of this name. Raises KeyError: ours, names are checked when read."""
        declared = {channel.name: channel for channel in self.channels}
        return {**FIX_DEFAULTS, **declared}[name]

    def in_role(self, role: Role) -> tuple[Step, ...]:
        """The steps of one part, in order."""
        return tuple(step for step in self.steps if step.role is role)

    def step(self, step_id: str) -> Step:
        """The step of this id. Raises KeyError where there is none (ours: ids are checked when read)."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)
