"""Against the venue with its limits in force: what is held back in time is not refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from channels.leaves import OPEN_DIAL
from venue.bench import Bench, Customer, running_venue

from harness.accounts import Account, Wallet
from harness.budget import Tally
from harness.channels.rest import RestDriver
from harness.clock import MachineClock, RunClock
from harness.guard import Caps, Kind, Limits
from harness.metering import Meter
from harness.model import Source
from harness.notnow import Why
from harness.targets import Endpoints

UNKNOWN = ["0x" + "00" * 32] * 40


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_venue() as bench:
        yield bench


class Statuses:
    """A line that keeps what was answered."""

    def __init__(self) -> None:
        self.came: list[int] = []

    def sent(self, wire: object, derived: object = None) -> None: ...

    def answered(self, wire: Any) -> None:
        self.came.append(wire["status"])

    def lost(self, why: str) -> None:
        raise AssertionError(why)


def driver(bench: Bench, customer: Customer) -> RestDriver:
    endpoints, creds = Endpoints.from_json(bench.ready), customer.client.creds
    import coincurve

    wallet = Wallet(coincurve.PrivateKey.from_hex(customer.key.removeprefix("0x")))
    account = Account("alice", wallet, creds.api_key, creds.api_secret, creds.api_passphrase)
    return RestDriver(
        endpoints.rest,
        account,
        dial=OPEN_DIAL,
        chain_id=endpoints.chain_id,
        contracts=endpoints.contracts,
        clock=RunClock(),
        register=lambda label, secret: None,
    )


@pytest.mark.parametrize("own", [frozenset[Why](), frozenset({Why.LIMIT})], ids=["heeded", "not heeded"])
def test_cancels_stay_within_the_bucket(bench: Bench, own: frozenset[Why]) -> None:
    """Batches that cost more than the bucket of a signer holds wait for it, and none is refused; a case about
    limits sends them at once, and sees the refusal."""
    market = bench.market()
    bench.control("/verbs/limits", {"mode": "enforce"})
    meter = Meter(Tally(Limits(Caps(), Caps(), None, 30), MachineClock()), Kind.LOCAL, own=own)
    rest, statuses = driver(bench, bench.customer(market)), Statuses()
    metered = meter.before(rest, Source("rest", "alice"), address=bench.ready["rest"])
    for _ in range(6):
        metered.send({"method": "DELETE", "path": "/orders", "json": UNKNOWN}, statuses)
    rest.close()

    assert (429 in statuses.came) is bool(own)
    assert (meter.heed.longest_us > 0) is not bool(own)
