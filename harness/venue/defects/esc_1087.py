"""ESC-1087: reports that a client missed are gone after it logs on again.

Escalation PUB-087 (quickfixn, issue 896): messages that were lost before a logout were never delivered,
because the gap was forgotten over the logon. Here the gateway forgets it: a ResendRequest for messages of an
earlier connection is answered with a gap fill (35=4, 123=Y) over execution reports that were never received.
Messages of the same connection are still resent.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.fix.frames import Frame, FrameTap
from harness.venue.parts import Parts

CASE = "ESC-1087"
_HEAD = (8, 34, 43, 49, 52, 56, 122)


class Forgetful(FrameTap):
    """Gap-fills every application message that is resent from before this connection's logon."""

    def __init__(self) -> None:
        super().__init__()
        self._logon = 0

    def to_client(self, frame: Frame) -> list[Frame]:
        if frame.get(35) == "A":
            self._logon = frame.number
        if frame.get(35) not in ("8", "9", "j") or frame.get(43) != "Y" or frame.number >= self._logon:
            return [frame]
        first, *head = ((tag, value) for tag, value in frame.fields if tag in _HEAD)
        return [Frame((first, (35, "4"), *head, (36, str(frame.number + 1)), (123, "Y")))]


def apply(parts: Parts) -> Parts:
    """Put it in the way of the gateway's bytes."""
    return replace(parts, fix_wire=parts.fix_wire.through(Forgetful))
