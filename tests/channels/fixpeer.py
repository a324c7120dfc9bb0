"""The other side of a FIX session, over a plain socket and written by hand: it answers the Logon only."""

from __future__ import annotations

import time

from venue.bench import eventually

from harness.channels.address import FixAddress
from harness.wire.fix.codec import Parser, encode
from harness.wire.fix.message import Message

from .listening import Listening
from .wspeer import END, RESET, unacknowledged_bytes

BEGIN = "FIXT.1.1"


class FixPeer(Listening):
    """One connection after the other; messages come and go by type and fields."""

    def __init__(self) -> None:
        super().__init__()
        self.address = FixAddress("127.0.0.1", self.port, "CASE", "PEER", BEGIN)
        self._parser = Parser()
        self._read: list[Message] = []
        self._number = 0

    def accept(self) -> None:
        """Take a connection and answer its Logon."""
        self.take()
        self.begin()
        assert self.read().startswith("A")
        self.say("A", (98, "0"), (108, "30"), (141, "Y"), (1137, "9"))

    def begin(self) -> None:
        """Know nothing of the connection before this one."""
        self._parser, self._read, self._number = Parser(), [], 0

    def read(self) -> str:
        """The next message: its type and, where it has one, `TestReqID`; or how the connection ended."""
        while not self._read:
            try:
                data = self.connection.recv(65_536)
            except ConnectionResetError:
                return RESET
            if not data:
                return END
            self._read += [frame for frame in self._parser.feed(data) if isinstance(frame, Message)]
        message = self._read.pop(0)
        return " ".join(text for text in (message.msg_type, message.get(112)) if text)

    def say(self, msg_type: str, *fields: tuple[int, str]) -> None:
        """Write one message, and wait until it is at the other side's kernel."""
        self._number += 1
        stamp = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
        header = [(35, msg_type), (34, str(self._number)), (49, "PEER"), (56, "CASE"), (52, stamp)]
        self.connection.sendall(encode([*header, *fields], BEGIN))
        eventually(lambda: unacknowledged_bytes(self.connection) == 0)
