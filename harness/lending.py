"""The accounts of one run: lent by the target's pool or made for it, and handed on without open orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from harness.accounts import Account, Register, Wallet, lease
from harness.case.values import Case
from harness.channels.dial import Dial
from harness.clerking import Answer, ask, open_orders
from harness.clock import Clock, RunClock
from harness.errors import HarnessError, TargetError
from harness.pool.leasing import SUBJECT, leased
from harness.pool.values import Entry, Pool
from harness.targets import Endpoints
from harness.world import Driver

Observer = Callable[[str, str], None]
"""Hears what a run does: (of what, what about it)."""

SWEEPS: Final = 3
"""How often all orders of an account are cancelled before it counts as one that cannot be cleaned."""
SWEEP_US: Final = 30_000_000
"""For so long an exchange that says *not now* is asked again."""
_SHOWN: Final = 5


@contextmanager
def held(
    case: Case, pool: Pool, values: Mapping[str, Any], observer: Observer | None
) -> Iterator[Mapping[str, Entry]]:
    """Accounts of the pool for the actors of a case, by name; it may take as long as the pool waits, so the
    run's clock starts afterwards. An actor that is missing gets a new wallet.

    Raises TargetError T040, T041, T043.
    """
    actors = [(actor.name, actor.role, actor.wallet_in(values)) for actor in case.cast.actors]
    with leased(pool, actors, case.id, _teller(observer)) as entries:
        yield entries


@contextmanager
def lent(
    case: Case,
    endpoints: Endpoints,
    entries: Mapping[str, Entry],
    *,
    dial: Dial,
    clock: Clock,
    register: Register,
    desk: Callable[[Account], Driver],
    observer: Observer | None,
    values: Mapping[str, Any],
) -> Iterator[dict[str, Account]]:
    """The accounts of every actor, opened; `desk` gives the REST driver of one.

    One of the pool is swept before it is used, and again afterwards: what is open on it is of a run that was
    killed, or of this one. A wallet that was made for the run is not looked at again.
    Raises TargetError T002, T042.
    """
    tell = _teller(observer)
    accounts: dict[str, Account] = {}
    for actor in case.cast.actors:
        name, kind = actor.name, actor.wallet_in(values)
        accounts[name] = _opened(name, kind, entries.get(name), endpoints, dial, clock, register)
    for name, entry in entries.items():
        if swept := _swept(desk(accounts[name]), entry):
            tell(f"{name} is {entry.name}: of an earlier run {swept}")
    try:
        yield accounts
    except KeyboardInterrupt:  # what it placed was taken back; the next lease sweeps what is left
        raise
    except BaseException:
        _returned(entries, accounts, desk, tell)
        raise
    _returned(entries, accounts, desk, tell)


def _opened(
    name: str,
    kind: str,
    entry: Entry | None,
    endpoints: Endpoints,
    dial: Dial,
    clock: Clock,
    register: Register,
) -> Account:
    """The account of an actor, with its API key."""
    wallet = None
    if entry is not None:
        wallet = Wallet.of(entry.key.reveal())
        if (held := entry.credentials) is not None:
            parts = (held.key.reveal(), held.secret.reveal(), held.passphrase.reveal())
            return Account(name, wallet, *parts, kind, entry.sessions)
    account = lease(
        name,
        endpoints.rest,
        dial=dial,
        chain_id=endpoints.chain_id,
        wall_s=(clock.started_wall_us + clock.now_us()) // 1_000_000,
        register=register,
        wallet_kind=kind,
        wallet=wallet,
    )
    return account if entry is None else account.with_sessions(entry.sessions)


def _swept(driver: Driver, entry: Entry) -> str:
    """Cancel whatever is open on an account; what that was, or "". Raises TargetError T042."""
    found: dict[str, None] = {}
    clock = RunClock()

    def asked(method: str, path: str) -> Answer:
        return ask(driver, method, path, SWEEP_US, clock)

    try:
        for _ in range(SWEEPS):
            left, trouble = open_orders(asked)
            if trouble:
                text = f"the open orders of the account {entry.name} cannot be read: {trouble}"
                raise TargetError("T042", f"{text}. Are its API credentials those of its key?")
            if not left:
                return _told(list(found))
            found |= dict.fromkeys(left)
            asked("DELETE", "/cancel-all")
        left, _ = open_orders(asked)
        if left:
            text = f"{len(left)} orders of the account {entry.name} are open and cannot be cancelled"
            raise TargetError("T042", f"{text} ({', '.join(left[:_SHOWN])}): a case would trade among them")
        return _told(list(found))
    finally:
        driver.close()


def _told(orders: list[str]) -> str:
    if not orders:
        return ""
    shown = ", ".join(orders[:_SHOWN]) + (f" and {len(orders) - _SHOWN} more" if len(orders) > _SHOWN else "")
    return f"{len(orders)} open order{'s' * (len(orders) > 1)} cancelled: {shown}"


def _returned(
    entries: Mapping[str, Entry],
    accounts: Mapping[str, Account],
    desk: Callable[[Account], Driver],
    tell: Callable[[str], None],
) -> None:
    """Hand the accounts back clean; what cannot be done now is done before they are lent again."""
    for name, entry in entries.items():
        try:
            swept = _swept(desk(accounts[name]), entry)
        except HarnessError as error:
            tell(f"{name} ({entry.name}) was not handed back clean: {error.text}")
            continue
        if swept:
            tell(f"{name} ({entry.name}) is handed back, {swept}")


def _teller(observer: Observer | None) -> Callable[[str], None]:
    return (lambda text: None) if observer is None else (lambda text: observer(SUBJECT, text))
