"""One judge for all scripts of a run; without quickfix every script fails and says how to get it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from .court import Court
from .performance import Performance
from .scripts import SCRIPTS


def need_quickfix() -> None:
    """Fail, and say how to get it, where quickfix is not installed."""
    if importlib.util.find_spec("quickfix") is None:
        pytest.fail(
            "quickfix judges our FIX session: install the extra `fix` (pip install -e '.[fix]')",
            pytrace=False,
        )


@pytest.fixture(scope="session")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    """The running judge."""
    need_quickfix()
    folder: Path = tmp_path_factory.mktemp("judge")
    court = Court(SCRIPTS, folder)
    yield court
    assert court.close() == 0, (folder / "judge.err").read_text()


@pytest.fixture(scope="session")
def slow_runs(court: Court, request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    """The scripts that wait for heartbeats, all performed at the same time."""
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    wanted = {str(call.params["script"]) for call in calls if call is not None and "script" in call.params}
    slow = [script for script in SCRIPTS if script.slow and str(script) in wanted]
    with ThreadPoolExecutor(max_workers=max(1, len(slow))) as pool:
        yield {str(script): pool.submit(Performance(script, court).run) for script in slow}
