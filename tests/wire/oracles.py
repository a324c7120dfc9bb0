"""Marks which public function a test holds against an oracle that is not ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])
JUDGED: dict[str, set[str]] = {}


def judges(module: str, *names: str, oracle: str) -> Callable[[F], F]:
    """Say that a test holds `names` of harness.wire.`module` against `oracle`."""

    def mark(test: F) -> F:
        for name in names:
            JUDGED.setdefault(f"{module}.{name}", set()).add(oracle)
        return test

    return mark
