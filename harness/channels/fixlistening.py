"""What one FIX connection brings, from its opening to its end: given to the session, and told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from harness.channels.faults import FaultySocket
from harness.channels.fixreading import WE_CLOSED, Ended, FixBounds, Reading
from harness.channels.fixtelling import tell
from harness.clock import Clock
from harness.errors import HarnessError
from harness.model import By
from harness.wire.fix import written
from harness.wire.fix.message import Message
from harness.wire.fix.session import Session
from harness.world import StreamLine


@dataclass(slots=True)
class Listening:
    """One connection of a session. `lock` holds the session, `heard` is told of messages in their turn."""

    opened: FaultySocket
    session: Session
    line: StreamLine
    clock: Clock
    bounds: FixBounds
    lock: threading.RLock
    heard: Callable[[Message], None]
    answered: bool = False
    """Whether anything came."""

    def until_end(self, is_current: Callable[[], bool]) -> Ended:
        """Listen as long as this is the session's connection; why it ended."""
        try:
            try:
                self._listen(is_current)
            finally:
                self._keep_the_rest(is_current)
        except Ended as ended:
            return ended
        except HarnessError as error:  # the run's record takes nothing more
            return Ended(f"{WE_CLOSED}: {error.text}", By.SESSION, error.code)
        return Ended(WE_CLOSED)

    def _keep_the_rest(self, is_current: Callable[[], bool]) -> None:
        """What came of a message that never came whole is evidence, where it was not us who hung up."""
        session = self.session
        if session.tail_bytes and is_current() and not self.opened.was_cut:
            self.line.pushed({"raw": written.show(session.tail), "garbled": True}, By.PEER)

    def _listen(self, is_current: Callable[[], bool]) -> None:
        """Give the session what comes, and the time. Raises Ended."""
        opened, session = self.opened, self.session
        reading = Reading(opened, self.clock, self.bounds)
        while is_current():
            data = reading.receive(session.next_deadline_us)
            self.answered = self.answered or bool(data)
            with self.lock:
                if data is None and opened.is_deaf:
                    continue
                now_us = self.clock.now_us()
                told = session.receive(data, now_us) if data else session.tick(now_us)
                tell(told, self.line, opened, self.heard)
                reading.look(session.tail_bytes)
