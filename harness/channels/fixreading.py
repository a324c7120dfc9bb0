"""Reading a FIX connection: as its faults allow, and only until the session has something to do."""

from __future__ import annotations

import select
from typing import Final

from harness.channels.faults import FaultySocket
from harness.clock import Clock

LOOK_EVERY_US: Final = 100_000
"""How long a reader waits at most before it looks whether the session has something to do."""
READ_BYTES: Final = 65_536


def received(opened: FaultySocket, due_us: int | None, clock: Clock) -> bytes | None:
    """The next bytes; b"" at the end, None where none came by `due_us` or the next look. Raises OSError."""
    if opened.is_deaf:
        opened.listen(LOOK_EVERY_US)
        return None
    wait_us = LOOK_EVERY_US
    if due_us is not None:
        wait_us = max(0, min(wait_us, due_us - clock.now_us()))
    ready, _, _ = select.select([opened], [], [], wait_us / 1_000_000)
    data = opened.recv(READ_BYTES) if ready else None
    while data and opened.is_deaf:
        opened.listen(LOOK_EVERY_US)  # it came just before
    return data
