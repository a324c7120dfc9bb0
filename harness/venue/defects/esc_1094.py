"""ESC-1094: a Logon whose number is too low is answered by a close, and by nothing else.

Escalation PUB-094 (quickfixgo, issue 369): a client that had lost its store logged on with 1, and its
connection was closed without a Logout: it could not know why, nor which number was expected. Here the gateway
loses the Logout `MsgSeqNum too low, expecting X but received Y` that its engine writes before it closes. A
number that is too low later on, on a session that is logged on, is answered as it should be.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.fix.frames import Frame, FrameTap
from harness.venue.parts import Parts

CASE = "ESC-1094"
_LOGON, _LOGOUT = "A", "5"


class Wordless(FrameTap):
    """Keeps back the Logout of a connection on which no Logon was answered."""

    def __init__(self) -> None:
        super().__init__()
        self._logged_on = False

    def to_client(self, frame: Frame) -> list[Frame]:
        self._logged_on = self._logged_on or frame.get(35) == _LOGON
        lost = frame.get(35) == _LOGOUT and not self._logged_on and "too low" in frame.get(58)
        return [] if lost else [frame]


def apply(parts: Parts) -> Parts:
    """Put it in the way of the gateway's bytes."""
    return replace(parts, fix_wire=parts.fix_wire.through(Wordless))
