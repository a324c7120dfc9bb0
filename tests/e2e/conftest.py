"""A bench for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from .bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A project with ESC-1118 and its cassettes."""
    return Bench.make(tmp_path)
