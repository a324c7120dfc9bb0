"""Trying the FIX gateway: it takes connections, and its engine answers a Logon where one may be said.

A Logon is a write: on production none is said, and anywhere else the target first proves who it is, as for a
run. An account's own session is logged on only while no run has the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from harness.accounts import Account, Wallet
from harness.channels.address import FixAddress
from harness.channels.dial import Dial
from harness.channels.fixgreeting import Heard, greeted
from harness.clock import RunClock
from harness.errors import GuardError, TargetError
from harness.guard import Kind
from harness.opening import fix_session, nobodys_session
from harness.pool.leasing import leased
from harness.pool.values import Entry
from harness.trying.hosts import connected
from harness.trying.places import Places
from harness.trying.rows import Row, State, absent, attempted

ANSWER_S: Final = 5
LOGON: Final = "fix logon"
_VERSION: Final = "FIXT.1.1"
_TAKEN: Final = "T040"
_ENGINE: Final = "is the engine behind the port up?"
_GIVE: Final = "give an account of the target a FIX session (`fix`)"
_NAMES: Final = "are the CompIDs those of the account, and is it logged on nowhere else?"


def fix(places: Places) -> Iterator[Row]:
    """Its FIX gateway, and its engine: as much of it as may be said."""
    kinds = ", ".join(sorted(places.endpoints.sessions)) or "no kind of session"
    reads = places.target.kind is Kind.PRODUCTION
    row = connected(
        places,
        "fix",
        f"takes connections ({kinds} configured){'; no logon, which is a write' if reads else ''}",
    )
    yield row
    if row.state is State.WORKS and not reads:
        yield _logon(places)


def _logon(places: Places) -> Row:
    where = places.shown("fix")
    try:
        dial = places.writes("logs on to FIX and off again")
    except (GuardError, TargetError) as error:
        told = f"no Logon is said where a run would not begin: {error.code} {error.text}"
        return Row(LOGON, where, State.UNTRIED, told, "put right what the rows above say")

    if not places.endpoints.sessions:
        return absent(LOGON, "no kind of session is configured")

    def asked() -> Row:
        entries = [entry for entry in places.target.pool.entries if entry.sessions]
        if entries:
            return _own(places, dial, entries)
        return _new(places, dial) if places.url("control") else _nobody(places, dial)

    return attempted(LOGON, where, asked, _ENGINE)


def _own(places: Places, dial: Dial, entries: Sequence[Entry]) -> Row:
    """The session of an account that is lent, held meanwhile: one that is free now."""
    for entry in entries:
        alone = replace(places.target.pool, entries=(entry,), creates=False, wait_s=0)
        actor = ("fix", next(iter(sorted(entry.roles)), ""), entry.kinds[0])
        try:
            with leased(alone, [actor], "harness check-target", lambda text: None):
                account = Account(entry.name, Wallet.of(entry.key.reveal()), "", "", "", entry.kinds[0])
                kind = _kind(entry.sessions)
                version = entry.sessions[kind].version
                return _row(places, dial, account.with_sessions(entry.sessions), kind, version)
        except TargetError as error:
            if error.code != _TAKEN:
                raise
    told = "every account that has a FIX session is in use: none is logged on to beside a run"
    return Row(LOGON, places.shown("fix"), State.UNTRIED, told, "try again when no run has it")


def _new(places: Places, dial: Dial) -> Row:
    """A session that the control API opens for a new wallet."""
    wallet = Wallet.create()
    places.redactor.register("check-target.key", wallet.key.to_hex())
    kind = _kind(places.endpoints.sessions)
    return _row(places, dial, Account("a new session", wallet, "", "", ""), kind, _VERSION)


def _row(places: Places, dial: Dial, account: Account, kind: str, version: str) -> Row:
    address = fix_session(
        places.endpoints, dial, account, places.redactor.register, kind=kind, begin_string=version
    )
    heard = _heard(address, dial)
    state = State.WORKS if heard.logged_on else State.SILENT
    then = "" if heard.logged_on else _NAMES if heard.answered else _ENGINE
    return Row(LOGON, places.shown("fix"), state, f"{account.name} ({kind}) {heard}", then)


def _nobody(places: Places, dial: Dial) -> Row:
    """Without a session at hand: a Logon of a firm that is not there has to be refused, or hung up on."""
    address = nobodys_session(places.endpoints, _kind(places.endpoints.sessions), _VERSION)
    if address is None:
        return absent(LOGON, "no session is at hand", _GIVE)
    heard, where = _heard(address, dial), places.shown("fix")
    told = f"no session is at hand; a Logon of {address.sender}, which is nobody,"
    if heard.is_there:
        return Row(LOGON, where, State.WORKS, f"{told} is refused")
    then = f"{_ENGINE} To be sure, {_GIVE}"
    return Row(LOGON, where, State.SILENT, f"{told} is not answered within {ANSWER_S} s", then)


def _heard(address: FixAddress, dial: Dial) -> Heard:
    try:
        return greeted(address, dial, RunClock(), ANSWER_S)
    except OSError as error:
        raise TargetError("T012", f"no connection: {error}") from None


def _kind(kinds: Iterable[str]) -> str:
    """One kind of session of several: for entering orders, where it is among them."""
    return min(kinds, key=lambda kind: ("." in kind, kind != "order_entry", kind))
