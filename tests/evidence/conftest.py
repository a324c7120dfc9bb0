"""One HTTP server on loopback for all of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .httpserver import Served, serving


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """A server that answers every path."""
    with serving() as served:
        yield served
