"""Whether what a case uses of a target is up: asked before it runs and after, each channel by itself."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from harness import asking
from harness.case.rules import selections_of
from harness.case.rules.values import Ledger, Reconcile
from harness.case.values import Case
from harness.clock import Clock, RunClock
from harness.errors import TargetError
from harness.model import By, Event, Kind, Source
from harness.notnow import is_logout
from harness.opening import fix_session, nobodys_session
from harness.targets import Endpoints

if TYPE_CHECKING:
    from harness.accounts import Account
    from harness.case.channels import Channel
    from harness.channels.dial import Dial

CONNECT_S: Final = 5
LISTEN_S: Final = 1
"""For so long a gateway that a case has lost is listened to: one whose engine is gone takes a connection and
hangs up; one that is up waits for a Logon, which is said where a case ends badly (`engine_down`)."""
ANSWER_S: Final = 10
"""How long an engine has to answer a Logon: as long as QuickFIX and QuickFIX/J give it."""
SHARED_US: Final = 1_000_000
"""A channel that was up so short a time ago is not asked again: one case ends as the next begins."""
CLOCK_US: Final = 60_000_000
"""For so long a clock that was right counts as right."""
_UNABLE: Final = 500
_TOLD: Final = {"ws": "the WebSocket host", "fix": "the FIX gateway", "rest": "the exchange"}


@dataclass(slots=True)
class Probes:
    """What is known of a target's channels in one pytest run: when each was last seen up."""

    clock: Clock = field(default_factory=RunClock)
    _up_us: dict[str, int] = field(default_factory=dict)
    _clock_us: int | None = None

    def before(self, case: Case, endpoints: Endpoints, dial: Dial) -> str | None:
        """What is wrong with a channel that the case uses, or None: all are up, or were a moment ago.

        Who the target is, and whether its chain's node answers, was asked already by whoever has the permit.
        """
        since_us = self.clock.now_us() - SHARED_US
        asked = [name for name in _used(case, endpoints) if self._up_us.get(name, since_us) <= since_us]
        return self._first_down(asked, endpoints, dial)

    def off_clock(self, endpoints: Endpoints, dial: Dial) -> str | None:
        """How the target's clock differs from this machine's so that what is signed may be refused, or None.

        Asked once a minute: clocks drift, and are set. Raises TargetError T001.
        """
        now_us = self.clock.now_us()
        if self._clock_us is not None and now_us - self._clock_us < CLOCK_US:
            return None
        off = asking.clock_off(asking.skew_us(endpoints, dial, self.clock))
        self._clock_us = now_us if off is None else None
        return off

    def after(self, case: Case, endpoints: Endpoints, dial: Dial, *, lost: bool = False) -> str | None:
        """The same when it has run, with the target as a whole and its chain's node; nothing is shared.

        `lost`: a FIX session of the case ended without a Logout.
        """
        down = asking.probe(endpoints, dial)
        return down or self._first_down(_used(case, endpoints), endpoints, dial, lost=lost)

    def _first_down(
        self, names: Iterable[str], endpoints: Endpoints, dial: Dial, *, lost: bool = False
    ) -> str | None:
        for name in names:
            down = _down(name, endpoints.urls[name], dial, listens=lost)
            if down is not None:
                self._up_us.pop(name, None)
                return down
            self._up_us[name] = self.clock.now_us()
        return None


def _used(case: Case, endpoints: Endpoints) -> tuple[str, ...]:
    """The channels of a target, by their names there, that a case opens beside the exchange's own REST."""
    names = {place_of(case, channel) for channel in _channels(case)}
    return tuple(sorted(name for name in names if name in endpoints.urls and name not in ("rest", "chain")))


def _channels(case: Case) -> set[str]:
    """The channels that its steps and checks speak of."""
    held = {step.source.channel for step in case.steps}
    for rule in (check.rule for check in case.checks):
        if not isinstance(rule, Ledger | Reconcile):
            held |= {each.source.channel for each in selections_of(rule)}
    return held


def place_of(case: Case, channel: str) -> str:
    """Where a channel of a case is on a target; "" where that is nowhere."""
    found = next((each for each in case.cast.channels if each.source_name == channel), None)
    if found is None:
        return ""
    if found.kind == "rest":
        return "rest" if found.host == "clob" else found.host
    return "rtds" if found.stream == "rtds" else found.kind


def met_gateway(events: Iterable[Event]) -> bool:
    """Whether a FIX connection was opened."""
    return any(event.kind is Kind.OPEN and event.source.channel.startswith("fix.") for event in events)


def lost_session(events: Iterable[Event]) -> bool:
    """Whether the other side ended a FIX connection without a Logout."""
    left: dict[Source, bool] = {}
    for event in events:
        if not event.source.channel.startswith("fix."):
            continue
        if event.kind is Kind.OPEN:
            left[event.source] = False
        elif event.kind is Kind.PUSH and is_logout(str(event.data.get("wire", {}).get("raw", ""))):
            left[event.source] = True
        elif event.kind is Kind.CLOSED and event.by is By.PEER and not left.get(event.source):
            return True
    return False


def engine_down(
    case: Case,
    accounts: Mapping[str, Account],
    endpoints: Endpoints,
    dial: Dial,
    register: Callable[[str, str], None],
    answer_s: int = ANSWER_S,
) -> str | None:
    """Whether the engine behind the FIX gateway is gone, as a run ends badly that had a session there.

    A session is logged on and off again: a new one where the target opens one, else the account's own. Any
    answer is a sign of life. Where the account's own gets none, it may be that session's trouble alone, and
    then it is the product's: a Logon of nobody is silent, too, where the engine is gone.
    """
    from harness.channels.fixgreeting import greeted

    clock = RunClock()
    for channel, actor in _sessions(case):
        account = accounts[actor]
        kind, version, exchange = channel.profile, channel.begin_string, channel.exchange
        try:
            address = fix_session(
                endpoints, dial, account, register, kind=kind, begin_string=version, exchange=exchange
            )
            heard = greeted(address, dial, clock, answer_s)
            if heard.answered:
                continue
            nobody = nobodys_session(endpoints, kind, version)
            if address.lasts and (nobody is None or greeted(nobody, dial, clock, answer_s).is_there):
                continue
        except asking.RefusedError as error:
            if error.status < _UNABLE:
                continue  # it is the control API's no, and says nothing of the engine
            return f"{_TOLD['fix']} opens no session: {error.text}"
        except TargetError as error:
            return f"{_TOLD['fix']} opens no session: {error.text}"
        except OSError as error:
            return f"{_TOLD['fix']} takes no connection: {error.strerror or error}"
        return f"{_TOLD['fix']} {heard}"
    return None


def _sessions(case: Case) -> tuple[tuple[Channel, str], ...]:
    """The FIX channels of a case's steps with an actor, one of a sort: each may have its own engine."""
    sorts: dict[tuple[str, str, str], tuple[Channel, str]] = {}
    for source in (step.source for step in case.steps):
        if source.channel.startswith("fix.") and source.actor:
            each = case.cast.of_source(source)
            sorts.setdefault((each.profile, each.begin_string, each.exchange), (each, source.actor))
    return tuple(sorts.values())


def _down(name: str, url: str, dial: Dial, *, listens: bool) -> str | None:
    """What is wrong with one channel; None where it is up.

    A gateway is up that takes a connection, a host that answers anything but that it is unable: a session or
    a stream of our own beside the case's could change what the case sees.
    """
    from harness.channels.web import UnansweredError, Web
    from harness.wire.exchange import request_of

    told = _TOLD.get(name, f"the host {name!r}")
    split = urlsplit(url)
    if split.scheme == "tcp":
        if dial.patience is not None:
            dial.patience.turn()
        try:
            opened = dial.connect(split.hostname or "", split.port or 0, CONNECT_S)
        except OSError as error:
            return f"{told} takes no connection: {error.strerror or error}"
        with opened:
            return f"{told} takes a connection and hangs up" if listens and _hangs_up(opened) else None
    plain = url.replace("ws", "http", 1) if split.scheme in ("ws", "wss") else url
    try:
        with Web(plain, dial, RunClock(), exchange_s=CONNECT_S) as web:
            answer = web.exchange(request_of("GET", web.host, web.target, {"connection": "close"}, b""))
    except UnansweredError as error:
        return f"{told} does not answer: {error}"
    return f"{told} answers {answer.status}" if answer.status >= _UNABLE else None


def _hangs_up(opened: socket.socket) -> bool:
    opened.settimeout(LISTEN_S)
    try:
        return not opened.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True
