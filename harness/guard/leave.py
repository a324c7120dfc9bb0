"""Leave to connect: to ask a target who it is (`Inquiry`), and to run on it (`Permit`).

What was judged is kept here and not on the object, under the identity of the very object that was given out.
So a copy, a pickle, an object made without the guard, a subclass or an attribute set on one is worth nothing:
there is nothing on it to take along.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from weakref import WeakKeyDictionary

from harness.errors import GuardError
from harness.guard.addresses import Address, host_of
from harness.guard.plan import CompIDs, Plan

_KEY: Final = object()
_FIRM: Final = "[A-Z0-9]{1,32}"
_UUID: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FOLLOWING: Final = "[0-9]{0,4}"
"""Behind the CompIDs of an account's second session stands a number: FIRM1_PMX_OE2."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a target says of itself; None where it says nothing of the kind."""

    healthy: bool
    build: str | None
    chain_id: int | None
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a leave stands for: the plan, and the numeric addresses of each place that may be connected to.

    `everywhere` are those of the whole target, of which an inquiry may use few.
    """

    plan: Plan
    pinned: Mapping[Address, tuple[str, ...]]
    everywhere: Mapping[Address, tuple[str, ...]]
    proofs: Proofs | None = None


class _Leave:
    """What `Inquiry` and `Permit` have in common."""

    __slots__ = ("__weakref__",)

    def __init__(self, key: object) -> None:
        if key is not _KEY:
            raise _no_leave()

    def __setattr__(self, name: str, value: object) -> None:
        raise _no_leave()

    def __reduce_ex__(self, protocol: Any) -> str | tuple[Any, ...]:
        raise _no_leave()

    def __copy__(self) -> Any:
        raise _no_leave()

    def __deepcopy__(self, memo: Any) -> Any:
        raise _no_leave()

    @property
    def plan(self) -> Plan:
        """What was judged and allowed. Raises GuardError G001 where the guard did not give this leave."""
        return replace(_judged(self).plan)  # whatever is done to this copy, the judged one stays

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The numeric addresses that were judged for this host and port, in the order in which to try them.

        Raises GuardError G001 where the guard did not give this leave, G003 for any other place.
        """
        judged = _judged(self)
        found = None
        if type(host) is str and type(port) is int:
            try:
                found = judged.pinned.get(Address(host_of(host), port))
            except GuardError:
                found = None
        if found is None:
            known = ", ".join(map(str, sorted(judged.pinned))) or "none"
            text = (
                f"{host}:{port} is no address of target {judged.plan.target!r}: refused (judged are {known})"
            )
            raise GuardError("G003", text)
        return found

    def session(self, kind: str, place: tuple[str, int], sender: str, target: str) -> None:
        """Judge a FIX session that the target offers. Raises GuardError G003, G011 where it is another's."""
        plan = _judged(self).plan
        gateway, given = plan.addresses.get("fix"), Address(host_of(place[0]), place[1])
        if given != gateway:
            text = f"target {plan.target!r} has its FIX gateway at {gateway}, and offers a session at {given}"
            raise GuardError("G003", text)
        self.addresses(*place)  # an inquiry may not
        expected = (plan.identity.sessions or {}).get(kind)
        if expected is None or not _are(expected, sender, target):
            wanted = f"{expected.sender} and {expected.target}" if expected else "none of this kind"
            text = (
                f"a FIX session of {plan.target!r} has the CompIDs {sender} and {target}, expected {wanted}"
            )
            raise GuardError("G011", text)


class Inquiry(_Leave):
    """Leave to ask a target who it is, and for nothing else: no stream, no FIX gateway."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        raise _no_leave()


class Permit(_Leave):
    """Leave to go live, for one plan that was judged and a target that has proven who it is."""

    __slots__ = ()

    @property
    def build(self) -> str | None:
        """The build that the target has proven to be at; None where it says none."""
        proofs = _judged(self).proofs
        return None if proofs is None else proofs.build

    def __init_subclass__(cls) -> None:
        raise _no_leave()


_given: Final[WeakKeyDictionary[_Leave, Judged]] = WeakKeyDictionary()


def give(kind: type[_Leave], judged: Judged) -> Any:
    """Give leave; for the guard's rules only (a test holds who calls it)."""
    leave = kind(_KEY)
    _given[leave] = replace(judged, plan=replace(judged.plan))
    return leave


def judged_of(leave: Inquiry) -> Judged:
    """What an inquiry stands for. Raises GuardError G001 for anything that the guard did not give as one."""
    if type(leave) is not Inquiry:
        raise _no_leave()
    return _judged(leave)


def proven(leave: object) -> object:
    """The very leave, where the guard gave it. Raises GuardError G001 for anything else."""
    _judged(leave)
    return leave


def _judged(leave: object) -> Judged:
    if type(leave) not in (Inquiry, Permit):
        raise _no_leave()
    found = _given.get(leave)  # type: ignore[call-overload] # its type has just been looked at
    if found is None:
        raise _no_leave()
    judged: Judged = found
    return judged


def _no_leave() -> GuardError:
    return GuardError(
        "G001", "leave to connect comes from the guard only: it judges a plan and a target's proofs"
    )


def _are(expected: CompIDs, sender: str, target: str) -> bool:
    """Whether CompIDs are of the expected form, both with the same firm and number, or the first a key."""
    if "{KEY}" in expected.sender:
        before, _, behind = expected.sender.partition("{KEY}")
        keyed = re.fullmatch(re.escape(before) + _UUID + re.escape(behind), sender) is not None
        return keyed and target == expected.target
    name, number = f"(?P<firm>{_FIRM})", f"(?P<number>{_FOLLOWING})"
    found = re.fullmatch(_pattern(expected.sender, name) + number, sender)
    if found is None:
        return False
    firm = found.groupdict().get("firm") or ""
    return target == expected.target.replace("{FIRM}", firm) + found["number"]


def _pattern(text: str, name: str) -> str:
    before, mark, behind = text.partition("{FIRM}")
    return re.escape(before) + (name + re.escape(behind) if mark else "")
