"""One healthy venue for the whole run, and one more for the tests that ship builds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .bench import Bench, Customer, start_venue, stop_venue


def _bench(build: str) -> Iterator[Bench]:
    process, ready = start_venue(build)
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The healthy venue."""
    yield from _bench("2026.11.2")


@pytest.fixture(scope="session")
def shipping() -> Iterator[Bench]:
    """A venue whose build is changed by tests; each sets the build that it needs."""
    yield from _bench("2026.11.1")


@pytest.fixture
def market(bench: Bench) -> dict[str, str]:
    """A market of its own."""
    return bench.market()


@pytest.fixture
def buyer(bench: Bench, market: dict[str, str]) -> Customer:
    """A customer with ten dollars."""
    return bench.customer(market, collateral="10")
