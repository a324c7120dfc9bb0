"""Whether what a case uses of a target is up: asked before it runs and after, each channel by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from harness import asking
from harness.case.rules import selections_of
from harness.case.rules.values import Ledger, Reconcile
from harness.case.values import Case
from harness.clock import Clock, RunClock
from harness.targets import Endpoints

if TYPE_CHECKING:
    from harness.channels.dial import Dial

CONNECT_S: Final = 5
SHARED_US: Final = 1_000_000
"""A channel that was up so short a time ago is not asked again: one case ends as the next begins."""
_UNABLE: Final = 500
_TOLD: Final = {"ws": "the WebSocket host", "fix": "the FIX gateway", "rest": "the exchange"}


@dataclass(slots=True)
class Probes:
    """What is known of a target's channels in one pytest run: when each was last seen up."""

    clock: Clock = field(default_factory=RunClock)
    _up_us: dict[str, int] = field(default_factory=dict)

    def before(self, case: Case, endpoints: Endpoints, dial: Dial) -> str | None:
        """What is wrong with a channel that the case uses, or None: all are up, or were a moment ago.

        Who the target is, and whether its chain's node answers, was asked already by whoever has the permit.
        """
        since_us = self.clock.now_us() - SHARED_US
        asked = [name for name in _used(case, endpoints) if self._up_us.get(name, since_us) <= since_us]
        return self._first_down(asked, endpoints, dial)

    def after(self, case: Case, endpoints: Endpoints, dial: Dial) -> str | None:
        """The same when it has run, with the target as a whole and its chain's node; nothing is shared."""
        down = asking.probe(endpoints, dial)
        return down or self._first_down(_used(case, endpoints), endpoints, dial)

    def _first_down(self, names: Iterable[str], endpoints: Endpoints, dial: Dial) -> str | None:
        for name in names:
            down = _down(name, endpoints.urls[name], dial)
            if down is not None:
                self._up_us.pop(name, None)
                return down
            self._up_us[name] = self.clock.now_us()
        return None


def _used(case: Case, endpoints: Endpoints) -> tuple[str, ...]:
    """The channels of a target, by their names there, that a case opens beside the exchange's own REST."""
    names = {_place(case, channel) for channel in _channels(case)}
    return tuple(sorted(name for name in names if name in endpoints.urls and name not in ("rest", "chain")))


def _channels(case: Case) -> set[str]:
    """The channels that its steps and checks speak of."""
    held = {step.source.channel for step in case.steps}
    for rule in (check.rule for check in case.checks):
        if not isinstance(rule, Ledger | Reconcile):
            held |= {each.source.channel for each in selections_of(rule)}
    return held


def _place(case: Case, channel: str) -> str:
    """Where a channel of a case is on a target; "" where that is nowhere."""
    found = next((each for each in case.cast.channels if each.source_name == channel), None)
    if found is None:
        return ""
    if found.kind == "rest":
        return "rest" if found.host == "clob" else found.host
    return "rtds" if found.stream == "rtds" else found.kind


def _down(name: str, url: str, dial: Dial) -> str | None:
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
            dial.connect(split.hostname or "", split.port or 0, CONNECT_S).close()
        except OSError as error:
            return f"{told} takes no connection: {error.strerror or error}"
        return None
    plain = url.replace("ws", "http", 1) if split.scheme in ("ws", "wss") else url
    try:
        with Web(plain, dial, RunClock(), exchange_s=CONNECT_S) as web:
            answer = web.exchange(request_of("GET", web.host, web.target, {"connection": "close"}, b""))
    except UnansweredError as error:
        return f"{told} does not answer: {error}"
    return f"{told} answers {answer.status}" if answer.status >= _UNABLE else None
