"""A driver of the ws channel, its server, and what the driver reports."""

from __future__ import annotations

import threading
from typing import Any

from harness.accounts import Account
from harness.channels.ws import WsDriver
from harness.clock import RunClock

from .leaves import OPEN_DIAL
from .notes import Notes
from .wspeer import Peer

SUBSCRIBE = {"subscribe": {"assets_ids": ["1"]}}


class Bench:
    """A driver, its server, and what the driver reports."""

    def __init__(self, peer: Peer, stream: str = "market", account: Account | None = None) -> None:
        self.peer = peer
        self.notes = Notes()
        self.driver = WsDriver(peer.url, stream, account, self.notes, RunClock(), OPEN_DIAL)

    def do(self, intent: dict[str, Any], *, opens: bool = False) -> list[Any]:
        """Carry out one intent; what was reported by then. With `opens`, the server takes the connection."""
        before = len(self.notes.told)
        taking = threading.Thread(target=self.peer.accept)
        if opens:
            taking.start()
        self.driver.send(intent, self.notes)
        if opens:
            taking.join()
        return self.notes.told[before:]

    def subscribe(self) -> None:
        """Open the channel, and read what that says."""
        self.do(SUBSCRIBE, opens=True)
        assert self.read(2) == ['{"type":"market","assets_ids":["1"]}', "PING"]

    def end(self) -> None:
        """The server hangs up, and the driver closes."""
        if self.peer.held is not None:
            self.peer.held.close()
        self.driver.close()

    def read(self, count: int) -> list[str]:
        return [self.peer.read() for _ in range(count)]
