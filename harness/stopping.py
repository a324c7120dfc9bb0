"""How a live run is interrupted: SIGTERM as well as Ctrl-C, so that what was placed is taken back first."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

NOT_BEGUN: Final = "interrupted before anything ran"
INTERRUPTED: Final = 128 + signal.SIGINT
TERMINATED: Final = 128 + signal.SIGTERM


class Terminated(KeyboardInterrupt):
    """SIGTERM came; pytest ends its run as for Ctrl-C."""


def ended(why: str) -> SystemExit:
    """Say in a line why there is no run, and what ends the process then: with 130, as Ctrl-C does."""
    print(f"harness: {why}", file=sys.stderr)
    return SystemExit(INTERRUPTED)


def hear_sigterm() -> Callable[[], None]:
    """Let SIGTERM interrupt the main thread, unless somebody hears it already; how to undo that."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return lambda: None
    signal.signal(signal.SIGTERM, _terminated)

    def undo() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    return undo


def exit_code(stop: BaseException) -> int | None:
    """What a run exits with that this ended; None where it is no signal (such as pytest's own `-x`)."""
    if type(stop) is KeyboardInterrupt:
        return INTERRUPTED
    return TERMINATED if isinstance(stop, Terminated) else None


def has_a_line(entry: Any) -> bool:
    """Whether an entry of a traceback stands on a line: CPython 3.11 has None for some where a signal came,
    and pytest, telling of the interrupt, would die of it (exit code 1, and a traceback of its own).
    """
    try:
        return bool(entry.lineno >= 0)
    except TypeError:
        return False


def _terminated(number: int, _: object) -> None:
    raise Terminated("SIGTERM")
