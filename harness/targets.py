"""Targets: where a case can run live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from harness.errors import TargetError
from harness.guard import LIMITS, CompIDs, Identity, Kind, Limits
from harness.pool.values import Pool
from harness.provision.rules import MarketRules
from harness.redact import MIN_SECRET_CHARS
from harness.wire.ctf import Contracts

if TYPE_CHECKING:
    from harness.pool.reading import Listing

_MORE: Final = ("data", "gamma", "relayer", "rtds")
"""Hosts that a target may have beside the exchange itself."""
CHANNELS: Final = ("rest", "ws", "chain", "control", *_MORE)
"""What a target may have an address for, beside its FIX gateway."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a target's channels listen, and its contracts; an empty address: the target has none."""

    rest: str
    ws: str
    chain: str
    control: str
    chain_id: int
    contracts: Contracts
    data: str = ""
    gamma: str = ""
    relayer: str = ""
    rtds: str = ""
    fix: str = ""
    sessions: Mapping[str, CompIDs] = field(default_factory=dict)
    """The CompIDs of the FIX gateway's sessions, by their kind."""

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Endpoints:
        """Read the line that the venue prints when it is ready."""
        more: dict[str, Any] = {name: line.get(name) or "" for name in _MORE}
        more |= _gateway(line.get("fix"))
        return cls(
            line["rest"],
            line["ws"],
            line["chain"],
            line["control"],
            line["chain_id"],
            Contracts(**line["contracts"]),
            **more,
        )

    @property
    def urls(self) -> dict[str, str]:
        """Every address that a run would open, by its channel."""
        named = {name: getattr(self, name) for name in (*CHANNELS, "fix")}
        return {name: url for name, url in named.items() if url}

    def identity(self, environment: str | None = None, build: str | None = None) -> Identity:
        """What a target at these addresses must prove."""
        return Identity(environment, self.chain_id, build, self.sessions)

    def origin(self, name: str) -> str:
        """Where a channel's limits are counted: scheme, name and port of its host; "" where there is none."""
        return origin_of(self.rest if name == "clob" else getattr(self, name, ""))

    def host(self, name: str) -> str:
        """Where a channel's host listens; `clob` is `rest`. Raises TargetError where there is none."""
        url: str = getattr(self, "rest" if name == "clob" else name)
        if not url:
            known = ", ".join("clob" if each == "rest" else each for each in self.urls)
            raise TargetError("T006", f"the target has no {name} host: it has {known}")
        return url


@dataclass(frozen=True, slots=True)
class Said:
    """Where a target says something of itself: in its answer to GET `path` on `host` (rest or control).

    In a JSON `field`, or one inside another: `service.name`; or in a `header`; else the whole answer says it.
    """

    host: str
    path: str
    field: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """Where a target says which environment it is, and what it must say."""

    said: Said
    expected: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """How the embedded exchange begins: `fresh`, anew before every item, or once for the run.

    What it draws, and what a run draws for its steps, comes of `seed` (None: by chance); its time starts at
    `clock_s` (Unix seconds; None: the machine's). Raises ValueError for either without `fresh` (the caller's
    fault): what an item finds would hang on those before it.
    """

    fresh: bool = False
    seed: int | None = None
    clock_s: int | None = None

    def __post_init__(self) -> None:
        if not self.fresh and (self.seed is not None or self.clock_s is not None):
            raise ValueError("a seed and a clock are for an exchange that begins anew before every item")

    @property
    def options(self) -> list[str]:
        """What the exchange is started with, for its command line."""
        said = {"--seed": self.seed, "--clock": self.clock_s}
        return [f"{name}={value}" for name, value in said.items() if value is not None]


@dataclass(frozen=True, slots=True)
class Target:
    """One configured target.

    Kind `venue` is the embedded exchange, started for the run: only then is it known where it is. `named` are
    the channels whose address is in an environment variable, with its name. `build` is where it says at which
    build it is (None: its control API does, where it has one), `builds` their order, oldest first.
    `beginning` is how the embedded exchange begins.
    """

    name: str
    kind: Kind
    endpoints: Endpoints | None = None
    marker: Marker | None = None
    limits: Limits = LIMITS[Kind.VENUE]
    named: Mapping[str, str] = field(default_factory=dict)
    build: Said | None = None
    builds: tuple[str, ...] = ()
    beginning: Beginning = Beginning()
    accounts: Listing | None = None
    """The accounts that it lends, as configured; without, a new wallet is made for every actor."""
    markets: MarketRules = field(default_factory=MarketRules)
    """Which markets cases may trade where there is no control API."""
    pool: Pool = field(default_factory=Pool)
    """The accounts as they are, once the environment was asked."""

    @property
    def has_real_accounts(self) -> bool:
        """Whether what stands on it may be people's: everywhere but on the exchange started for the run."""
        return self.kind is not Kind.VENUE

    def register(self, known: Callable[[str, str], None]) -> None:
        """Make known what is secret of it: the path of each address that the environment gave, and the keys
        of its accounts."""
        self.pool.register(known)
        for channel in self.named:
            url: str = getattr(self.endpoints, channel, "")
            path = url.partition("://")[2].partition("/")[2]
            if len(path.strip()) >= MIN_SECRET_CHARS:
                known(f"target.{channel}", path)


def origin_of(url: str) -> str:
    """Scheme, name and port of an address, without its path: that may be a secret."""
    scheme, joint, rest = url.partition("://")
    return scheme + joint + rest.partition("/")[0]


def _gateway(line: Mapping[str, Any] | None) -> dict[str, Any]:
    """Where FIX sessions are, and how they are called."""
    if line is None:
        return {}
    named = {kind: CompIDs(**row) for kind, row in line.items() if isinstance(row, dict)}
    return {"fix": f"tcp://{line['host']}:{line['port']}", "sessions": named}
