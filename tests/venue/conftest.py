"""One healthy venue for the whole run, and one more for the tests that ship builds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.venue.builds import all_builds

from .bench import HEALTHY, Bench, Customer, Ship, running_venue


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The healthy venue."""
    with running_venue() as bench:
        yield bench


@pytest.fixture(scope="session")
def shipping() -> Iterator[Bench]:
    """A venue whose build is changed by tests; each sets the build that it needs."""
    with running_venue("2026.11.1") as bench:
        yield bench


@pytest.fixture
def ship(shipping: Bench) -> Ship:
    """Put a build in force that carries a defect, or the healthy one."""

    def with_build(defect: str, healthy: bool) -> Bench:
        broken = next(build.name for build in all_builds() if defect in build.defects)
        shipping.control("/build", {"build": HEALTHY if healthy else broken})
        return shipping

    return with_build


@pytest.fixture(scope="session")
def troubled() -> Iterator[Bench]:
    """A healthy venue whose trading and chain tests interfere with."""
    with running_venue() as bench:
        yield bench


@pytest.fixture
def market(bench: Bench) -> dict[str, str]:
    """A market of its own."""
    return bench.market()


@pytest.fixture
def buyer(bench: Bench, market: dict[str, str]) -> Customer:
    """A customer with ten dollars."""
    return bench.customer(market, collateral="10")
