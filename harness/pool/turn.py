"""Whether a case runs beside others on an exchange that many share, or alone: in turn, on this machine.

What a `target:` verb does (a pause, a restart, limits, a region) reaches whoever is there, and its end ends
what others have begun. So a case with verbs runs alone, and every other beside its like. Both are locks of
the system, which end with the process that holds them.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from harness.clock import RunClock
from harness.errors import TargetError
from harness.pool.leasing import LOOK_EVERY_US, TELL_AFTER_US, TELL_EVERY_US
from harness.pool.locks import Claim, Holder, Locks, Queue, Ticket

_SECOND_US: Final = 1_000_000
_GATE: Final = "gate"
_EXCHANGE: Final = "exchange"


def locks_of(origin: str) -> Locks:
    """Where the turns on an exchange are kept: its address is who it is. Raises TargetError T043."""
    name = f"harness-turns-{os.getuid()}-{sha256(origin.lower().encode()).hexdigest()[:16]}"
    return Locks(Path(tempfile.gettempdir()) / name)


@contextmanager
def turn(who: str, locks: Locks, *, alone: bool, wait_s: int, tell: Callable[[str], None]) -> Iterator[None]:
    """Have the exchange, `alone` or beside others; who came first is first, so that nobody waits for ever.

    `who` is told to others, `tell` hears what is waited for. Raises TargetError T046 after `wait_s`.
    """
    claim = _had(who, locks, alone=alone, wait_s=wait_s, tell=tell)
    try:
        yield
    finally:
        claim.release()


def _had(who: str, locks: Locks, *, alone: bool, wait_s: int, tell: Callable[[str], None]) -> Claim:
    clock, queue = RunClock(), Queue(locks)
    ticket: Ticket | None = None
    told_us = TELL_AFTER_US - TELL_EVERY_US
    try:
        while True:
            with locks.alone(_GATE):
                before = [each for each in queue.before(ticket) if alone or each["alone"]]
                claim = None if before else locks.hold(_EXCHANGE, shared=not alone)
                if claim is None and ticket is None:
                    ticket = queue.join({"who": who, "alone": alone})
            if claim is not None:
                if alone:
                    claim.say(Holder(os.getpid(), who, clock.started_wall_us + clock.now_us()))
                return claim
            waited_us = clock.now_us()
            why = _why(locks, before, clock.started_wall_us + waited_us, alone=alone)
            if waited_us >= wait_s * _SECOND_US:
                do = "run fewer at once (pytest -n), or let `wait_s` of its accounts be longer"
                raise TargetError(
                    "T046", f"{who} had no turn on this exchange within {wait_s} s: {why}: {do}"
                )
            if waited_us - told_us >= TELL_EVERY_US:
                told_us = waited_us
                tell(f"{who} waits for its turn: {why}")
            threading.Event().wait(LOOK_EVERY_US / _SECOND_US)
    finally:
        if ticket is not None:
            ticket.leave()


def _why(locks: Locks, before: list[dict[str, object]], now_us: int, *, alone: bool) -> str:
    if before:
        return f"{before[0]['who']} came first"
    if alone:
        return "it has a `target:` verb and runs alone, and other cases are not done"
    holder = locks.holder(_EXCHANGE)
    return f"{holder.told(now_us) if holder else 'another case'} has a `target:` verb and runs alone"
