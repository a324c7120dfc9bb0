"""Our session against a real quickfix acceptor over a loopback socket: `scripts/*.txt`, one rule each."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from .court import Court
from .performance import Performance
from .scripts import SCRIPTS, Script

QUICK = [script for script in SCRIPTS if not script.slow]
SLOW = [script for script in SCRIPTS if script.slow]


@pytest.mark.parametrize("script", QUICK, ids=str)
def test_the_judge_agrees(script: Script, court: Court) -> None:
    """The script's rule holds between our session and quickfix."""
    Performance(script, court).run()


@pytest.mark.parametrize("script", SLOW, ids=str)
def test_the_judge_agrees_on_what_takes_time(script: Script, slow_runs: dict[str, Future[None]]) -> None:
    """The script's rule holds between our session and quickfix, with heartbeats of one second."""
    slow_runs[str(script)].result()


def test_there_are_sixty_rules() -> None:
    """The suite is as broad as QuickFIX's own."""
    assert len({script.rule for script in SCRIPTS}) >= 60
