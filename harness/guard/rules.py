"""The guard's rules, in the order in which they are asked: before a name is looked up, before the target is
asked who it is, before anything is sent to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from harness.errors import GuardError
from harness.guard.addresses import Address, host_of, is_loopback
from harness.guard.leave import Inquiry, Judged, Permit, Proofs, give, judged_of
from harness.guard.plan import ON_THIS_MACHINE, Kind, Mode, Operation, Plan

ASKED: Final = ("rest", "control", "chain")
"""The channels that a target is asked over who it is."""
KNOWN_PRODUCTION: Final = frozenset(
    f"{name}.polymarket.com"
    for name in (
        "clob",
        "gamma-api",
        "data-api",
        "relayer-v2",
        "bridge",
        "ws-subscriptions-clob",
        "ws-live-data",
    )
)
"""Hosts that are production whatever a configuration calls them (Polymarket docs, API introduction)."""
MAINNETS: Final[Mapping[int, str]] = {1: "Ethereum", 137: "Polygon"}
"""Chains on which money is real, wherever their node is not on this machine."""
_SHOWN: Final = 5


def judge(plan: Plan) -> None:
    """Judge a plan by itself, before a name is looked up. Raises GuardError, with what would be allowed.

    A replay is always allowed: no leave is ever given for it, so it opens nothing.
    """
    if plan.mode is Mode.REPLAY:
        return
    if plan.kind not in (Kind.VENUE, Kind.LOCAL, Kind.STAGING, Kind.PRODUCTION):
        text = f"nobody knows what the target {plan.target!r} is{_named(plan)}: configure it, with its kind"
        raise GuardError("G006", text)
    if plan.kind is Kind.PRODUCTION and plan.writes:
        text = (
            f"the target {plan.target!r} is production{_named(plan)}, where nothing is ever written; "
            f"this run would: {_listed(plan.writes)}. Run it on another target"
        )
        raise GuardError("G002", text)
    if not plan.addresses:
        raise GuardError("G003", f"target {plan.target!r} names no address, so there is nothing to allow")
    if plan.kind not in ON_THIS_MACHINE:
        _reroutes(plan)
    if plan.kind is not Kind.PRODUCTION:
        _is_not_production(plan)
    for name, address in plan.addresses.items():
        if plan.kind in ON_THIS_MACHINE and address.is_numeric and not is_loopback(address.host):
            raise _not_here(plan, name, address, ())
    if plan.kind is Kind.STAGING and plan.identity.environment is None:
        text = (
            f"target {plan.target!r} is written to, and nothing says how it proves that it is no production"
        )
        raise GuardError("G004", f"{text}: configure its `environment`")


def inquiry(plan: Plan, resolved: Mapping[str, Collection[str]]) -> Inquiry:
    """Leave to ask the target who it is. `resolved` is each name's numeric addresses, looked up once.

    Raises GuardError: what `judge` raises, G007 for a replay, G003, G008, G009 and G010 for addresses.
    """
    judge(plan)
    if plan.mode is Mode.REPLAY:
        raise GuardError("G007", "a replay opens nothing: there is no leave for it")
    pinned = {}
    for name, address in plan.addresses.items():
        found = _pinned(plan, address, resolved)
        wrong = [host for host in found if not is_loopback(host)]
        if plan.kind in ON_THIS_MACHINE and wrong:
            raise _not_here(plan, name, address, wrong)
        if plan.kind is not Kind.PRODUCTION:
            _is_apart(plan, name, address, found, resolved)
        pinned[address] = found
    asked = {plan.addresses[name] for name in ASKED if name in plan.addresses}
    given: Inquiry = give(
        Inquiry, Judged(plan, {a: hosts for a, hosts in pinned.items() if a in asked}, pinned)
    )
    return given


def permit(asked: Inquiry, proofs: Proofs) -> Permit:
    """Leave to go live, where the target has proven what it should be. Raises GuardError G001, G004, G005."""
    judged = judged_of(asked)
    plan, identity = judged.plan, judged.plan.identity
    if not proofs.healthy:
        raise _unproven(plan, "it says that it is not well")
    if identity.environment is not None and proofs.environment != identity.environment:
        raise _unproven(plan, f"it says it is {proofs.environment!r}, expected {identity.environment!r}")
    if "chain" in plan.urls and (identity.chain_id is None or proofs.chain_id != identity.chain_id):
        raise _unproven(plan, f"its node is on chain {proofs.chain_id}, expected {identity.chain_id}")
    if identity.build is not None and proofs.build != identity.build:
        found = "does not say at which build it is" if proofs.build is None else f"is at build {proofs.build}"
        then = ": configure where it is told, its `build`" if proofs.build is None else ""
        text = f"target {plan.target!r} {found}, and {identity.build} was asked for{then}"
        raise GuardError("G005", text)
    given: Permit = give(Permit, Judged(plan, judged.everywhere, judged.everywhere, proofs))
    return given


def _reroutes(plan: Plan) -> None:
    for operation in plan.operations:
        if operation.reroutes:
            names = ", ".join(operation.reroutes)
            text = (
                f"{operation.where} says {names}, which can lead a request to another host behind one address"
            )
            raise GuardError("G012", f"{text}: only a target on this machine may be told that")


def _is_not_production(plan: Plan) -> None:
    """No address of the target is production's, by name."""
    for name, address in plan.addresses.items():
        if address.host in KNOWN_PRODUCTION or address in plan.elsewhere:
            raise _is_production(plan, name, address, f"{address} is production")
        if any(
            address.host == other.host and not is_loopback(address.host) for other in sorted(plan.elsewhere)
        ):
            raise _is_production(plan, name, address, f"{address.host} is production's host")
    chain, chain_id = plan.addresses.get("chain"), plan.identity.chain_id or 0
    if (
        plan.kind is Kind.STAGING
        and chain is not None
        and chain_id in MAINNETS
        and not is_loopback(chain.host)
    ):
        text = f"chain {chain_id} is the main net of {MAINNETS[chain_id]}, where money is real"
        raise _is_production(plan, "chain", chain, text)


def _is_apart(
    plan: Plan, name: str, address: Address, found: Iterable[str], resolved: Mapping[str, Collection[str]]
) -> None:
    """No numeric address of the target is production's; on loopback, which all share, no port either."""
    for other in sorted(plan.elsewhere):
        theirs = _numeric(other, resolved)
        for host in found:
            if host in theirs and (address.port == other.port or not is_loopback(host)):
                text = f"it leads to {host}, and so does {other}, which is production"
                raise _is_production(plan, name, address, text)
            if not theirs and not is_loopback(host):
                text = f"{other} is production and cannot be looked up now, so nobody can tell them apart"
                raise _is_production(plan, name, address, text)


def _pinned(plan: Plan, address: Address, resolved: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    found = _numeric(address, resolved)
    if not found:
        text = f"{address.host}, of target {plan.target!r}, was not looked up: there is no address to allow"
        raise GuardError("G003", text)
    return found


def _numeric(address: Address, resolved: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    if address.is_numeric:
        return (address.host,)
    return tuple(dict.fromkeys(host_of(host) for host in resolved.get(address.host, ())))


def _named(plan: Plan) -> str:
    return f" (named by {plan.named_by})"


def _listed(operations: Collection[Operation]) -> str:
    shown = [str(each) for each in operations][:_SHOWN]
    more = len(operations) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _not_here(plan: Plan, name: str, address: Address, found: Iterable[str]) -> GuardError:
    leads = ", ".join(found)
    text = f"target {plan.target!r} is of kind {plan.kind!s}, and its {name} is at {address}"
    text += f", which leads to {leads}" if leads else ""
    return GuardError("G009", f"{text}: that is not on this machine, where such a target is")


def _is_production(plan: Plan, name: str, address: Address, why: str) -> GuardError:
    text = f"target {plan.target!r} is configured as {plan.kind!s}, and its {name} is at {address}: {why}"
    return GuardError("G010", f"{text}. Nothing is asked of it")


def _unproven(plan: Plan, why: str) -> GuardError:
    return GuardError(
        "G004", f"target {plan.target!r} does not prove that it is what its configuration says: {why}"
    )
