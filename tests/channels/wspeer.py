"""The other side of a WebSocket, over a plain socket: it sees what is on the wire, and when it ends how."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios

from venue.bench import eventually
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from .listening import Listening

RESET = "reset"
END = "end"


def unacknowledged_bytes(held: socket.socket) -> int:
    """What was given to the kernel and has not reached the other side's."""
    return int(struct.unpack("i", fcntl.ioctl(held, termios.TIOCOUTQ, b"\0\0\0\0"))[0])


class Peer(Listening):
    """Accepts one connection after the other; reads and writes frames by hand, and answers nothing itself."""

    def __init__(self) -> None:
        super().__init__()
        self.url = f"ws://127.0.0.1:{self.port}/ws/market"
        self.paths: list[str] = []
        self._protocol = ServerProtocol()
        self._frames: list[Frame] = []

    def accept(self) -> None:
        """Take the next connection and its handshake."""
        held = self.take()
        self._protocol, self._frames = ServerProtocol(), []
        request: list[Request] = []
        while not request:
            self._protocol.receive_data(held.recv(65_536))
            request = [event for event in self._protocol.events_received() if isinstance(event, Request)]
        self.paths.append(request[0].path)
        self._protocol.send_response(self._protocol.accept(request[0]))
        self._flush()

    def read(self) -> str:
        """The next frame: its text, `ping:…`, `pong:…`, `close:1000 …`; or how the connection ended."""
        while not self._frames:
            try:
                data = self.connection.recv(65_536)
            except ConnectionResetError:
                return RESET
            if not data:
                return END
            self._protocol.receive_data(data)
            self._protocol.data_to_send()  # what a friendly server would answer
            self._frames += [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        frame = self._frames.pop(0)
        data = bytes(frame.data)
        if frame.opcode is Opcode.TEXT:
            return data.decode()
        if frame.opcode is Opcode.CLOSE:
            return f"close:{int.from_bytes(data[:2])} {data[2:].decode()}"
        return f"{frame.opcode.name.lower()}:{data.decode()}"

    def say(self, frame: Frame) -> None:
        """Write one frame."""
        self.connection.sendall(frame.serialize(mask=False))

    def text(self, text: str) -> None:
        self.say(Frame(Opcode.TEXT, text.encode()))

    def ping(self, text: str) -> None:
        """Write a Ping, and wait until it is at the other side's kernel."""
        self.say(Frame(Opcode.PING, text.encode()))
        eventually(lambda: unacknowledged_bytes(self.connection) == 0)

    def close(self, code: int, reason: str = "") -> None:
        """Write a close frame and end."""
        self.say(Frame(Opcode.CLOSE, code.to_bytes(2) + reason.encode()))

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self.connection.sendall(data)
