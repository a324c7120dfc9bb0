"""A venue for the whole run, and a session of a real engine with it for each test."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from venue.bench import Bench, Customer, running_venue

from .seat import Seat


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The healthy venue."""
    with running_venue() as bench:
        yield bench


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


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `127.0.0.1` and one for `elsewhere.test`, each its own authority, made by openssl."""
    folder = tmp_path_factory.mktemp("tls")
    for name, subject in (("right", "IP:127.0.0.1"), ("wrong", "DNS:elsewhere.test")):
        made = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt")]
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={subject}"]
        subprocess.run(["openssl", "req", "-x509", *kind, *names, *made], check=True, capture_output=True)
    return folder
