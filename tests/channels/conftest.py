"""A venue for the whole run, and a session of a real engine with it for each test."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from venue.bench import Bench, Customer, start_venue, stop_venue

from .seat import Seat


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The healthy venue."""
    process, ready = start_venue("2026.11.2")
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


@pytest.fixture
def market(bench: Bench) -> dict[str, str]:
    """A market of its own."""
    return bench.market()


@pytest.fixture
def customer(bench: Bench, market: dict[str, str]) -> Customer:
    """A customer with ten dollars and ten shares."""
    return bench.customer(market, collateral="10", yes="10")


@pytest.fixture
def seat(bench: Bench, customer: Customer) -> Iterator[Seat]:
    """An order-entry session of that customer, spoken by quickfix, and what its driver reports."""
    seat = Seat.of(bench, customer)
    yield seat
    seat.driver.close()
    seat.assert_gone()


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
