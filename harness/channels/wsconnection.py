"""A WebSocket over a socket that goes wrong on demand: one thread reads it, any may say something."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from typing import Final

from harness.channels.faults import WE_CUT, FaultySocket
from harness.channels.wsframes import End, Frames, WsBounds
from harness.clock import Clock
from harness.finding import seconds

LOOK_EVERY_US: Final = 100_000
"""How long the reader waits at most before it looks whether something else is due."""
READ_BYTES: Final = 65_536
SLOW_BYTES: Final = 4096
"""What a slow reader takes from the socket at a time; it takes one message each time, too."""
_NOT_NOW: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class WsConnection:
    """Frames and the socket that carries them. Only `settle` and `linger` wait longer than a look."""

    def __init__(self, held: socket.socket, early: bytes, clock: Clock, bounds: WsBounds) -> None:
        """`early`: bytes of frames that came with the handshake's answer."""
        held.setblocking(False)
        self.faults = FaultySocket(held, SLOW_BYTES)
        self._early = early
        self._clock = clock
        self._bounds = bounds
        self._frames = Frames(bounds)
        self._lock = threading.Lock()
        self._unsent = bytearray()
        self._stuck_us: int | None = None  # since when nothing of it went out
        self._leave = threading.Event()

    @property
    def end(self) -> End | None:
        """How the connection came to its end; None while it has not."""
        if self.faults.was_cut:
            return End(None, WE_CUT)
        return self._frames.end

    def say(self, text: str) -> None:
        """Have a text frame go out; at the end of the connection none does, and the reader reports that."""
        with self._lock:
            if self._frames.say(text):
                self._flush()

    def say_goodbye(self, code: int, reason: str) -> None:
        """Have a close frame go out; the reader waits for the other side's. Raises ProtocolError."""
        with self._lock:
            self._frames.close(code, reason, self._clock.now_us())
            self._flush()

    def give_up(self, code: int, error: str, text: str) -> None:
        """Close because of what is not the peer's doing."""
        with self._lock:
            self._frames.fail(code, error, text)
            self._flush()

    def settle(self) -> None:
        """Wait until everything said has gone out, or never will."""
        while self.end is None and self._unsent:
            select.select([], [self.faults], [], LOOK_EVERY_US / 1_000_000)
            with self._lock:
                self._flush()

    def hear(self, until_us: int) -> list[str]:
        """The messages that come next; none where none are complete by `until_us` or the next look."""
        now_us = self._clock.now_us()
        data: bytes | None = None
        if not self.faults.is_deaf:
            data = self._early or self._read(max(0, min(LOOK_EVERY_US, until_us - now_us)))
            self._early = b""
        self._wait_while_deaf()
        with self._lock:
            now_us = self._clock.now_us()
            if self.faults.is_slow:
                self._frames.excuse(now_us)
            texts = self._frames.hear(data, now_us) if data else []
            self._frames.look(now_us)
            self._flush()
        return texts

    def pace(self) -> bool:
        """Hold a message that has come until a fault lets it be taken; False where it never will be."""
        self._wait_while_deaf()
        return self.faults.pace()

    def _wait_while_deaf(self) -> None:
        """Wait until it is not half-open, or over."""
        while self.faults.is_deaf:
            self.faults.listen(LOOK_EVERY_US)
            with self._lock:
                now_us = self._clock.now_us()
                self._frames.excuse(now_us)
                self._frames.look(now_us)
                self._flush()
            if self._leave.is_set() or self.end is not None:
                return

    def linger(self) -> None:
        """Give the other side time to see our close and to hang up; then let go of the socket."""
        end = self.end
        wait_us = self._bounds.linger_us if end is not None and end.ours else self._bounds.close_us
        due_us = self._clock.now_us() + wait_us
        try:
            while end is not None and end.code is not None and not self._leave.is_set():
                left_us = due_us - self._clock.now_us()
                with self._lock:
                    self._flush()
                if left_us <= 0 or self.faults.was_cut or self._receive(min(left_us, LOOK_EVERY_US)) == b"":
                    break
        except OSError:
            pass  # the other side has reset it: it is gone as well
        finally:
            self.faults.close()

    def leave(self) -> None:
        """Have nobody linger."""
        self._leave.set()

    def _read(self, wait_us: int) -> bytes | None:
        try:
            data = self._receive(wait_us)
        except OSError as error:
            self._finish(f"the connection broke: {error.strerror or error}")
            return None
        if data == b"":
            self._finish("the connection ended without a close frame")
        return data

    def _receive(self, wait_us: int) -> bytes | None:
        """What the socket has next; None where it has nothing yet. Raises OSError."""
        is_behind = len(self._unsent) > self._bounds.unsent_bytes  # it is to read what we said first
        reads = [] if is_behind else [self.faults]
        writes = [self.faults] if self._unsent else []
        readable, _, _ = select.select(reads, writes, [], wait_us / 1_000_000)
        if not readable:
            return None
        self.faults.hold()
        try:
            with self._lock:  # TLS takes no reading and writing at once
                return self.faults.take(READ_BYTES)
        except _NOT_NOW:
            return None

    def _finish(self, why: str) -> None:
        with self._lock:
            self._frames.finish(why)

    def _flush(self) -> None:
        """Write what there is room for; the lock is held. Room for nothing, too long, ends the connection."""
        now_us = self._clock.now_us()
        self._unsent += self._frames.unsent()
        try:
            while self._unsent and not self.faults.was_cut:
                sent_bytes = self.faults.send(self._unsent[:READ_BYTES])
                del self._unsent[:sent_bytes]
                self._stuck_us = None
        except _NOT_NOW:
            if self._stuck_us is None:
                self._stuck_us = now_us
            elif now_us >= self._stuck_us + self._bounds.send_us:
                within = f"within {seconds(self._bounds.send_us)}"
                self._frames.finish(f"the other side read nothing of what we said {within}", "T027")
        except OSError:
            self._unsent.clear()  # it is gone: the reader finds out how
