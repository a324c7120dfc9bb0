"""Reading a FIX connection: as its faults allow, counted, and no message may take for ever."""

from __future__ import annotations

import select
from dataclasses import dataclass
from typing import Final

from harness import limits
from harness.channels.faults import WE_CUT, FaultySocket
from harness.clock import Clock
from harness.finding import seconds
from harness.model import By

LOOK_EVERY_US: Final = 100_000
"""How long a reader waits at most before it looks whether the session has something to do."""
READ_BYTES: Final = 65_536
WE_CLOSED: Final = "we closed the connection"


@dataclass(frozen=True, slots=True)
class FixBounds:
    """How long, for one connection; how much is the codec's and the session's to say."""

    connect_s: int = limits.FIX_CONNECT_S
    logon_us: int = limits.FIX_LOGON_S * 1_000_000
    message_us: int = limits.FIX_MESSAGE_S * 1_000_000


class Ended(Exception):
    """A connection is at its end: why, whose doing it is, and our code for it, where it has one."""

    def __init__(self, reason: str, by: By = By.PEER, error: str = "") -> None:
        super().__init__(reason)
        self.reason = f"{error} {reason}".lstrip()
        self.by = by


class Reading:
    """What comes over one connection."""

    def __init__(self, opened: FaultySocket, clock: Clock, bounds: FixBounds) -> None:
        self._opened = opened
        self._clock = clock
        self._bounds = bounds
        self._came_bytes = 0
        self._whole_bytes = 0  # up to the end of the last message that came whole
        self._began_us: int | None = None

    def receive(self, due_us: int | None) -> bytes | None:
        """The next bytes, None where none came by `due_us` or the next look. Raises Ended."""
        opened = self._opened
        if opened.is_deaf:
            opened.listen(LOOK_EVERY_US)
            self._excuse()
            return None
        wait_us = LOOK_EVERY_US
        if due_us is not None:
            wait_us = max(0, min(wait_us, due_us - self._clock.now_us()))
        try:
            ready, _, _ = select.select([opened], [], [], wait_us / 1_000_000)
            data = opened.recv(READ_BYTES) if ready else None
        except OSError as error:
            raise Ended(f"the connection broke: {error.strerror or error} {self._where()}") from None
        while data and opened.is_deaf:
            opened.listen(LOOK_EVERY_US)  # it came just before
        if opened.was_cut:
            raise Ended(WE_CUT)
        if data == b"":
            raise Ended(f"the peer closed the connection {self._where()}")
        self._came_bytes += len(data or b"")
        return data

    def look(self, tail_bytes: int) -> None:
        """Judge what has come of a message that is not whole. Raises Ended where it takes too long."""
        now_us = self._clock.now_us()
        whole_bytes = self._came_bytes - tail_bytes
        if not tail_bytes:
            self._began_us = None
        elif self._began_us is None or whole_bytes > self._whole_bytes:
            self._began_us = now_us
        self._whole_bytes = whole_bytes
        if self._opened.is_slow:
            self._excuse()
        if self._began_us is not None and now_us >= self._began_us + self._bounds.message_us:
            within = f"within {seconds(self._bounds.message_us)}"
            text = f"{WE_CLOSED}: a message did not come whole {within} {self._where()}"
            raise Ended(text, By.SESSION, "T025")

    def _excuse(self) -> None:
        """What is slow now is our own doing: time begins anew."""
        if self._began_us is not None:
            self._began_us = self._clock.now_us()

    def _where(self) -> str:
        begun = self._came_bytes - self._whole_bytes
        place = f"{begun} bytes into a message" if begun else "between messages"
        return f"(after {self._came_bytes} bytes, {place})"
