"""A channel of an exchange that can be taken away: a relay before its port, on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class Relay:
    """Passes bytes on, both ways, until it is `down`: then it takes no connection and all of its are cut."""

    to: tuple[str, int]
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    held: list[socket.socket] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listening.getsockname()[1]
        return port

    def serve(self) -> None:
        """Take connections until it is down."""
        while True:
            try:
                near, _ = self.listening.accept()
                far = socket.create_connection(self.to)
            except OSError:
                return
            self.held += [near, far]
            for source, sink in ((near, far), (far, near)):
                self.start(self._pass, source, sink)

    def start(self, target: Callable[..., None], *given: socket.socket) -> None:
        """Do something on a thread of its own."""
        self.threads.append(threading.Thread(target=target, args=given, daemon=True))
        self.threads[-1].start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        self._end(sink)

    def cut(self) -> None:
        """End every connection; new ones are taken."""
        for each in self.held:
            self._end(each)

    def down(self) -> None:
        """Nobody listens any more, and every connection ends."""
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.cut()

    def close(self) -> None:
        """Give everything back."""
        self.down()
        for each in self.threads:
            each.join()
        for one in self.held:
            one.close()

    @staticmethod
    def _end(one: socket.socket) -> None:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(url: str) -> Iterator[tuple[Relay, str]]:
    """A relay before the place of a URL, and the URL that leads through it."""
    split = urlsplit(url)
    held = Relay((split.hostname or "", split.port or 0))
    held.start(held.serve)
    try:
        yield held, url.replace(f"{split.hostname}:{split.port}", f"127.0.0.1:{held.port}")
    finally:
        held.close()
