"""What the whole run of a case would do, as a value: every operation, on which target, at which addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from harness.case.actions import (
    READS,
    Action,
    ChainSend,
    FixSay,
    Fund,
    Listen,
    Market,
    Own,
    RestCall,
    TargetVerb,
    Wait,
    WsSay,
)
from harness.case.values import Case, Step
from harness.guard import effects
from harness.guard.addresses import Address, address_of
from harness.guard.effects import Effect
from harness.references import Template

_REFERENCE: Final = "x"
"""What stands for a reference in a path, before its value is known; it is judged again when it is."""
_CONTROL: Final = (Market, Fund, TargetVerb)


class Kind(StrEnum):
    """What a target is, as its configuration says; UNKNOWN is one that nothing configures."""

    VENUE = "venue"  # the embedded exchange, started for the run
    LOCAL = "local"  # an exchange that runs on this machine already
    STAGING = "staging"  # an exchange for tests, elsewhere
    PRODUCTION = "production"  # where the customers are
    UNKNOWN = "unknown"


ON_THIS_MACHINE: Final = frozenset({Kind.VENUE, Kind.LOCAL})


class Mode(StrEnum):
    """How a case is run."""

    LIVE = "live"
    RECORD = "record"
    REPLAY = "replay"


class Origin(StrEnum):
    """Who named the target. It is told in a refusal, and never makes one."""

    FLAG = "--target"
    ENVIRONMENT = "PYTEST_ADDOPTS"
    CONFIGURATION = "addopts of the configuration"
    CASE = "the case"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a run would do: where the case says it, what it is, and what it does to the target."""

    where: str
    what: str
    effect: Effect
    reroutes: tuple[str, ...] = ()

    def __str__(self) -> str:
        known = {Effect.READ: "reads", Effect.WRITE: "writes", Effect.UNKNOWN: "is not known to only read"}
        return f"{self.where}: {self.what} {known[self.effect]}"


@dataclass(frozen=True, slots=True)
class CompIDs:
    """How the two sides of a FIX session are called, and whether its Logon is signed.

    `{FIRM}` stands for one name of letters and digits, `{KEY}` in `sender` for an API key, a UUID.
    """

    sender: str
    target: str
    signed_logon: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """What a target must prove of itself; None: it says nothing of the kind."""

    environment: str | None = None
    chain_id: int | None = None
    build: str | None = None
    sessions: Mapping[str, CompIDs] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do, on which target. `urls` maps a channel to where it is; a FIX gateway is `tcp://`.

    `production` are the URLs of every production target that is configured beside this one.
    """

    target: str
    kind: Kind
    operations: tuple[Operation, ...]
    urls: Mapping[str, str]
    identity: Identity
    production: tuple[str, ...] = ()
    mode: Mode = Mode.LIVE
    named_by: Origin = Origin.FLAG

    def __post_init__(self) -> None:
        object.__setattr__(self, "urls", MappingProxyType(dict(self.urls)))

    @property
    def addresses(self) -> Mapping[str, Address]:
        """Where each channel is. Raises GuardError G008 for one that can be read in two ways."""
        return {name: address_of(url) for name, url in self.urls.items()}

    @property
    def elsewhere(self) -> frozenset[Address]:
        """Where production is. Raises GuardError G008."""
        return frozenset(address_of(url) for url in self.production)

    @property
    def writes(self) -> tuple[Operation, ...]:
        """What it would do that is not known to only read."""
        return tuple(each for each in self.operations if not each.effect.is_read)


def operations_of(case: Case) -> tuple[Operation, ...]:
    """Everything that a run of the case would do: the accounts of its actors, its steps and its checks."""
    leased = (
        Operation(f"actor {actor.name!r}", "an account is leased, with POST /auth/api-key", Effect.WRITE)
        for actor in case.cast.actors
    )
    checks = (Operation(f"check {check.id!r}", "reads for the check", Effect.READ) for check in case.checks)
    return (*leased, *(found for step in case.steps for found in _of_step(case, step)), *checks)


def _of_step(case: Case, step: Step) -> Iterator[Operation]:
    action, where = step.action, f"step {step.id!r}"
    if isinstance(action, Wait):
        return
    if isinstance(action, RestCall):
        yield _of_request(case, step, action)
    else:
        yield Operation(where, *_told(step, action))
    if step.fault is not None and step.fault.of_socket:
        yield Operation(where, f"fault: {step.fault.kind}", Effect.UNKNOWN)


def _of_request(case: Case, step: Step, call: RestCall) -> Operation:
    path, where, what = _path(call.path), f"step {step.id!r}", f"rest: {call.method} {call.path}"
    if isinstance(call.headers, Template):
        return Operation(where, f"{what} with {call.headers} as headers", Effect.UNKNOWN)
    headers = tuple(call.headers or {})
    body = call.order is not None or bool(call.orders) or call.json is not None or call.raw is not None
    host = case.cast.of_source(step.source).host
    effect = effects.of_rest(call.method, path, host, headers=headers, has_body=body)
    return Operation(where, what, effect, effects.reroutes(headers))


def _told(step: Step, action: Action) -> tuple[str, Effect]:
    if isinstance(action, READS):
        return f"{step.source}: look", Effect.READ
    if isinstance(action, Listen):
        return f"{step.source}: listen", Effect.READ
    if isinstance(action, WsSay):
        verb: dict[str, Any] = {action.verb: None}
        return f"{step.source}: {action.verb}", effects.of_intent(step.source.channel, verb)
    if isinstance(action, FixSay):
        return f"{step.source}: {action.verb}", Effect.WRITE
    if isinstance(action, ChainSend):
        return f"chain: send {action.function}", Effect.WRITE
    if isinstance(action, Own):
        effect = effects.of_intent("own", {}, reads=action.reads)
        return f"the project's own step {action.name!r}", effect
    if isinstance(action, _CONTROL):
        verb_name = action.verb if isinstance(action, TargetVerb) else type(action).__name__.lower()
        return f"target: {verb_name}", Effect.WRITE
    return f"{step.source}", Effect.UNKNOWN


def _path(path: str | Template) -> str:
    if isinstance(path, str):
        return path
    return "".join(part if isinstance(part, str) else _REFERENCE for part in path.parts)
