"""What a root configures (`harness.toml`, or `[tool.harness]` of `pyproject.toml`): its targets.

[targets.staging]
kind = "staging"                          # venue, local, staging or production
rest = "https://clob.staging.example"     # and ws, chain, control, data, gamma, relayer, rtds
chain = "env:STAGING_RPC_URL"             # an address with a secret is named by its environment variable
chain_id = 80002
fix = {host = "fix.staging.example", port = 9878, order_entry = {sender = "{FIRM}_OE", target = "OE"}}
environment = {host = "rest", path = "/environment", field = "name", is = "staging"}
limits = {item = {orders = 50, notional = "200"}, requests_per_second = 5}
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from harness.errors import CaseError, GuardError, HarnessError, Place, Problem
from harness.guard import LIMITS, Caps, CompIDs, Kind, Limits, address_of
from harness.matchers import nearest
from harness.targets import CHANNELS, Endpoints, Marker, Target
from harness.wire.ctf import CONTRACTS_137

VENUE_S: Final = ("kind", "limits")
KEYS: Final = ("kind", *CHANNELS, "chain_id", "fix", "environment", "limits")
KINDS: Final = tuple(kind.value for kind in Kind if kind is not Kind.UNKNOWN)
FROM_ENVIRONMENT: Final = "env:"
_SCHEMES: Final = {"ws": ("ws", "wss"), "rtds": ("ws", "wss")}
_SESSION_KINDS: Final = ("order_entry", "drop_copy")
_CAPS: Final = ("orders", "notional", "transactions", "requests")


def configured(root: Path) -> dict[str, Target] | None:
    """The targets that a root configures; None where it is no root of ours.

    Raises CaseError T010, with all that is wrong (its author's fault).
    """
    for name, tables in (("harness.toml", ()), ("pyproject.toml", ("tool", "harness"))):
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

    Raises HarnessError U040 where one is not set (the caller's fault).
    """
    found: dict[str, Any] = {}
    for channel, name in target.named.items():
        if not environ.get(name):
            text = f"the target {target.name!r} takes its {channel} from the environment: {name} is not set"
            raise HarnessError("U040", f"{text}. Set it to the whole URL")
        found[channel] = environ[name]
    return replace(target, endpoints=replace(target.endpoints, **found)) if target.endpoints else target


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError([Problem(Place(str(path)), "T010", f"is not TOML: {error}")]) from None


@dataclass(slots=True)
class _Reading:
    """One file of configuration, and what is wrong with it."""

    place: Place
    problems: list[Problem] = field(default_factory=list)

    def targets(self, held: Any) -> dict[str, Target]:
        """The targets. Raises CaseError where anything is wrong."""
        root = self._table(held, "the configuration", ("targets",))
        tables = root.get("targets", {})
        found = {}
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if (target := self._target(name, table)) is not None:
                found[name] = target
        if self.problems:
            raise CaseError(self.problems)
        return found

    def _wrong(self, text: str) -> None:
        self.problems.append(Problem(self.place, "T010", text))

    def _table(self, held: Any, what: str, known: Sequence[str]) -> dict[str, Any]:
        if not isinstance(held, dict):
            self._wrong(f"{what} is a table of {', '.join(known)}")
            return {}
        for key in held:
            if key not in known:
                close = nearest(key, known)
                hint = f"did you mean {close!r}?" if close else f"known are {', '.join(known)}"
                self._wrong(f"{what} has an unknown key {key!r}: {hint}")
        return held

    def _target(self, name: str, held: Any) -> Target | None:
        what = f"target {name!r}"
        word = held.get("kind") if isinstance(held, dict) else None
        if word not in KINDS:
            self._wrong(f"{what} says its kind, one of {', '.join(KINDS)}, and not {word!r}")
            return None
        kind = Kind(word)
        table = self._table(held, what, VENUE_S if kind is Kind.VENUE else KEYS)
        limits = self._limits(what, kind, table.get("limits", {}))
        if kind is Kind.VENUE:
            return Target(name, kind, limits=limits)
        urls, named = self._urls(what, table)
        chain_id = table.get("chain_id")
        if ("chain" in table) != (type(chain_id) is int):
            self._wrong(f"{what} names a 'chain' and its 'chain_id', a whole number, or neither")
        marker = self._marker(what, table)
        if kind is Kind.STAGING and marker is None:
            self._wrong(f"{what} is written to: say by its 'environment' how it is told from production")
        gateway, sessions = self._fix(what, table["fix"]) if "fix" in table else ("", {})
        if self.problems:
            return None
        more = {channel: urls.get(channel, "") for channel in CHANNELS}
        endpoints = Endpoints(
            **more, chain_id=chain_id or 0, contracts=CONTRACTS_137, fix=gateway, sessions=sessions
        )
        return Target(name, kind, endpoints, marker, limits, named)

    def _urls(self, what: str, table: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        urls, named = {}, {}
        for channel in (channel for channel in CHANNELS if channel in table):
            url = table[channel]
            if not isinstance(url, str):
                self._wrong(f"{what} has as {channel} no address but {url!r}")
            elif url.startswith(FROM_ENVIRONMENT):
                named[channel] = url.removeprefix(FROM_ENVIRONMENT)
            elif (problem := _problem_of(channel, url)) is not None:
                self._wrong(f"{what}, {channel}: {problem}")
            else:
                urls[channel] = url.rstrip("/")
        if "rest" not in urls and "rest" not in named:
            self._wrong(f"{what} has no 'rest': where the exchange itself is")
        return urls, named

    def _marker(self, what: str, table: Mapping[str, Any]) -> Marker | None:
        if "environment" not in table:
            return None
        known = ("host", "path", "field", "is")
        held = self._table(table["environment"], f"{what}, environment", known)
        said = {key: held.get(key, {"host": "rest"}.get(key)) for key in known}
        if not all(isinstance(value, str) and value for value in said.values()):
            self._wrong(f"{what}, environment: says {', '.join(known)}, each a text")
            return None
        if said["host"] not in ("rest", "control") or said["host"] not in table:
            self._wrong(f"{what}, environment: 'host' is rest or control, as this target has it")
            return None
        return Marker(str(said["host"]), str(said["path"]), str(said["field"]), str(said["is"]))

    def _fix(self, what: str, held: Any) -> tuple[str, dict[str, CompIDs]]:
        table = self._table(held, f"{what}, fix", ("host", "port", *_SESSION_KINDS))
        gateway = f"tcp://{table.get('host')}:{table.get('port')}"
        if (problem := _problem_of("fix", gateway)) is not None:
            self._wrong(f"{what}, fix: {problem}")
        sessions: dict[str, CompIDs] = {}
        for kind in (kind for kind in _SESSION_KINDS if kind in table):
            sides = self._table(table[kind], f"{what}, fix, {kind}", ("sender", "target"))
            if not all(isinstance(sides.get(side), str) for side in ("sender", "target")):
                self._wrong(f"{what}, fix, {kind}: says both CompIDs, 'sender' (ours) and 'target'")
                continue
            sessions[kind] = CompIDs(sides["sender"], sides["target"])
        return gateway, sessions

    def _limits(self, what: str, kind: Kind, held: Any) -> Limits:
        default = LIMITS[kind]
        table = self._table(held, f"{what}, limits", ("item", "run", "requests_per_second"))
        pace = table.get("requests_per_second", default.requests_per_second)
        if pace is not None and (type(pace) is not int or pace < 1):
            self._wrong(f"{what}, limits: requests_per_second is a whole number from 1 on, not {pace!r}")
            pace = None
        item = self._caps(f"{what}, limits, item", table.get("item", {}), default.item)
        run = self._caps(f"{what}, limits, run", table.get("run", {}), default.run)
        return Limits(item, run, pace)

    def _caps(self, what: str, held: Any, default: Caps) -> Caps:
        said: dict[str, Any] = {}
        table = self._table(held, what, _CAPS)
        for key in (key for key in _CAPS if key in table):
            value = table[key]
            if key == "notional":
                said[key] = _money(value)
            elif type(value) is int and value >= 0:
                said[key] = value
            if said.get(key) is None:
                self._wrong(f"{what}: {key!r} is a number from 0 on, not {value!r}")
        return replace(default, **said)


def _problem_of(channel: str, url: str) -> str | None:
    schemes = ("tcp",) if channel == "fix" else _SCHEMES.get(channel, ("http", "https"))
    try:
        address_of(url)
    except GuardError as error:
        return error.text
    scheme = url.partition("://")[0]
    return None if scheme in schemes else f"{scheme}:// is not its scheme, but {' or '.join(schemes)}"


def _money(value: Any) -> Decimal | None:
    """An amount that is exact: a text or a number, from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
