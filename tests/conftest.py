"""What all tests of the harness share."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let Ctrl-C be what it is at a terminal: a shell that starts us in the background has it ignored.

    Processes inherit that, and a Python that does would never see the interrupts that tests send it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
