"""Targets: where a case can run live, and what one says of itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from harness import exactjson
from harness.clock import RunClock
from harness.errors import TargetError
from harness.facts import ChainFacts
from harness.guard import LIMITS, CompIDs, Identity, Kind, Limits, Proofs
from harness.redact import MIN_SECRET_CHARS
from harness.wire.ctf import Contracts
from harness.wire.jsonrpc import quantity

if TYPE_CHECKING:
    from harness.accounts import Account
    from harness.channels.address import FixAddress
    from harness.channels.dial import Dial
    from harness.channels.requestkey import RequestKey

_ASK_S: Final = 5
_MORE: Final = ("data", "gamma", "relayer", "rtds")
"""Hosts that a target may have beside the exchange itself."""
CHANNELS: Final = ("rest", "ws", "chain", "control", *_MORE)
"""What a target may have an address for, beside its FIX gateway."""
_SECOND_US: Final = 1_000_000
_SECONDS_DIGITS: Final = 12


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

    def host(self, name: str) -> str:
        """Where a channel's host listens; `clob` is `rest`. Raises TargetError where there is none."""
        url: str = getattr(self, "rest" if name == "clob" else name)
        if not url:
            known = ", ".join("clob" if each == "rest" else each for each in self.urls)
            raise TargetError("T006", f"the target has no {name} host: it has {known}")
        return url


@dataclass(frozen=True, slots=True)
class Marker:
    """Where a target says which environment it is, and what it must say.

    That is a JSON field of GET `path` on `host`; `field` names one, or one inside another: `service.name`.
    """

    host: str
    path: str
    field: str
    expected: str


@dataclass(frozen=True, slots=True)
class Target:
    """One configured target.

    Kind `venue` is the embedded exchange, started for the run: only then is it known where it is. `named` are
    the channels whose address is in an environment variable, with its name.
    """

    name: str
    kind: Kind
    endpoints: Endpoints | None = None
    marker: Marker | None = None
    limits: Limits = LIMITS[Kind.VENUE]
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_real_accounts(self) -> bool:
        """Whether what stands on it may be people's: everywhere but on the exchange started for the run."""
        return self.kind is not Kind.VENUE

    def register(self, known: Callable[[str, str], None]) -> None:
        """Make known what is secret in its addresses: the path of each that the environment gave."""
        for channel in self.named:
            url: str = getattr(self.endpoints, channel, "")
            path = url.partition("://")[2].partition("/")[2]
            if len(path.strip()) >= MIN_SECRET_CHARS:
                known(f"target.{channel}", path)


def _gateway(line: Mapping[str, Any] | None) -> dict[str, Any]:
    """Where FIX sessions are, and how they are called."""
    if line is None:
        return {}
    named = {kind: CompIDs(**row) for kind, row in line.items() if isinstance(row, dict)}
    return {"fix": f"tcp://{line['host']}:{line['port']}", "sessions": named}


def gathered_proofs(endpoints: Endpoints, dial: Dial, marker: Marker | None = None) -> Proofs:
    """Ask a target who it is. Raises TargetError where it does not answer (the environment's fault).

    Where there is a control API, it says how the target is and at which build; else that REST answers is all.
    """
    healthy, build = True, None
    if endpoints.control:
        health = _ask(dial, "GET", f"{endpoints.control}/health")
        healthy, build = health.get("ok") is True, health.get("build")
    else:
        _ask(dial, "GET", f"{endpoints.rest}/time")
    environment: Any = None
    if marker is not None:
        environment = _ask(dial, "GET", f"{endpoints.host(marker.host)}{marker.path}")
        for name in marker.field.split("."):
            environment = environment.get(name) if isinstance(environment, dict) else None
    chain_id = _rpc(dial, endpoints.chain, "eth_chainId") if endpoints.chain else None
    return Proofs(healthy, build, chain_id, environment if isinstance(environment, str) else None)


def chain_facts(endpoints: Endpoints, dial: Dial) -> ChainFacts:
    """The chain's facts at the start of a run; without a chain, from its beginning.

    Raises TargetError where the node does not answer.
    """
    contracts = endpoints.contracts
    head = _rpc(dial, endpoints.chain, "eth_blockNumber") if endpoints.chain else -1
    return ChainFacts(
        endpoints.chain_id,
        contracts.exchange,
        contracts.ctf,
        contracts.collateral,
        head + 1,
        contracts.usdce,
        contracts.neg_risk_exchange,
    )


def fix_session(
    endpoints: Endpoints,
    dial: Dial,
    account: Account,
    register: Callable[[str, str], None],
    *,
    kind: str,
    begin_string: str,
    exchange: str = "",
) -> FixAddress:
    """Have the venue open a FIX session for an account, in the conventions of an exchange where one is named.

    Where its Logons are signed, the key is made here, registered, and never leaves the process.

    Raises TargetError where it does not, GuardError where the session is not at the gateway that was judged
    or is called otherwise.
    """
    from harness.channels.address import FixAddress

    wallet, named = account.wallet, f"{exchange}.{kind}" if exchange else kind
    asked = {"address": wallet.address, "kind": kind, "begin_string": begin_string}
    if exchange:
        asked["profile"] = exchange
    sign = None
    if named in endpoints.sessions and endpoints.sessions[named].signed_logon:
        from harness.channels.logonkey import LogonKey

        sign = LogonKey.create(account.name, register)
        asked["public_key"] = sign.public_key
    if kind == "order_entry":
        asked["private_key"] = "0x" + wallet.key.to_hex()  # the venue signs what such a session enters
    endpoints.host("fix")
    view = _ask(dial, "POST", f"{endpoints.host('control')}/fix-sessions", asked)
    place = (view["host"], view["port"])
    dial.session(named, place, view["sender"], view["target"])
    return FixAddress(*place, view["sender"], view["target"], view["begin_string"], sign)


def request_key(
    endpoints: Endpoints, dial: Dial, account: Account, register: Callable[[str, str], None], exchange: str
) -> RequestKey:
    """Have the venue make an API key of another exchange for an account; the RSA key is made here, as above.

    Raises TargetError where it does not.
    """
    from harness.channels.logonkey import LogonKey
    from harness.channels.requestkey import RequestKey

    key = LogonKey.create(account.name, register)
    asked = {
        "profile": exchange,
        "private_key": "0x" + account.wallet.key.to_hex(),  # the venue signs what is entered with it
        "public_key": key.public_key,
    }
    made = _ask(dial, "POST", f"{endpoints.host('control')}/profile-keys", asked)
    told = made["signed"]
    register(f"{account.name}.request_key", made["key"])
    return RequestKey(key, made["key"], told["key"], told["timestamp"], told["signature"], told["over"])


def probe(endpoints: Endpoints, dial: Dial) -> str | None:
    """Whether the target is up: None, or what is wrong with it."""
    try:
        gathered_proofs(endpoints, dial)
        _ask(dial, "GET", f"{endpoints.rest}/time")
    except TargetError as error:
        return error.text
    return None


def skew_us(endpoints: Endpoints, dial: Dial) -> int:
    """The target's clock minus ours, in microseconds; 0 where they agree within what can be told.

    GET /time and the Date header of its answer say whole seconds: each names a second in which the target's
    clock was between our sending and our receiving. Raises TargetError where it does not answer.
    """
    url, clock = f"{endpoints.rest}/time", RunClock()
    answer, date = _exchange(dial, "GET", url)
    text = str(answer)
    if not text.isascii() or not text.isdecimal() or len(text) > _SECONDS_DIGITS:
        raise TargetError("T001", f"{url} says {text[:80]!r}, and not the seconds since 1970")
    sent_us, received_us = clock.started_wall_us, clock.started_wall_us + clock.now_us()
    least_us, most_us = int(text) * _SECOND_US - received_us, (int(text) + 1) * _SECOND_US - sent_us
    with contextlib.suppress(ValueError, OverflowError):
        date_us = int(parsedate_to_datetime(date).timestamp()) * _SECOND_US
        narrow = max(least_us, date_us - received_us), min(most_us, date_us + _SECOND_US - sent_us)
        if narrow[0] <= narrow[1]:  # else it is another clock's, of a cache or a proxy
            least_us, most_us = narrow
    return 0 if least_us <= 0 <= most_us else (least_us + most_us) // 2


def _rpc(dial: Dial, url: str, method: str) -> int:
    """A number that the node is asked for. Its address is not told: a provider's key may stand in it."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": []}
    answer, _ = _exchange(dial, "POST", url, body, told="the chain's node")
    try:
        return quantity(answer.get("result"))
    except (AttributeError, ValueError):
        shown = exactjson.dumps(answer)[:200]
        raise TargetError("T001", f"the chain's node answers {method} with {shown}") from None


def _ask(dial: Dial, method: str, url: str, body: Any = None) -> dict[str, Any]:
    answer, _ = _exchange(dial, method, url, body)
    return answer if isinstance(answer, dict) else {"value": answer}


def _exchange(dial: Dial, method: str, url: str, body: Any = None, told: str = "") -> tuple[Any, str]:
    """The answer's JSON and its Date; `told` is what errors call the place, where not by its URL."""
    from harness.channels.web import UnansweredError, Web
    from harness.wire.exchange import request_of

    content = b"" if body is None else exactjson.dumps(body).encode()
    headers = {"content-type": "application/json", "connection": "close"}
    try:
        with Web(url, dial, RunClock(), exchange_s=_ASK_S) as web:
            answer = web.exchange(request_of(method, web.host, web.target, headers, content))
        came = exactjson.loads(answer.body) if answer.status == 200 else None
    except (UnansweredError, ValueError) as error:
        raise TargetError("T001", f"{told or url} does not answer: {error}. Is the target up?") from None
    if answer.status != 200:
        shown = answer.body[:200].decode(errors="replace")
        raise TargetError("T001", f"{told or url} answers {answer.status}: {shown}")
    return came, answer.header("date")
