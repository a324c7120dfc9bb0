"""Lending accounts to a case: all that it needs at once, in turn with every other process of this machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from harness.clock import RunClock
from harness.errors import TargetError
from harness.pool.locks import Claim, Holder, Locks, Queue, Ticket
from harness.pool.matching import Wants, left_for_the_next, matched
from harness.pool.values import Entry, Pool

Actor = tuple[str, str, str]
"""One who needs an account: name, role, kind of wallet."""

LOOK_EVERY_US: Final = 100_000
TELL_AFTER_US: Final = 1_000_000
TELL_EVERY_US: Final = 15_000_000
_SECOND_US: Final = 1_000_000
_GATE: Final = "gate"
_NAMED: Final = 3
"""So many accounts that are alike are named."""
SUBJECT: Final = "accounts"
"""What an observer hears of waiting and sweeping under."""


@contextmanager
def leased(
    pool: Pool, actors: Sequence[Actor], who: str, tell: Callable[[str], None], locks: Locks | None = None
) -> Iterator[Mapping[str, Entry]]:
    """Accounts of the pool for these actors, by name, held until the end; `tell` hears what is waited for.

    An actor that is missing gets none: the pool `creates`, and none was free. `who` is told to others.

    Raises TargetError T040 where they were not free in `wait_s`, T041 where the pool has none that fit, T043.
    """
    if not actors or (pool.creates and not pool.entries):
        yield {}
        return
    with ExitStack() as stack:
        lending = _Lending(pool, actors, who, locks or Locks(), RunClock())
        claims = lending.wait(tell)
        for _, claim in claims.values():
            stack.callback(claim.release)
        yield {actor: entry for actor, (entry, _) in claims.items()}


class _Lending:
    """One case's wish for accounts."""

    def __init__(self, pool: Pool, actors: Sequence[Actor], who: str, locks: Locks, clock: RunClock) -> None:
        self._pool, self._who, self._locks, self._clock = pool, who, locks, clock
        self._by_address = {entry.address: entry for entry in pool.entries}
        self._wants: Wants = {name: self._fitting(role, kind) for name, role, kind in actors}
        self._queue = Queue(locks)
        if pool.creates:
            return
        for name, role, kind in actors:
            if not self._wants[name]:
                text = f"no account of the pool{pool.part} can be {name!r} (role {role}, wallet {kind})"
                raise TargetError("T041", f"{text}: it has {_listed(pool.entries)}")
        if matched(self._wants, frozenset(self._by_address)) is None:
            names = ", ".join(name for name, _, _ in actors)
            text = f"the pool{pool.part} has too few accounts for {names} at once"
            raise TargetError("T041", f"{text}: it has {_listed(pool.entries)}")

    def wait(self, tell: Callable[[str], None]) -> dict[str, tuple[Entry, Claim]]:
        """Have them all, at once. Raises TargetError T040."""
        ticket: Ticket | None = None
        told_us = TELL_AFTER_US - TELL_EVERY_US
        try:
            while True:
                with self._locks.alone(_GATE):
                    found = self._taken(ticket)
                    if found is None and ticket is None:
                        ticket = self._queue.join(self._wants)
                if found is not None:
                    return found
                waited_us = self._clock.now_us()
                if waited_us >= self._pool.wait_s * _SECOND_US:
                    raise self._exhausted()
                if waited_us - told_us >= TELL_EVERY_US:
                    told_us = waited_us
                    tell(f"waits for {len(self._wants)} of the pool: {self._held()}")
                threading.Event().wait(LOOK_EVERY_US / _SECOND_US)
        finally:
            if ticket is not None:
                ticket.leave()

    def _fitting(self, role: str, kind: str) -> tuple[str, ...]:
        """Who may be this actor: those for its role before those for any, and of these the longest idle."""
        fitting = [entry for entry in self._pool.entries if entry.fits(role, kind)]
        idle = {entry.address: self._locks.last_held_us(entry.address) for entry in fitting}
        fitting.sort(key=lambda entry: (not entry.roles, len(entry.kinds), idle[entry.address]))
        return tuple(entry.address for entry in fitting)

    def _taken(self, ticket: Ticket | None) -> dict[str, tuple[Entry, Claim]] | None:
        """All accounts, held; None where they are not free, or others wait for them who came before."""
        before: list[Wants] = self._queue.before(ticket)
        names = {name for wants in (self._wants, *before) for each in wants.values() for name in each}
        held = {name: claim for name in sorted(names) if (claim := self._locks.hold(name)) is not None}
        found: dict[str, str] = {}
        try:
            free = left_for_the_next(before, frozenset(held))
            chosen = matched(self._wants, free)
            if chosen is None and self._pool.creates:
                chosen = self._some(free)
            if chosen is None:
                return None
            since_us = self._clock.started_wall_us + self._clock.now_us()
            for name in chosen.values():
                held[name].say(Holder(os.getpid(), self._who, since_us))
            found = chosen
            return {actor: (self._by_address[name], held[name]) for actor, name in chosen.items()}
        finally:
            for name in held.keys() - set(found.values()):
                held[name].release()

    def _some(self, free: frozenset[str]) -> dict[str, str]:
        """What can be had at once where new wallets may be made for the others."""
        some: dict[str, str] = {}
        for actor, names in self._wants.items():
            one = next((name for name in names if name in free and name not in some.values()), None)
            if one is not None:
                some[actor] = one
        return some

    def _held(self) -> str:
        """Who has what is wanted."""
        now_us = self._clock.started_wall_us + self._clock.now_us()
        told = []
        for name in dict.fromkeys(name for each in self._wants.values() for name in each):
            entry = self._by_address[name]
            claim, holder = self._locks.hold(name), self._locks.holder(name)
            if claim is not None:
                claim.release()
                told.append(f"{entry.name} is kept for a case that came before")
            else:
                by = holder.told(now_us) if holder is not None else "another process"
                told.append(f"{entry.name} is held by {by}")
        return "; ".join(told)

    def _exhausted(self) -> TargetError:
        wanted = ", ".join(self._wants)
        text = f"no accounts for {wanted} of {self._who} within {self._pool.wait_s} s: {self._held()}"
        return TargetError(
            "T040", f"{text}. Run fewer at once (pytest -n), name more accounts, or let `wait_s` be longer"
        )


def _listed(entries: Sequence[Entry]) -> str:
    """The accounts by what they can be; of those that are alike a few by name."""
    alike: dict[str, list[str]] = {}
    for entry in entries:
        kind = f"{', '.join(sorted(entry.roles)) or 'any role'}; {', '.join(entry.kinds)}"
        alike.setdefault(kind, []).append(entry.name)
    each = []
    for kind, names in alike.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        each.append(f"{', '.join(names[:_NAMED])}{more} ({kind})")
    return ", ".join(each) or "none"
