"""Where a target's channels are, and leave to look there: for reads, of each channel by itself.

Each address is judged as a run would judge it, by the target's own kind. REST, control and chain are then
asked with leave to ask who the target is; the rest is opened as production is, where nothing is ever written:
no proof of identity lifts that here, so none is needed.
A Logon, the one thing that writes, has the leave of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from harness import guard
from harness.admission import admitted, inquired
from harness.asking import gathered_proofs
from harness.channels.dial import Dial
from harness.channels.web import UnansweredError, Web
from harness.clock import Clock, RunClock
from harness.errors import TargetError
from harness.guard import Effect, Identity, Kind, Operation, Plan, Proofs, address_of, of_intent
from harness.redact import Redactor
from harness.targets import Endpoints, Target
from harness.wire.exchange import Answer, request_of

ASK_S: Final = 5
"""How long one exchange may take, connecting and all."""
_ASKED: Final = ("rest", "control", "chain")
_LOOK: Final = Operation("harness check-target", "looks", Effect.READ)


@dataclass(frozen=True, slots=True)
class Places:
    """A target with its addresses, those of production beside it, and the redactor that knows its secrets.

    `clock` is the one that the target's should agree with: this machine's, unless the target has its own.
    """

    target: Target
    endpoints: Endpoints
    production: tuple[str, ...]
    redactor: Redactor
    clock: Clock

    @property
    def now_s(self) -> int:
        """The Unix second that it should be there."""
        return (self.clock.started_wall_us + self.clock.now_us()) // 1_000_000

    def url(self, channel: str) -> str:
        """A channel's address; empty where the target has none."""
        return self.endpoints.urls.get(channel, "")

    def shown(self, channel: str) -> str:
        """A channel's address as it may be told: of one that the environment gave, no path."""
        url, name = self.url(channel), self.target.named.get(channel)
        if name is None:
            return url
        scheme, _, behind = url.partition("://")
        host, slash, _ = behind.partition("/")
        return f"{scheme}://{host}{slash and '/…'} (env:{name})"

    def dial(self, channel: str) -> Dial:
        """Leave to look at a channel. Raises GuardError, TargetError T001 where its name is not known."""
        plan = self._plan(channel)
        asked, resolved = inquired(plan)
        if channel in _ASKED:
            return Dial(asked)
        as_production = replace(plan, kind=Kind.PRODUCTION, identity=Identity(), production=())
        asked = guard.inquiry(as_production, resolved)
        return Dial(guard.permit(asked, Proofs(healthy=True, build=None, chain_id=None)))

    def writes(self, what: str) -> Dial:
        """Leave to do one thing that writes, as a run gets it: the target proves who it is first.

        Raises GuardError, which it always is on production, TargetError where the target does not answer.
        """
        target, marker = self.target, self.target.marker
        identity = self.endpoints.identity(None if marker is None else marker.expected)
        act = (Operation("harness check-target", what, Effect.WRITE),)
        plan = Plan(target.name, target.kind, act, self.endpoints.urls, identity, self.production)
        return Dial(admitted(plan, lambda asked: gathered_proofs(self.endpoints, Dial(asked), marker)))

    def led(self, channel: str, dial: Dial) -> str:
        """Where a channel's name leads; empty where its address is a number already."""
        address = address_of(self.url(channel))
        leads = ", ".join(dial.addresses(address.host, address.port))
        return "" if address.is_numeric else f"{address.host} leads to {leads}; "

    def _plan(self, channel: str) -> Plan:
        target, marker = self.target, self.target.marker
        url = self.endpoints.host(channel)
        identity = Identity(None if marker is None else marker.expected, self.endpoints.chain_id)
        return Plan(target.name, target.kind, (_LOOK,), {channel: url}, identity, self.production)


def got(places: Places, channel: str, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer to a GET that is known to only read, whatever its status.

    Raises TargetError where none comes, GuardError, ValueError for what may write (the caller's fault).
    """
    host = "clob" if channel == "rest" else channel
    if not of_intent("rest", {"method": "GET", "path": path}, host=host).is_read:
        raise ValueError(f"GET {path} of {host} is not known to only read")
    try:
        with Web(places.url(channel), places.dial(channel), RunClock(), exchange_s=ASK_S) as web:
            sent = {**(headers or {}), "connection": "close"}
            return web.exchange(request_of("GET", web.host, web.path + path, sent))
    except UnansweredError as error:
        raise TargetError(error.code, error.told) from None
