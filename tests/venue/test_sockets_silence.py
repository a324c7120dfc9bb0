"""A connection that says nothing: how long it is kept, and how it ends."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection

from harness.venue.faults import VenueError
from harness.venue.silence import Patience, Silence
from harness.venue.subscriptions import UNREAD_LIMIT, Subscriber

from .bench import DEADLINE_S, HEALTHY, Bench, said, start_venue, stop_venue
from .rawsocket import PING, PONG, RawSocket

SECOND_US = 1_000_000


@pytest.fixture(scope="module")
def impatient() -> Iterator[Bench]:
    """A venue that drops who does not subscribe within 0.3 s, and who is silent for 1.5 s."""
    process, ready = start_venue(HEALTHY, "--subscribe-limit", "0.3", "--ping-limit", "1.5")
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


def test_each_ping_gives_the_whole_time_again() -> None:
    """Ten seconds to subscribe, then twenty from one PING to the next."""
    silence = Silence(Patience(), opened_us=5 * SECOND_US)
    assert silence.left_us(5 * SECOND_US) == 10 * SECOND_US
    assert silence.left_us(15 * SECOND_US) == silence.left_us(99 * SECOND_US) == 0
    silence.broken(14 * SECOND_US)
    assert silence.left_us(14 * SECOND_US) == 20 * SECOND_US
    silence.broken(33 * SECOND_US)
    assert silence.left_us(34 * SECOND_US) == 19 * SECOND_US


@pytest.mark.parametrize("limit", ["0", "-1", "3601", "NaN"])
def test_a_limit_that_is_no_time_is_refused(limit: str) -> None:
    """Both limits are above zero and an hour at most."""
    for name in ("subscribe_s", "ping_s"):
        with pytest.raises(VenueError, match="is no time to wait"):
            Patience(**{name: Decimal(limit)})


@pytest.mark.parametrize("channel", ["market", "user"])
def test_who_does_not_subscribe_is_dropped(impatient: Bench, channel: str) -> None:
    """No subscription in time: the connection ends without a close frame, pings or not."""
    with RawSocket.open(f"{impatient.ready['ws']}/ws/{channel}") as raw:
        raw.send(PING, b"")
        assert raw.read() == (PONG, b"")
        assert raw.ended() is None


def say_all_but_ping(quiet: ClientConnection, alive: ClientConnection) -> None:
    """Everything but a PING on one connection, PINGs on another, until the end of either."""
    while True:
        assert said(alive) == []
        quiet.ping()
        quiet.send(json.dumps({"operation": "subscribe", "assets_ids": []}))


def test_who_misses_its_ping_is_dropped(impatient: Bench) -> None:
    """Nothing but a text PING counts: neither updates nor the protocol's own pings keep a connection."""
    with impatient.socket("market") as quiet, impatient.socket("market") as alive:
        began = time.monotonic()
        for socket_ in (quiet, alive):
            socket_.send(json.dumps({"type": "market", "assets_ids": []}))
        with pytest.raises(ConnectionClosedError) as dropped:
            say_all_but_ping(quiet, alive)
        assert dropped.value.rcvd is None
        assert time.monotonic() - began > 1.2
        assert said(alive) == []


def test_who_reads_nothing_is_dropped_in_the_end() -> None:
    """What waits for a connection is bounded: beyond it the connection ends."""
    dropped = threading.Event()
    subscriber = Subscriber(drop=dropped.set)
    for _ in range(UNREAD_LIMIT):
        subscriber.send("news")
    assert not dropped.is_set()
    subscriber.send("news")
    assert dropped.is_set()
    assert subscriber.outbox.qsize() == UNREAD_LIMIT


def test_a_client_that_reads_nothing_holds_up_no_restart(bench: Bench) -> None:
    """A connection whose buffers are full is dropped at a restart, and the others hear their goodbye."""
    market = bench.market()
    with RawSocket.open(f"{bench.ready['ws']}/ws/market") as deaf, bench.socket("market") as other:
        deaf.held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.say({"type": "market", "assets_ids": [market["yes"]]})
        said(other, {"type": "market", "assets_ids": []})
        update = json.dumps({"operation": "subscribe", "assets_ids": [market["yes"]]}).encode()
        for _ in range(5000):
            deaf.send(1, update)
        bench.control("/verbs/restart", {"of": "ws"})
        with pytest.raises(ConnectionClosedError) as closed:
            other.recv(DEADLINE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        with bench.socket("market") as again:
            assert len(said(again, {"type": "market", "assets_ids": [market["yes"]]})) == 1
