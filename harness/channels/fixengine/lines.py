"""What the process says: one line of JSON an event, stamped where it happened."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import Any

from harness import exactjson


def say(event: str, **more: Any) -> None:
    """Tell the driver; it may be gone already.

    The stamp is the machine's monotonic clock, read here and not where the line arrives: this is another
    process than the one that has the run's clock, and both count from the same start.
    """
    line = {"event": event, "at_ns": time.monotonic_ns(), **more}
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(exactjson.dumps(line) + "\n")
        sys.stdout.flush()
