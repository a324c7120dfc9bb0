"""What a root configures (`harness.toml`, or `[tool.harness]` of `pyproject.toml`): its targets.

[targets.staging]
kind = "staging"                          # venue, local, staging or production
rest = "https://clob.staging.example"     # and ws, chain, control, data, gamma, relayer, rtds
chain = "env:STAGING_RPC_URL"             # an address with a secret is named by its environment variable
chain_id = 80002
contracts = {usdce = "0x5a1b8c3f2d4e60718293a4b5c6d7e8f901234567"}
fix = {host = "fix.staging.example", port = 9878, order_entry = {sender = "{FIRM}_OE", target = "OE"}}
environment = {host = "rest", path = "/environment", field = "name", is = "staging"}
build = {host = "rest", path = "/version", header = "x-build"}
builds = ["harvest", "frost", "thaw"]
limits = {item = {orders = 50, notional = "200"}, requests_per_second = 5}
accounts = {list = "env:STAGING_ACCOUNTS"}  # harness/pool/reading.py

[targets.again]
kind = "venue"
seed = 7                                  # and clock, fresh: it begins anew before every case
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from harness.errors import CaseError, GuardError, HarnessError, Place, Problem
from harness.guard import LIMITS, CompIDs, Kind, address_of
from harness.pool.reading import Listing, read_listing
from harness.provision.rules import read_rules
from harness.tables import Tables
from harness.targets import CHANNELS, Endpoints, Marker, Said, Target
from harness.wire.ctf import CONTRACTS_137, CONTRACTS_80002, Contracts, checksum_address

HARNESS_TOML: Final = "harness.toml"
VENUE_S: Final = ("kind", "limits", "fresh", "seed", "clock")
KEYS: Final = (
    *("kind", *CHANNELS, "chain_id", "contracts", "fix"),
    *("environment", "build", "builds", "limits", "accounts", "markets"),
)
KINDS: Final = tuple(kind.value for kind in Kind if kind is not Kind.UNKNOWN)
FROM_ENVIRONMENT: Final = "env:"
_SCHEMES: Final = {"ws": ("ws", "wss"), "rtds": ("ws", "wss"), "fix": ("tcp",)}
_SESSION_KINDS: Final = ("order_entry", "drop_copy")
_DOCUMENTED: Final = {80002: CONTRACTS_80002}
_PATH: Final = re.compile(r"/[!-\"$-~]*")
_NAME: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")


def configured(root: Path) -> dict[str, Target] | None:
    """The targets that a root configures; None where it is no root of ours.

    Raises CaseError T010, with all that is wrong (its author's fault).
    """
    for name, tables in ((HARNESS_TOML, ()), ("pyproject.toml", ("tool", "harness"))):
        path = root / name
        if not path.is_file():
            continue
        held: Any = _toml(path)
        for key in tables:
            held = held.get(key) if isinstance(held, dict) else None
        if held is not None:
            return _Reading(Place(str(path))).targets(held)
    return None


def resolved(target: Target, environ: Mapping[str, str]) -> Target:
    """The target with the addresses that its configuration names by environment variable.

    Raises HarnessError U040 where one is not set, or holds no address (the caller's fault): all at once, and
    what one holds is not told.
    """
    if target.endpoints is None:
        return target
    found: dict[str, Any] = {}
    wrong = []
    for channel, name in target.named.items():
        value = environ.get(name, "")
        if channel == "fix" and value:
            value = getattr(target.endpoints, channel).replace(FROM_ENVIRONMENT, value)
        if not value:
            wrong.append(f"takes its {channel} from the environment: {name} is not set")
        elif _problem_of(channel, value) is not None:
            scheme = "host" if channel == "fix" else f"{_schemes(channel)}://host:port/path"
            wrong.append(f"takes its {channel} from the environment: {name} does not hold a plain {scheme}")
        found[channel] = value.rstrip("/")
    if wrong:
        what = "host" if {*target.named} == {"fix"} else "whole URL"
        raise HarnessError("U040", f"the target {target.name!r} {'; it '.join(wrong)}. Set it to the {what}")
    return replace(target, endpoints=replace(target.endpoints, **found))


def told_by(targets: Mapping[str, Target], environ: Mapping[str, str], beside: Target) -> tuple[str, ...]:
    """The URLs of every production target beside one; of those that the environment has, the ones set."""
    urls: list[str] = []
    for each in targets.values():
        if each.kind is Kind.PRODUCTION and each is not beside and each.endpoints is not None:
            known = {channel: name for channel, name in each.named.items() if environ.get(name)}
            held = resolved(replace(each, named=known), environ).endpoints
            urls += held.urls.values() if held is not None else ()
    return tuple(url for url in urls if FROM_ENVIRONMENT not in url)


def lending(target: Target, environ: Mapping[str, str]) -> Target:
    """The target with the accounts that its configuration names by environment variable.

    Raises HarnessError U040 where one is not set, U041 where it holds something else (the caller's fault).
    """
    return target if target.accounts is None else replace(target, pool=target.accounts.resolved(environ))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError([Problem(Place(str(path)), "T010", f"is not TOML: {error}")]) from None


class _Reading(Tables):
    """A configuration's targets, read from its tables."""

    def targets(self, held: Any) -> dict[str, Target]:
        """The targets. Raises CaseError where anything is wrong."""
        root = self.table(held, "the configuration", ("targets",))
        tables = root.get("targets", {})
        found = {}
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if (target := self._target(name, table)) is not None:
                found[name] = target
        if self.problems:
            raise CaseError(self.problems)
        return found

    def _target(self, name: str, held: Any) -> Target | None:
        what = f"target {name!r}"
        word = held.get("kind") if isinstance(held, dict) else None
        if word not in KINDS:
            self.wrong(f"{what} says its kind, one of {', '.join(KINDS)}, and not {word!r}")
            return None
        kind = Kind(word)
        table = self.table(held, what, VENUE_S if kind is Kind.VENUE else KEYS)
        limits = self.limits(what, LIMITS[kind], table.get("limits", {}))
        if kind is Kind.VENUE:
            return Target(name, kind, limits=limits, beginning=self.beginning(what, table))
        urls, named = self._urls(what, table)
        chain_id = table.get("chain_id")
        if ("chain" in table) != (type(chain_id) is int):
            self.wrong(f"{what} names a 'chain' and its 'chain_id', a whole number, or neither")
        contracts = self._contracts(what, chain_id, table.get("contracts", {}))
        marker, build = self._marker(what, table), self._said(what, table, "build")
        if kind is Kind.STAGING and marker is None:
            self.wrong(f"{what} is written to: say by its 'environment' how it is told from production")
        accounts = self._accounts(what, kind, table["accounts"]) if "accounts" in table else None
        markets = read_rules(table.get("markets", {}), f"{what}, markets", self.wrong)
        builds = self._builds(what, table.get("builds", []))
        gateway, sessions = self._fix(what, table["fix"], named) if "fix" in table else ("", {})
        if self.problems:
            return None
        more = {channel: urls.get(channel, "") for channel in CHANNELS}
        endpoints = Endpoints(
            **more, chain_id=chain_id or 0, contracts=contracts, fix=gateway, sessions=sessions
        )
        return Target(
            name, kind, endpoints, marker, limits, named, build, builds, accounts=accounts, markets=markets
        )

    def _accounts(self, what: str, kind: Kind, held: Any) -> Listing | None:
        if kind is Kind.PRODUCTION:
            self.wrong(f"{what} is production, where no account is ever lent: leave out 'accounts'")
            return None
        return read_listing(held, f"{what}, accounts", self.wrong)

    def _urls(self, what: str, table: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        urls, named = {}, {}
        for channel in (channel for channel in CHANNELS if channel in table):
            url = table[channel]
            if not isinstance(url, str):
                self.wrong(f"{what} has as {channel} no address but {url!r}")
            elif url.startswith(FROM_ENVIRONMENT):
                named[channel] = self._variable(f"{what}, {channel}", url)
            elif (problem := _problem_of(channel, url)) is not None:
                self.wrong(f"{what}, {channel}: {problem}")
            else:
                urls[channel] = url.rstrip("/")
        if "rest" not in urls and "rest" not in named:
            self.wrong(f"{what} has no 'rest': where the exchange itself is")
        return urls, named

    def _variable(self, what: str, text: str) -> str:
        name = text.removeprefix(FROM_ENVIRONMENT)
        if not name.isascii() or not name.isidentifier():
            self.wrong(f"{what}: write {FROM_ENVIRONMENT} and the name of an environment variable")
        return name

    def _contracts(self, what: str, chain_id: Any, held: Any) -> Contracts:
        known = tuple(each.name for each in fields(Contracts))
        table = self.table(held, f"{what}, contracts", known)
        said = {}
        for name in (name for name in known if name in table):
            try:
                said[name] = checksum_address(table[name])
            except (ValueError, AttributeError) as error:
                self.wrong(f"{what}, contracts: {name} is no address: {error}")
                continue
            digits = table[name][2:]
            if digits not in (digits.lower(), digits.upper(), said[name][2:]):
                self.wrong(f"{what}, contracts: {name} is mistyped: its mixed case does not fit (EIP-55)")
        if table and chain_id is None:
            self.wrong(f"{what} says where contracts are, and has no 'chain'")
        return replace(_DOCUMENTED.get(chain_id, CONTRACTS_137), **said)

    def _said(self, what: str, table: Mapping[str, Any], key: str, *more: str) -> Said | None:
        """Where the target says something of itself."""
        if key not in table:
            return None
        what, known = f"{what}, {key}", ("host", "path", "field", "header", *more)
        held = {"host": "rest"} | self.table(table[key], what, known)
        texts = [held.get(name, "") for name in ("host", "path", "field", "header")]
        if not all(isinstance(text, str) for text in texts):
            self.wrong(f"{what}: says host, path and field or header, each a text")
            return None
        host, path, field, header = texts
        if host not in ("rest", "control") or host not in table:
            self.wrong(f"{what}: 'host' is rest or control, as this target has it")
        elif not _PATH.fullmatch(path):
            self.wrong(f"{what}: 'path' is what is asked for with GET, from / on, and not {path!r}")
        elif field and header:
            self.wrong(f"{what}: a 'field' of the answer says it, or a 'header', and not both")
        elif header and not _NAME.fullmatch(header):
            self.wrong(f"{what}: {header!r} is no header's name")
        return Said(host, path, field, header)

    def _marker(self, what: str, table: Mapping[str, Any]) -> Marker | None:
        said = self._said(what, table, "environment", "is")
        if said is None:
            return None
        held = table["environment"]
        expected = held.get("is") if isinstance(held, dict) else None
        if not isinstance(expected, str) or not expected:
            self.wrong(f"{what}, environment: 'is' is the text that says which environment it is")
            return None
        return Marker(said, expected)

    def _builds(self, what: str, held: Any) -> tuple[str, ...]:
        texts = held if isinstance(held, list) else [None]
        if not all(isinstance(each, str) and each for each in texts) or len({*texts}) < len(texts):
            self.wrong(f"{what}: 'builds' is a list of names, oldest first, each once")
            return ()
        return tuple(texts)

    def _fix(self, what: str, held: Any, named: dict[str, str]) -> tuple[str, dict[str, CompIDs]]:
        table = self.table(held, f"{what}, fix", ("host", "port", *_SESSION_KINDS))
        host = table.get("host")
        if isinstance(host, str) and host.startswith(FROM_ENVIRONMENT):
            named["fix"], host = self._variable(f"{what}, fix", host), FROM_ENVIRONMENT
        gateway = f"tcp://{host}:{table.get('port')}"
        told = gateway.replace(FROM_ENVIRONMENT, "host") if "fix" in named else gateway
        if (problem := _problem_of("fix", told)) is not None:
            self.wrong(f"{what}, fix: {problem}")
        sessions: dict[str, CompIDs] = {}
        for kind in (kind for kind in _SESSION_KINDS if kind in table):
            sides = self.table(table[kind], f"{what}, fix, {kind}", ("sender", "target"))
            if not all(isinstance(sides.get(side), str) for side in ("sender", "target")):
                self.wrong(f"{what}, fix, {kind}: says both CompIDs, 'sender' (ours) and 'target'")
                continue
            sessions[kind] = CompIDs(sides["sender"], sides["target"])
        return gateway, sessions


def _problem_of(channel: str, url: str) -> str | None:
    try:
        address_of(url)
    except GuardError as error:
        return error.text
    scheme = url.partition("://")[0]
    known = _SCHEMES.get(channel, ("http", "https"))
    return None if scheme in known else f"{scheme}:// is not its scheme, but {_schemes(channel)}"


def _schemes(channel: str) -> str:
    return " or ".join(_SCHEMES.get(channel, ("http", "https")))
