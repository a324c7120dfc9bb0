"""Reading a target's accounts: what its configuration says, and then what the environment holds.

[targets.staging.accounts]
list = "env:STAGING_ACCOUNTS"       # a JSON list of accounts, each with `key` and what stands below; or
file = "env:STAGING_ACCOUNTS_FILE"  # the same in a file outside of the repository
wait_s = 600
create = false

[[targets.staging.accounts.pool]]
name = "maker-1"
key = "env:STAGING_MAKER_1"
wallet = ["eoa", "safe"]
roles = ["maker"]
api = {key = "env:…", secret = "env:…", passphrase = "env:…"}
fix = {order_entry = {sender = "FIRM1_OE", target = "OE"}}  # and version, FIXT.1.1 unless told
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.errors import HarnessError
from harness.files import read_whole
from harness.pool.values import VERSIONS, WAIT_S, Credentials, Entry, FixedSession, Pool
from harness.redact import MIN_SECRET_CHARS, Secret
from harness.wire import wallets

FROM_ENVIRONMENT: Final = "env:"
KEYS: Final = ("list", "file", "pool", "treasury", "create", "wait_s")
_ENTRY: Final = ("name", "key", "wallet", "roles", "api", "fix")
_PARTS: Final = ("key", "secret", "passphrase")
_SIDES: Final = ("sender", "target")
_SESSION_KINDS: Final = ("order_entry", "drop_copy")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_PRIVATE_KEY: Final = re.compile(r"(0x)?[0-9a-fA-F]{64}")

Wrong = Callable[[str], None]
"""Is told what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One account as it was written; a secret is the name of its environment variable, or the text itself."""

    name: str
    key: str | Secret
    kinds: tuple[str, ...]
    roles: frozenset[str]
    api: Mapping[str, str | Secret]
    sessions: Mapping[str, FixedSession]


@dataclass(frozen=True, slots=True)
class Listing:
    """A target's accounts as configured: `lists` are environment variables with more rows, `files` with the
    path of a file of them."""

    rows: tuple[Row, ...] = ()
    lists: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    treasury: Row | None = None
    creates: bool = False
    wait_s: int = WAIT_S

    def resolved(self, environ: Mapping[str, str]) -> Pool:
        """The pool, with what the environment says.

        Raises HarnessError U040 for a variable that is not set, U041 for one that does not hold what it
        should (the caller's fault). Nothing of what it holds is told.
        """
        rows = list(self.rows)
        for name in self.lists:
            rows += _rows(_said(name, environ, "a JSON list of accounts"), name)
        for name in self.files:
            path = Path(_said(name, environ, "the path of a file with a JSON list of accounts"))
            try:
                rows += _rows(read_whole(path).decode(), name)
            except (OSError, UnicodeDecodeError):
                raise HarnessError("U041", f"{name} names a file that cannot be read: {path}") from None
        entries = [_entry(row, environ) for row in rows]
        treasury = None if self.treasury is None else _entry(self.treasury, environ)
        everyone = [*entries, *filter(None, [treasury])]
        for what in ("name", "address"):
            seen: dict[str, str] = {}
            for entry in everyone:
                said = getattr(entry, what)
                if said in seen:
                    text = f"the accounts {seen[said]} and {entry.name} have the same {what}"
                    raise HarnessError("U041", f"{text}: two cases would trade from one")
                seen[said] = entry.name
        return Pool(tuple(entries), self.creates, self.wait_s, treasury)


def read_listing(held: Any, what: str, wrong: Wrong) -> Listing:
    """What a table `accounts` says; `wrong` is told all that is not right of it."""
    table = _table(held, what, KEYS, wrong)
    wait_s, creates = table.get("wait_s", WAIT_S), table.get("create", False)
    if type(wait_s) is not int or wait_s < 0:
        wrong(f"{what}: 'wait_s' is a whole number of seconds, not {wait_s!r}")
        wait_s = WAIT_S
    if type(creates) is not bool:
        wrong(f"{what}: 'create' is true or false, not {creates!r}")
    held_rows = table.get("pool", [])
    if not isinstance(held_rows, list):
        wrong(f"{what}: 'pool' is a list of tables, [[{what.rpartition(' ')[2]}.pool]]")
        held_rows = []
    rows = [_row(each, f"{what}, account {at}", wrong) for at, each in enumerate(held_rows, 1)]
    treasury = table.get("treasury")
    named: dict[str, tuple[str, ...]] = {"list": (), "file": ()}
    for key in named:
        if key in table:
            named[key] = tuple(_variable(table[key], f"{what}: {key!r}", wrong))
    return Listing(
        tuple(row for row in rows if row is not None),
        named["list"],
        named["file"],
        None
        if treasury is None
        else _row({"name": "treasury", **_plain(treasury)}, f"{what}, treasury", wrong),
        creates is True,
        wait_s,
    )


def _plain(held: Any) -> dict[str, Any]:
    return dict(held) if isinstance(held, Mapping) else {"key": held}


def _row(held: Any, what: str, wrong: Wrong, *, said: bool = False) -> Row | None:
    """One account; `said`: its secrets stand there themselves, as no configuration may hold them."""
    problems: list[str] = []
    table = _table(held, what, _ENTRY, problems.append)
    name, key = table.get("name"), table.get("key")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        problems.append(f"{what} has a 'name' of at most 32 letters, digits, - and _")
        name = "?"
    kinds = table.get("wallet", "eoa")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not _texts(kinds) or not kinds or not set(kinds) <= set(wallets.KINDS):
        problems.append(f"{what}: 'wallet' is one of {', '.join(wallets.KINDS)}, or a list of them")
        kinds = []
    roles = table.get("roles", [])
    if not _texts(roles):
        problems.append(f"{what}: 'roles' is a list of the roles of actors that it may be")
        roles = []
    secret = _secret(key, f"{what}: 'key'", problems.append, said=said)
    api: dict[str, str | Secret] = {}
    if "api" in table:
        parts = _table(table["api"], f"{what}, api", _PARTS, problems.append)
        api = {
            part: _secret(parts.get(part), f"{what}, api: {part!r}", problems.append, said=said)
            for part in _PARTS
        }
    sessions = _sessions(table.get("fix", {}), f"{what}, fix", problems.append)
    for problem in problems:
        wrong(problem)
    return None if problems else Row(name, secret, tuple(kinds), frozenset(roles), api, sessions)


def _sessions(held: Any, what: str, wrong: Wrong) -> dict[str, FixedSession]:
    found = {}
    for kind, sides in _table(held, what, _SESSION_KINDS, wrong).items():
        table = _table(sides, f"{what}, {kind}", (*_SIDES, "version"), wrong)
        if not all(isinstance(table.get(side), str) and table[side] for side in _SIDES):
            wrong(f"{what}, {kind}: says both CompIDs, 'sender' (ours) and 'target'")
            continue
        version = table.get("version", VERSIONS[0])
        if version not in VERSIONS:
            wrong(f"{what}, {kind}: 'version' is one of {', '.join(VERSIONS)}, not {version!r}")
            continue
        found[kind] = FixedSession(table["sender"], table["target"], version)
    return found


def _secret(held: Any, what: str, wrong: Wrong, *, said: bool) -> str | Secret:
    """The name of the variable that a secret is in, or the secret where it was `said`; it is never told."""
    if said:
        if isinstance(held, str) and len(held.strip()) >= MIN_SECRET_CHARS:
            return Secret(held)
        wrong(f"{what} is a text of {MIN_SECRET_CHARS} characters or more")
        return ""
    return next(iter(_variable(held, what, wrong)), "")


def _variable(held: Any, what: str, wrong: Wrong) -> Sequence[str]:
    if isinstance(held, str) and held.startswith(FROM_ENVIRONMENT) and held != FROM_ENVIRONMENT:
        return (held.removeprefix(FROM_ENVIRONMENT),)
    wrong(f"{what} names an environment variable, as env:NAME: nothing secret stands in the configuration")
    return ()


def _table(held: Any, what: str, known: Sequence[str], wrong: Wrong) -> dict[str, Any]:
    if not isinstance(held, Mapping):
        wrong(f"{what} is a table of {', '.join(known)}")
        return {}
    if unknown := [key for key in held if key not in known]:
        wrong(f"{what} has an unknown key {unknown[0]!r}: known are {', '.join(known)}")
    return dict(held)


def _texts(held: Any) -> bool:
    return isinstance(held, list) and all(isinstance(each, str) for each in held)


def _said(name: str, environ: Mapping[str, str], what: str) -> str:
    if not environ.get(name):
        raise HarnessError(
            "U040", f"the target's accounts are in the environment: {name} is not set to {what}"
        )
    return environ[name]


def _rows(text: str, name: str) -> list[Row]:
    """The accounts of a JSON list. Raises HarnessError U041, which says nothing of its content."""
    try:
        held = exactjson.loads(text)
    except ValueError:
        held = None
    if not isinstance(held, list):
        raise HarnessError("U041", f"{name} is not a JSON list of accounts")
    problems: list[str] = []
    rows = [_row(each, f"account {at}", problems.append, said=True) for at, each in enumerate(held, 1)]
    if problems:
        raise HarnessError("U041", f"{name}: {'; '.join(problems)}")
    return [row for row in rows if row is not None]


def _entry(row: Row, environ: Mapping[str, str]) -> Entry:
    def revealed(held: str | Secret, what: str) -> Secret:
        return held if isinstance(held, Secret) else Secret(_said(held, environ, what).strip())

    key = revealed(row.key, f"the private key of {row.name}")
    if not _PRIVATE_KEY.fullmatch(key.reveal()):
        raise HarnessError("U041", f"the key of the account {row.name} is no private key: 64 hex digits")
    from harness.accounts import Wallet  # it signs: a replay does not

    try:
        wallet = Wallet.of(key.reveal())
    except ValueError:
        raise HarnessError("U041", f"the key of the account {row.name} is no key of secp256k1") from None
    credentials = None
    if row.api:
        parts = {part: revealed(held, f"the API {part} of {row.name}") for part, held in row.api.items()}
        if any(len(part.reveal()) < MIN_SECRET_CHARS for part in parts.values()):
            text = f"an API credential of {row.name} is shorter than {MIN_SECRET_CHARS} characters"
            raise HarnessError("U041", text)
        credentials = Credentials(**parts)
    return Entry(row.name, key, wallet.address, row.kinds, row.roles, credentials, row.sessions)
