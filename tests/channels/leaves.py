"""Leave to connect, as tests have it: given by the guard, for whatever place on this machine is asked for."""

from __future__ import annotations

import socket

from harness import guard
from harness.budget import Tally
from harness.channels.dial import Dial
from harness.clock import RunClock
from harness.guard import LIMITS, Identity, Inquiry, Kind, Permit, Plan, Proofs
from harness.metering import Meter
from harness.targets import Endpoints


def plan_for(**urls: str) -> Plan:
    """A plan for an exchange on this machine that does nothing on it."""
    return Plan("here", Kind.LOCAL, (), urls, Identity(chain_id=137))


def permit_for(endpoints: Endpoints | None = None, **urls: str) -> Permit:
    """A permit for what listens at some addresses of this machine, or at those of a venue."""
    plan = plan_for(**urls)
    if endpoints is not None:
        plan = Plan("venue", Kind.VENUE, (), endpoints.urls, endpoints.identity())
    return guard.permit(guard.inquiry(plan, {}), Proofs(healthy=True, build=None, chain_id=137))


def named(port: int, *judged: str) -> Inquiry:
    """Leave for `exchange.test`, at the addresses that were judged for it."""
    return guard.inquiry(plan_for(rest=f"http://exchange.test:{port}"), {"exchange.test": judged})


def generous() -> Meter:
    """A meter that lets through what any of our tests sends."""
    return Meter(Tally(LIMITS[Kind.VENUE], RunClock()), Kind.VENUE)


class _Here(Dial):
    """Connects to any place on this machine, each with a permit of its own; to no other."""

    def __init__(self) -> None:
        super().__init__(permit_for(rest="http://127.0.0.1:1"))

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        return permit_for(rest=f"http://{host}:{port}").addresses(host, port)

    def connect(self, host: str, port: int, timeout_s: int) -> socket.socket:
        return Dial(permit_for(rest=f"http://{host}:{port}")).connect(host, port, timeout_s)


OPEN_DIAL = _Here()
NO_DIAL = Dial(permit_for(rest="http://127.0.0.1:1"))
