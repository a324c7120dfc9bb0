"""Trials side by side: none is waited for beyond its time, and a mistake of ours is not a row."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from harness import checking
from harness.clock import RunClock
from harness.guard import Kind
from harness.redact import Redactor
from harness.targets import Endpoints, Target
from harness.trying import trials
from harness.trying.places import Places
from harness.trying.rows import Row, State
from harness.wire.ctf import CONTRACTS_137

ENDPOINTS = Endpoints(rest="", ws="", chain="", control="", chain_id=137, contracts=CONTRACTS_137)
PLACES = Places(Target("there", Kind.LOCAL, ENDPOINTS), ENDPOINTS, (), Redactor(), RunClock())
WELL = Row("well", "–", State.WORKS, "at once")


def well(_: Places) -> Iterator[Row]:
    yield WELL


def test_a_trial_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs is given up at its time, in its place of the table; the others are told as they came."""
    released = threading.Event()

    def hangs(_: Places) -> Iterator[Row]:
        released.wait()
        yield WELL

    monkeypatch.setattr(trials, "TRIALS", {"hangs": hangs, "well": well})
    monkeypatch.setattr(checking, "TRIAL_S", 2)
    try:
        rows = checking.tried(PLACES)
    finally:
        released.set()

    late = Row("hangs", "–", State.SILENT, "it did not end within 2 s", "is it reachable?")
    assert rows == [late, WELL]


def test_a_mistake_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with a trial itself is raised, and never told as the target's trouble."""

    def wrong(_: Places) -> Iterator[Row]:
        raise ValueError("ours")

    monkeypatch.setattr(trials, "TRIALS", {"well": well, "wrong": wrong})

    with pytest.raises(ValueError, match="ours"):
        checking.tried(PLACES)
