"""Which public function of harness.wire.fix a test holds against an oracle that is not ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

F = TypeVar("F", bound=Callable[..., object])
JUDGED: dict[str, set[str]] = {}


def judged(*names: str, oracle: str) -> Callable[[F], F]:
    """Say that a test holds these functions (`module.name`) against `oracle`."""

    def mark(test: F) -> F:
        for name in names:
            JUDGED.setdefault(name, set()).add(oracle)
        return test

    return mark


def need(module: str, extra: str) -> None:
    """Fail, and say how to get it, where an oracle is missing: a test without its oracle shows nothing."""
    try:
        __import__(module)
    except ImportError:
        pytest.fail(f"{module} is an oracle of the FIX codec: install the extra `{extra}`", pytrace=False)
