"""The one door to the network: a connection is made only where the guard gave leave, to judged addresses."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from harness.channels.connecting import connected
from harness.guard import Inquiry, Permit, proven

if TYPE_CHECKING:
    from harness.notnow import NotNow
    from harness.patience import Patience

Leave = Inquiry | Permit
"""Leave to connect, as only the guard gives it."""


def looked_up(names: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Each name's addresses, looked up once; none for a name that is not known.

    What was found is judged, and then connected to whatever the name leads to later.
    """
    return {name: _found(name) for name in sorted(names)}


def _found(name: str) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Dial:
    """Connects to what its leave names, never to what a name resolves to later."""

    def __init__(self, leave: Leave, patience: Patience | None = None) -> None:
        """`patience` is for requests of our own, which may wait for the exchange; a step's have none.

        Raises GuardError G001 for a leave that the guard did not give.
        """
        proven(leave)
        self._leave = leave
        self.patience = patience

    @property
    def plain(self) -> Dial:
        """The same without patience: for what a step sends."""
        return Dial(self._leave)

    def metered(self, late: Callable[[int], None] = lambda us: None) -> Dial:
        """The same for requests that a meter has counted; `late` is told how long one was waited for."""
        return Dial(self._leave, None if self.patience is None else self.patience.of_metered(late))

    def waits(self, address: str, said: NotNow) -> bool:
        """Wait until what was not taken may be asked again; False beyond patience, or without any."""
        return self.patience is not None and self.patience.again(address, said)

    def taken(self, address: str) -> None:
        """Note that what was not taken is taken again."""
        if self.patience is not None:
            self.patience.taken(address)

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses judged for a place, for a process that connects itself. Raises GuardError."""
        return self._leave.addresses(host, port)

    def session(self, kind: str, place: tuple[str, int], sender: str, target: str) -> None:
        """Judge a FIX session that the target offers. Raises GuardError where it is not the target's."""
        self._leave.session(kind, place, sender, target)

    def connect(self, host: str, port: int, timeout_s: int) -> socket.socket:
        """A connected TCP socket, without delay for small writes; blocking calls on it end at the time-out.

        All addresses together get the time-out, in their order. Raises GuardError where there is no leave,
        before anything is looked up; OSError where nobody answers.
        """
        return connected(self._leave.addresses(host, port), port, timeout_s)
