"""What is asked of a target before and after a case: each channel that it uses, at most once a second."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any

import pytest
from spine.story import case

from harness.budget import Tally
from harness.case.values import Case
from harness.channels.dial import Dial
from harness.clock import ManualClock
from harness.errors import GuardError
from harness.guard import Caps, Limits, Spent
from harness.model import By, Event, Kind, Source
from harness.patience import Patience
from harness.probing import SHARED_US, Probes, lost_session
from harness.targets import Endpoints
from harness.wire.ctf import CONTRACTS_137

from .leaves import OPEN_DIAL, permit_for
from .webpeer import Answer, WebPeer

HOSTS = ("ws", "data", "gamma", "rtds")
STEPS = {
    "rest": "{id: it, rest: GET /time, expect: {status: 200}}",
    "ws": "{id: it, ws: user, as: alice, subscribe: {markets: []}}",
    "fix": "{id: it, fix: oe, as: alice, logon: {ResetSeqNumFlag: true}}",
    "data": "{id: it, rest: GET /positions, on: data, expect: {status: 200}}",
    "rtds": "{id: it, ws: rtds, subscribe: {topics: []}}",
}


def using(channel: str) -> Case:
    """A case whose one step uses a channel."""
    declared = "channels: {data: {kind: rest, host: data}, rtds: {kind: ws, stream: rtds}}\n"
    return case(f"{declared}steps:\n  - {STEPS[channel]}\nsymptom: {{step: it, shows: {{$lost}}}}\n")


class Target:
    """An exchange of which each channel is there by itself, and tells how often it was asked."""

    def __init__(self, held: ExitStack) -> None:
        self.peers = {name: held.enter_context(WebPeer()) for name in HOSTS}
        self.gateway = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.gateway.setblocking(False)
        self.taken = 0
        line = {"rest": "http://127.0.0.1:1", "chain": "", "control": "", "chain_id": 137}
        urls = {
            name: peer.url.replace("http", "ws") if name in ("ws", "rtds") else peer.url
            for name, peer in self.peers.items()
        }
        told: dict[str, Any] = {**line, **urls, "contracts": asdict(CONTRACTS_137)}
        gateway = f"tcp://127.0.0.1:{self.gateway.getsockname()[1]}"
        self.endpoints = replace(Endpoints.from_json(told), fix=gateway)

    def asked(self) -> dict[str, int]:
        """How often each channel was asked, where it was."""
        while True:
            try:
                self.gateway.accept()[0].close()
            except BlockingIOError:
                break
            self.taken += 1
        counts = {name: len(peer.asked) for name, peer in self.peers.items()} | {"fix": self.taken}
        return {name: count for name, count in counts.items() if count}


@pytest.fixture
def target() -> Iterator[Target]:
    """A target of which nothing is down."""
    with ExitStack() as held:
        yield Target(held)


@pytest.mark.parametrize("channel", sorted(STEPS))
def test_what_a_case_uses_is_asked_and_nothing_else(target: Target, channel: str) -> None:
    """One question a channel of the case; the exchange itself was asked by whoever has the permit."""
    assert Probes(ManualClock()).before(using(channel), target.endpoints, OPEN_DIAL) is None
    assert target.asked() == ({} if channel == "rest" else {channel: 1})


def test_the_end_of_one_case_is_the_start_of_the_next(target: Target) -> None:
    """What was up a moment ago is not asked again; after a second it is, and each case's end always asks."""
    clock = ManualClock()
    probes = Probes(clock)
    for advance_us, asked in ((0, 1), (SHARED_US - 1, 1), (1, 2), (SHARED_US, 3)):
        clock.advance(advance_us)
        assert probes.before(using("fix"), target.endpoints, OPEN_DIAL) is None
        assert target.asked() == {"fix": asked}


def test_a_probe_of_the_gateway_is_the_job_s(target: Target) -> None:
    """A connection that is made to look at it counts in what the job may spend, and is not refused itself."""
    tally = Tally(Limits(Caps(), Caps(requests=2), None, 30), ManualClock())
    dial = Dial(permit_for(rest=target.endpoints.fix.replace("tcp", "http")), Patience(tally))
    clock = ManualClock()
    probes = Probes(clock)
    for _ in range(2):
        clock.advance(SHARED_US)
        tally.spend(Spent(), Spent())
        assert probes.before(using("fix"), target.endpoints, dial) is None
    with pytest.raises(GuardError, match="G020 the run would come to 3 requests, and its cap is 2"):
        tally.spend(Spent(), Spent(requests=1))


def test_a_gateway_that_takes_no_connection_is_down(target: Target) -> None:
    """It is told by its name; what is down is asked again at once, and is up as soon as it is."""
    probes = Probes(ManualClock())
    port = target.gateway.getsockname()[1]
    target.gateway.close()
    for _ in range(2):
        down = probes.before(using("fix"), target.endpoints, OPEN_DIAL)
        assert down == "the FIX gateway takes no connection: Connection refused"
    target.gateway = socket.create_server(("127.0.0.1", port))
    assert probes.before(using("fix"), target.endpoints, OPEN_DIAL) is None
    target.gateway.close()


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("hangs_up", [True, False])
def test_a_gateway_whose_engine_is_gone_is_down(target: Target, lost: bool, hangs_up: bool) -> None:
    """One that takes connections and ends them at once is down for a case that has lost its session; one that
    waits for a Logon is up, and none is said."""
    heard: list[bytes] = []

    def serve() -> None:
        taken, _ = target.gateway.accept()
        with taken:
            heard.append(b"" if hangs_up else taken.recv(1))

    target.gateway.setblocking(True)
    server = threading.Thread(target=serve)
    server.start()
    endpoints = replace(target.endpoints, rest=target.peers["data"].url)
    target.peers["data"].answers["GET /time"] = Answer(200, b"1700000000")
    down = Probes(ManualClock()).after(using("fix"), endpoints, OPEN_DIAL, lost=lost)
    server.join()
    told = "the FIX gateway takes a connection and hangs up"
    assert (down, heard) == (told if lost and hangs_up else None, [b""])


def pushed(number: int, kind: Kind, by: By = By.PEER, **data: Any) -> Event:
    return Event(number, number, kind, Source("fix.oe", "alice"), by=by, data=data)


@pytest.mark.parametrize(
    ("events", "lost"),
    [
        ((pushed(1, Kind.OPEN), pushed(2, Kind.CLOSED)), True),
        ((pushed(1, Kind.OPEN), pushed(2, Kind.CLOSED, By.SESSION)), False),
        (
            (pushed(1, Kind.OPEN), pushed(2, Kind.PUSH, wire={"raw": "8=X|35=5|"}), pushed(3, Kind.CLOSED)),
            False,
        ),
    ],
    ids=["ended", "we ended it", "a logout"],
)
def test_when_a_session_is_lost(events: tuple[Event, ...], lost: bool) -> None:
    """A session is lost where the other side ended its connection and had said no Logout on it."""
    assert lost_session(events) is lost


@pytest.mark.parametrize(
    ("status", "down"), [(404, False), (426, False), (429, False), (500, True), (503, True)]
)
@pytest.mark.parametrize(("channel", "told"), [("ws", "the WebSocket host"), ("data", "the host 'data'")])
def test_a_host_that_is_unable_is_down(
    target: Target, channel: str, told: str, status: int, down: bool
) -> None:
    """Any answer shows that a host is there, but one that says that it is unable."""
    target.peers[channel].answers["GET /"] = Answer(status)
    found = Probes(ManualClock()).before(using(channel), target.endpoints, OPEN_DIAL)
    assert found == (f"{told} answers {status}" if down else None)
