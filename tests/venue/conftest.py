"""One healthy venue for the whole run, and one more for the tests that ship builds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .bench import Bench, start_venue, stop_venue


def _bench(build: str) -> Iterator[Bench]:
    process, ready = start_venue(build)
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    yield from _bench("2026.11.2")


@pytest.fixture(scope="session")
def shipping() -> Iterator[Bench]:
    yield from _bench("2026.11.1")
