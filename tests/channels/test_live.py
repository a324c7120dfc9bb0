"""A live world: every source of a case gets its driver, by what its channel is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from venue.bench import Bench

from harness import asking
from harness.case.channels import BUILT_IN, Actor, Cast, Channel
from harness.clock import RunClock
from harness.embedded import Venue
from harness.errors import Place, TargetError
from harness.live import live_world
from harness.model import Event, Kind, Lane, Source
from harness.recorder import LiveWorld
from harness.redact import Redactor
from harness.references import Reference, Template
from harness.targets import Beginning, Endpoints
from harness.world import Sending, StreamNeed

from .leaves import OPEN_DIAL, generous, permit_for

KIND = Template((Reference("kind"),), "${kind}", Place("c.yaml"))
CAST = Cast(
    (Actor("alice", "trader"), Actor("vault", "trader", "safe"), Actor("row", "trader", KIND)),
    (*BUILT_IN, Channel("data", "rest", host="data"), Channel("second", "ws", stream="market")),
)


@contextmanager
def opened(endpoints: Endpoints) -> Iterator[tuple[LiveWorld, Any]]:
    """A live world of the cast on the venue."""
    permit = permit_for(endpoints)
    case: Any = SimpleNamespace(steps=(), cast=CAST)
    more = {"clock": RunClock(), "seed": 1, "redactor": Redactor(), "listener": None, "meter": generous()}
    more["values"] = {"kind": "proxy"}
    with live_world(case, endpoints, permit, **more) as (world, facts, _):
        yield world, facts


@pytest.fixture
def endpoints(bench: Bench) -> Endpoints:
    return Endpoints.from_json(bench.ready)


def send(world: LiveWorld, channel: str, actor: str, intent: dict[str, Any]) -> Event | None:
    """One intent on a source; its answer."""
    (exchange,) = world.send([Sending(Lane(Source(channel, actor), "step"), intent)])
    return exchange.answer


def test_every_channel_has_its_driver(endpoints: Endpoints) -> None:
    """The exchange, the streams, the chain as an actor, FIX and the target each answer through their own."""
    with opened(endpoints) as (world, facts):
        send(world, "target", "", {"fund": {"alice": {"collateral": 5}}})
        keys = send(world, "rest", "alice", {"method": "GET", "path": "/auth/api-keys"})
        send(world, "ws.user", "alice", {"subscribe": {}})
        send(world, "ws.second", "", {"subscribe": {"assets_ids": ["1"]}})
        send(world, "fix.oe", "alice", {"fix": "logon", "fields": {}})
        exchange = facts.chain.exchange
        approve = {
            "to": facts.chain.ctf,
            "function": "setApprovalForAll(address,bool)",
            "args": [exchange, True],
        }
        mined = send(world, "chain", "alice", {"transaction": approve})
        opened_on = {event.source.channel for event in world.observe().events if event.kind is Kind.OPEN}

    assert keys is not None
    assert keys.data["wire"]["status"] == 200
    assert facts.actors["alice"]["api_key"] in keys.data["wire"]["body"]
    assert opened_on == {"ws.user", "ws.second", "fix.oe"}
    assert mined is not None
    assert set(mined.data["wire"]) == {"accepted"}


def of(world: LiveWorld, source: Source, kind: Kind) -> list[Event]:
    """The events of that kind on a source, waited for until there is one."""
    while not (found := [e for e in world.observe().events if (e.kind, e.source) == (kind, source)]):
        assert world.gather([StreamNeed(source)], 60_000_000), f"no {kind} on {source}"
    return found


def test_streams_that_are_open_where_a_venue_begins_anew() -> None:
    """A WebSocket ends with 1001 and a FIX session with a Logout; the next run's numbers begin at 1 again."""
    socket, session = Source("ws.second", ""), Source("fix.oe", "alice")
    with Venue("2026.11.2", Beginning(fresh=True)) as venue:
        for _ in range(2):
            with opened(venue.endpoints) as (world, _):
                send(world, "ws.second", "", {"subscribe": {"assets_ids": ["1"]}})
                send(world, "fix.oe", "alice", {"fix": "logon", "fields": {}})
                of(world, session, Kind.PUSH)
                asking.begin_anew(venue.endpoints, OPEN_DIAL)
                (closed,) = of(world, socket, Kind.CLOSED)
                of(world, session, Kind.CLOSED)
                said = of(world, session, Kind.PUSH)
            assert closed.data["code"] == 1001
            first, last = said[0].data["wire"]["raw"], said[-1].data["wire"]["raw"]
            assert "|35=A|34=1|49=PMX_FIRM1_OE|" in first
            assert "|35=5|34=2|49=PMX_FIRM1_OE|" in last


def test_an_actor_trades_from_the_wallet_that_the_case_says(endpoints: Endpoints) -> None:
    """An actor's wallet, its own or that of the row, decides where its funds are."""
    with opened(endpoints) as (world, facts):
        answer = send(world, "target", "", {"fund": {"vault": {"collateral": 5}}})

    assert answer is not None
    assert answer.data["wire"]["funded"]["vault"]["address"] == facts.actors["vault"]["safe"]
    assert facts.actors["alice"]["funder"] == facts.actors["alice"]["address"]
    assert facts.actors["row"]["funder"] == facts.actors["row"]["proxy"]
    assert facts.skew_us == 0


def test_a_host_of_a_channel(endpoints: Endpoints) -> None:
    """Requests on another host go there, with nobody's credentials; without such a host there is no run."""
    with opened(replace(endpoints, data=endpoints.control)) as (world, _):
        answer = send(world, "rest.data", "alice", {"method": "GET", "path": "/health"})
        (sent,) = [event for event in world.observe().events if event.kind is Kind.SEND]
    told = pytest.raises(TargetError, match="has no data host")
    with opened(replace(endpoints, data="")) as (world, _), told:
        send(world, "rest.data", "alice", {"method": "GET", "path": "/health"})

    assert answer is not None
    assert answer.data["wire"]["status"] == 200
    assert sent.data["wire"]["headers"] == {}
