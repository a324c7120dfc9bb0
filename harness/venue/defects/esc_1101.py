"""ESC-1101: a benign duplicate of a gap fill ends the session.

Escalation PUB-101 (nexus, issue 604): a SequenceReset-GapFill below the expected number with PossDupFlag=Y,
which two overlapping ResendRequests bring about, was taken for a number too low without the flag. Here the
gateway drops the flag: it answers Logout "MsgSeqNum too low" and disconnects, where it must discard the
message and go on.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.fix.frames import Frame, FrameTap
from harness.venue.parts import Parts

CASE = "ESC-1101"


class Unflagging(FrameTap):
    """Drops PossDupFlag from a SequenceReset."""

    def from_client(self, frame: Frame) -> list[Frame]:
        return [frame.without(43, 122)] if frame.get(35) == "4" else [frame]


def apply(parts: Parts) -> Parts:
    """Put it in the way of the gateway's bytes."""
    return replace(parts, fix_wire=parts.fix_wire.through(Unflagging))
