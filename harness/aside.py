"""What is said beside pytest's own report while a run goes on: on stderr, from xdist's workers too."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any


def say(config: Any, lines: Iterable[str]) -> None:
    """Print lines at once, past pytest's capture, so that nothing in them moves a terminal."""
    from harness.report.plain import plain_text

    plugin = config.pluginmanager.get_plugin
    capture, reporter = plugin("capturemanager"), plugin("terminalreporter")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        if reporter:
            reporter.ensure_newline()  # else it stands behind pytest's dots; a worker of xdist has none
        for line in lines:
            print(plain_text(f"harness: {line}"), file=sys.stderr, flush=True)
