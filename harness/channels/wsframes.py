"""The frames of one WebSocket connection as values: bytes and times in, texts out; every limit is held here.

Framing is websockets' (RFC 6455); joining fragments, time, and how a connection ended are ours. No I/O.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

from websockets.exceptions import InvalidState, PayloadTooBig
from websockets.frames import DATA_OPCODES, Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from harness import limits
from harness.finding import seconds

SECOND_US: Final = 1_000_000
TOO_BIG: Final = 1009
BAD_TEXT: Final = 1007
POLICY: Final = 1008


@dataclass(frozen=True, slots=True)
class WsBounds:
    """How much and how long, for one connection; the defaults are the limits that a run has."""

    open_us: int = limits.WS_OPEN_S * SECOND_US
    close_us: int = limits.WS_CLOSE_S * SECOND_US
    send_us: int = limits.WS_SEND_S * SECOND_US
    message_us: int = limits.WS_MESSAGE_S * SECOND_US
    linger_us: int = limits.WS_LINGER_S * SECOND_US
    handshake_bytes: int = limits.WS_HANDSHAKE_BYTES
    message_bytes: int = limits.WS_MESSAGE_BYTES
    fragments: int = limits.WS_FRAGMENTS
    control_frames: int = limits.WS_CONTROL_FRAMES
    unsent_bytes: int = limits.WS_UNSENT_BYTES


@dataclass(frozen=True, slots=True)
class End:
    """How a connection ended: with the peer's close, with ours (`ours`), or without any (`code` None)."""

    code: int | None
    reason: str
    ours: bool = False


class _Protocol(Protocol):
    """websockets' framing, which also knows whether a frame has begun."""

    def __init__(self, message_bytes: int) -> None:
        self.fed_bytes = self.boundary_bytes = 0
        super().__init__(Side.CLIENT, state=OPEN, max_size=message_bytes)

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None  # it may stand between fragments (RFC 6455, 5.4), as every control frame
        super().recv_frame(frame)
        self.boundary_bytes = self.fed_bytes - len(self.reader.buffer)


class Frames:
    """One connection's frames in both directions, and its end."""

    def __init__(self, bounds: WsBounds) -> None:
        self._bounds = bounds
        self._protocol = _Protocol(bounds.message_bytes)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._parts: list[str] = []
        self._control_frames = 0
        self._began_us: int | None = None  # the message that has not come whole yet
        self._close_due_us: int | None = None
        self.end: End | None = None

    def hear(self, data: bytes, now_us: int) -> list[str]:
        """The messages that these bytes complete; what is wrong with them ends the connection (`end`)."""
        if self.end is not None:
            return []  # RFC 6455, 1.4: what comes behind a close is discarded
        protocol, texts = self._protocol, list[str]()
        before_bytes = protocol.boundary_bytes
        protocol.fed_bytes += len(data)
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Frame) and self.end is None:
                self._frame(event, texts)
        self._settle(now_us)
        if not self._parts and protocol.boundary_bytes == protocol.fed_bytes:
            self._began_us = None
        elif self._began_us is None or texts or (not self._parts and protocol.boundary_bytes > before_bytes):
            self._began_us = now_us  # what was begun before is whole
        return texts

    def finish(self, why: str, error: str = "") -> None:
        """The bytes have ended, and `why`; `error` is our code for it, where it has one."""
        if self.end is None:
            self.end = End(None, f"{error} {why} {self._where()}".lstrip())

    def look(self, now_us: int) -> None:
        """End what has taken too long: a message that drips, a closing handshake that is not answered."""
        if self.end is not None:
            return
        bounds = self._bounds
        if self._close_due_us is not None and now_us >= self._close_due_us:
            text = f"the closing handshake was not answered within {seconds(bounds.close_us)}"
            self.finish(text, "T027")
        elif self._began_us is not None and now_us >= self._began_us + bounds.message_us:
            text = f"a message did not come whole within {seconds(bounds.message_us)}"
            self.fail(POLICY, "T025", text)

    def excuse(self, now_us: int) -> None:
        """What is slow now is our own doing: time begins anew."""
        if self._began_us is not None:
            self._began_us = now_us

    def say(self, text: str) -> bool:
        """Have a text frame go out; False where the connection is closing or at its end."""
        try:
            self._protocol.send_text(text.encode())
        except InvalidState:
            return False
        return True

    def close(self, code: int, reason: str, now_us: int) -> None:
        """Have a close frame go out, once. Raises ProtocolError for one that WebSocket does not know."""
        try:
            self._protocol.send_close(code, reason)
        except InvalidState:
            return
        self._close_due_us = now_us + self._bounds.close_us

    def fail(self, code: int, error: str, text: str) -> None:
        """Close for a limit or rule that was broken, with our code for it."""
        if self.end is None:
            self._protocol.fail(code, error)
            self.end = End(code, f"{error} we closed: {text} {self._where()}", ours=True)

    def unsent(self) -> bytes:
        """The bytes to write next, in order, behind those given before."""
        return b"".join(self._protocol.data_to_send())

    def _frame(self, frame: Frame, texts: list[str]) -> None:
        if frame.opcode in DATA_OPCODES:
            self._data(frame, texts)
        elif frame.opcode is not Opcode.CLOSE:
            self._control_frames += 1
            if self._control_frames > self._bounds.control_frames:
                self.fail(POLICY, "T024", f"more than {self._bounds.control_frames} pings and pongs")

    def _data(self, frame: Frame, texts: list[str]) -> None:
        if frame.opcode is not Opcode.CONT:
            errors = "strict" if frame.opcode is Opcode.TEXT else "backslashreplace"
            self._decoder, self._parts = codecs.getincrementaldecoder("utf-8")(errors), []
        assert self._decoder is not None  # the protocol lets no continuation begin
        try:
            self._parts.append(self._decoder.decode(bytes(frame.data), frame.fin))
        except UnicodeDecodeError as error:
            self.fail(BAD_TEXT, "T026", f"a text is not UTF-8: {error.reason}")
            return
        if frame.fin:
            texts.append("".join(self._parts))
            self._parts = []
        elif len(self._parts) >= self._bounds.fragments:
            self.fail(POLICY, "T024", f"a message has more than {self._bounds.fragments} fragments")

    def _settle(self, now_us: int) -> None:
        """Take over an end that the protocol found: a close of the peer's, or bytes that break its rules."""
        protocol = self._protocol
        if self.end is not None:
            return
        wrong, received = protocol.parser_exc, protocol.close_rcvd
        if wrong is not None:
            sent = protocol.close_sent
            error = "T024" if isinstance(wrong, PayloadTooBig) else "T026"
            self.end = End(
                int(sent.code) if sent else None, f"{error} we closed: {wrong} {self._where()}", ours=True
            )
        elif received is not None:
            self.end = End(int(received.code), received.reason)

    def _where(self) -> str:
        """After how many bytes, and in the middle of what."""
        protocol = self._protocol
        begun = protocol.fed_bytes - protocol.boundary_bytes
        place = "between messages"
        if begun:
            place = f"{begun} bytes into a frame"
        elif self._parts:
            place = f"behind fragment {len(self._parts)} of a message"
        return f"(after {protocol.fed_bytes} bytes, {place})"
