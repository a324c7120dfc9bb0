"""ESC-1093: after a logon with ResetSeqNumFlag=Y the next message has MsgSeqNum 1 again.

Escalation PUB-093 (quickfixgo, issue 238): the counterparty answered "MsgSeqNum too low, expecting 2 but
received 1", because the engine reset once more on the flag in the reply. Here the gateway does: its Logon is
34=1 with 141=Y, and so is the first message after it; all that follow are one too low.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.fix.frames import Frame, FrameTap
from harness.venue.parts import Parts

CASE = "ESC-1093"


class ResettingTwice(FrameTap):
    """Counts one less from the Logon that resets on."""

    def __init__(self) -> None:
        super().__init__()
        self._reset = False

    def to_client(self, frame: Frame) -> list[Frame]:
        if frame.get(35) == "A":
            self._reset = frame.get(141) == "Y"
            return [frame]
        return [frame.with_values({34: str(frame.number - 1)})] if self._reset else [frame]


def apply(parts: Parts) -> Parts:
    """Put it in the way of the gateway's bytes."""
    return replace(parts, fix_wire=parts.fix_wire.through(ResettingTwice))
