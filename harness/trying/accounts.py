"""Trying the accounts that a target lends: whether the exchange takes their keys, and what they hold.

Nothing is made: an account that has no API key yet gets none here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import coincurve

from harness import exactjson
from harness.accounts import Account, Wallet, l1_headers
from harness.clock import RunClock
from harness.errors import GuardError, TargetError
from harness.guard import Kind
from harness.pool.values import Entry
from harness.redact import MIN_SECRET_CHARS
from harness.trying.chain import looked
from harness.trying.places import Places, got
from harness.trying.rows import Row, State, absent, attempted
from harness.wire.clob import BASE_UNITS, CREDENTIALS, l2_headers
from harness.wire.exchange import Answer
from harness.wire.jsonrpc import balance_call, quantity
from harness.wire.wallets import wallet_of

LOOK_S: Final = 12
"""For so long accounts are looked at; a pool of hundreds is looked at in part, and that is told."""
_WALLETS: Final = 100
"""As many calls as most providers of nodes take in one batch."""
_KEYS: Final = "/auth/api-keys"
_KEYLESS: Final = 400
_SHOWN: Final = 120


def accounts(places: Places) -> Iterator[Row]:
    """How many there are, whose keys are taken, and what they hold; a row of its own for each in trouble."""
    pool, endpoints = places.target.pool, places.endpoints
    if places.target.kind is Kind.PRODUCTION:
        yield absent("accounts", "no account is ever used here")
        return
    if not pool.entries:
        funded = ", and the control API funds it" if endpoints.control else ""
        then = "" if endpoints.control else "nobody funds it: lend `accounts`"
        yield absent("accounts", f"a new wallet is made for every actor{funded}", then)
        return
    held, clock = _held(places, pool.entries), RunClock()
    rows, looked_at = [], 0
    for entry in pool.entries:
        if clock.now_us() >= LOOK_S * 1_000_000:
            break
        looked_at += 1
        rows.append(_account(places, entry, held))
    bad = [row for row in rows if row.state is not State.WORKS or row.next]
    good = sum(row.state is State.WORKS for row in rows)
    some = "" if looked_at == len(pool.entries) else f" of {looked_at} that were looked at"
    more = "; where none is free, a new wallet is made" if pool.creates else ""
    yield Row("accounts", "–", State.WORKS, f"{len(pool.entries)} lent; {good}{some} work{_sum(held)}{more}")
    yield from bad


def _account(places: Places, entry: Entry, held: Mapping[str, Decimal] | None) -> Row:
    """One account: what its keys are answered, what its wallets hold."""

    def asked() -> Row:
        account = opened(places, entry)
        told = "has no API key yet: a run makes it" if account is None else "its API key is taken"
        then = ""
        if held is not None and not places.endpoints.control:
            empty = [kind for kind in entry.kinds if held.get(wallet_of(entry.address, kind), 1) == 0]
            told += f"; no collateral ({', '.join(empty)})" if empty else ""
            then = " and ".join(f"send collateral to {wallet_of(entry.address, kind)}" for kind in empty)
        return Row(what, entry.address, State.WORKS, told, then)

    what = f"account {entry.name}"
    return attempted(what, entry.address, asked)


def opened(places: Places, entry: Entry) -> Account | None:
    """An account with its API key, where it has one. Raises TargetError T002 where its keys are refused."""
    wallet = Wallet(coincurve.PrivateKey(bytes.fromhex(entry.key.reveal().removeprefix("0x"))))
    register = places.redactor.register
    if entry.credentials is None:
        headers = l1_headers(entry.name, wallet, places.endpoints.chain_id, places.now_s, 0, register)
        answer = got(places, "rest", "/auth/derive-api-key", headers)
        if answer.status == _KEYLESS:
            return None
        parts = _parts(answer)
        if parts is None:
            raise _refused(entry, answer, "the signature of its key")
        for part, value in zip(CREDENTIALS, parts, strict=True):
            register(f"{entry.name}.{part}", value)
        return Account(entry.name, wallet, *parts)
    said = entry.credentials
    account = Account(entry.name, wallet, said.key.reveal(), said.secret.reveal(), said.passphrase.reveal())
    headers = l2_headers(
        address=wallet.address,
        api_key=account.api_key,
        secret=account.secret,
        passphrase=account.passphrase,
        timestamp_s=places.now_s,
        method="GET",
        path=_KEYS,
    )
    register(f"{entry.name}.request_signature", headers["POLY_SIGNATURE"])
    answer = got(places, "rest", _KEYS, headers)
    if answer.status != 200:
        raise _refused(entry, answer, "its API key")
    return account


def _parts(answer: Answer) -> tuple[str, str, str] | None:
    try:
        given = exactjson.loads(answer.body) if answer.status == 200 else {}
        key, secret, passphrase = (str(given[part]) for part in CREDENTIALS)
    except (ValueError, TypeError, KeyError):
        return None
    return (key, secret, passphrase) if min(map(len, (key, secret, passphrase))) >= MIN_SECRET_CHARS else None


def _refused(entry: Entry, answer: Answer, what: str) -> TargetError:
    shown = f": {answer.body[:_SHOWN].decode(errors='replace')}" if answer.status != 200 else ""
    return TargetError("T002", f"{what} is not taken: {answer.status}{shown}")


def _held(places: Places, entries: Sequence[Entry]) -> dict[str, Decimal] | None:
    """The collateral of every wallet of every account; None where no chain tells."""
    if not places.url("chain"):
        return None
    holders = [wallet_of(entry.address, kind) for entry in entries for kind in entry.kinds][:_WALLETS]
    token = places.endpoints.contracts.collateral
    try:
        calls = [
            (str(method), params) for method, params in (balance_call(token, each, None) for each in holders)
        ]
        amounts = [quantity(answer.get("result")) for answer in looked(places, calls)]
    except (TargetError, GuardError, ValueError):  # the rows of the chain say what is wrong
        return None
    return {holder: Decimal(amount) / BASE_UNITS for holder, amount in zip(holders, amounts, strict=True)}


def _sum(held: Mapping[str, Decimal] | None) -> str:
    if held is None:
        return ""
    some = sum(1 for amount in held.values() if amount)
    total = sum(held.values(), Decimal(0)).normalize()
    return f"; {some} of {len(held)} wallets have collateral, {total:f} in all"
