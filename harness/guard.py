"""The guard: judges a plan and a target's proofs of identity, as values, and gives the permit to go live.

A live transport opens only with a permit. In this version the only target that may be written to is the
embedded venue on loopback; whatever else is named is refused before anything is sent.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.errors import GuardError

_KEY = object()


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a target says of itself."""

    healthy: bool
    build: str | None
    chain_id: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do: to which target, of which kind, over which addresses."""

    target: str
    kind: str
    urls: Sequence[str]
    chain_id: int
    build: str | None = None


class Permit:
    """Leave to go live. Only `permit` makes one, for one plan and no other."""

    __slots__ = ("_plan",)
    _plan: Plan

    def __init__(self, plan: Plan, key: object) -> None:
        if key is not _KEY:
            raise _no_permit()
        object.__setattr__(self, "_plan", plan)

    def __init_subclass__(cls) -> None:
        raise _no_permit()

    def __setattr__(self, name: str, value: object) -> None:
        raise _no_permit()

    @property
    def plan(self) -> Plan:
        """What was judged and allowed."""
        return self._plan

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The numeric addresses that were judged for this host and port, in the order in which to try them.

        Raises GuardError G003 for any other place. Implements `channels.dial.Leave`.
        """
        return _on_this_machine(host, port)


def _no_permit() -> GuardError:
    return GuardError("G001", "a permit comes from the guard only: call guard.permit with a plan and proofs")


class Inquiry:
    """Leave to ask a target on this machine who it is, and for nothing else."""

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """As `Permit.addresses`."""
        return _on_this_machine(host, port)


def inquiry(plan: Plan) -> Inquiry:
    """Leave to ask the target of a plan who it is. Raises GuardError G003 where it is not on this machine."""
    for url in plan.urls:
        if not is_loopback(url):
            text = f"target {plan.target!r} points at {url}, which is not on this machine: refused"
            raise GuardError("G003", text)
    return Inquiry()


def _on_this_machine(host: str, port: int) -> tuple[str, ...]:
    if not _is_loopback_address(host):
        raise GuardError("G003", f"{host}:{port} is not on this machine: refused")
    return (host,)


def permit(plan: Plan, proofs: Proofs) -> Permit:
    """Judge a plan. Raises GuardError, which says what was found and what would be allowed."""
    if plan.kind != "venue":
        text = f"target {plan.target!r} is of kind {plan.kind!r}: only the embedded venue may be written to"
        raise GuardError("G002", text)
    if not plan.urls:
        raise GuardError("G003", f"target {plan.target!r} names no address, so there is nothing to allow")
    for url in plan.urls:
        if not is_loopback(url):
            text = f"target {plan.target!r} points at {url}, which is not on this machine: refused"
            raise GuardError("G003", text)
    if not proofs.healthy or proofs.chain_id != plan.chain_id:
        text = (
            f"target {plan.target!r} does not prove that it is the venue "
            f"(healthy: {proofs.healthy}, chain id {proofs.chain_id}, expected {plan.chain_id})"
        )
        raise GuardError("G004", text)
    if plan.build is not None and proofs.build != plan.build:
        text = f"target {plan.target!r} is at build {proofs.build}, and {plan.build} was asked for"
        raise GuardError("G005", text)
    return Permit(plan, _KEY)


def is_loopback(url: str) -> bool:
    """Whether an address is a numeric loopback address; names are not trusted, they can lead anywhere."""
    try:
        return _is_loopback_address(urlsplit(url).hostname or "")
    except ValueError:  # no URL at all
        return False


def _is_loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
