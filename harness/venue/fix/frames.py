"""FIX messages inside a stream of bytes, for defects that change them on the way.

The acceptor is quickfix and reads its own bytes; nothing of a healthy build comes through here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.venue.fix.parts import Tap

SOH: Final = b"\x01"
_END: Final = re.compile(rb"\x0110=[0-9]{3}\x01")


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as its fields, in order; BodyLength and CheckSum are made anew when it is written."""

    fields: tuple[tuple[int, str], ...]

    def get(self, tag: int) -> str:
        """A field's first value; empty where it is missing."""
        return next((value for each, value in self.fields if each == tag), "")

    @property
    def number(self) -> int:
        """MsgSeqNum."""
        return int(self.get(34))

    def with_values(self, values: Mapping[int, str]) -> Frame:
        """With some fields' values changed where they stand."""
        return Frame(tuple((tag, values.get(tag, value)) for tag, value in self.fields))

    def without(self, *tags: int) -> Frame:
        """Without some fields."""
        return Frame(tuple((tag, value) for tag, value in self.fields if tag not in tags))

    def encode(self) -> bytes:
        """As bytes."""
        rows = [(tag, value) for tag, value in self.fields if tag not in (8, 9, 10)]
        body = b"".join(f"{tag}={value}".encode("latin-1") + SOH for tag, value in rows)
        head = f"8={self.get(8)}".encode("latin-1") + SOH + f"9={len(body)}".encode() + SOH
        return head + body + f"10={sum(head + body) % 256:03d}".encode() + SOH


class FrameTap(Tap):
    """A tap that sees messages: a defect overrides one way or both."""

    def __init__(self) -> None:
        self._unread = {True: b"", False: b""}

    def inbound(self, data: bytes) -> bytes:
        return self._through(data, inwards=True)

    def outbound(self, data: bytes) -> bytes:
        return self._through(data, inwards=False)

    def from_client(self, frame: Frame) -> list[Frame]:
        """What the acceptor gets for a message of the client."""
        return [frame]

    def to_client(self, frame: Frame) -> list[Frame]:
        """What the client gets for a message of the acceptor."""
        return [frame]

    def _through(self, data: bytes, *, inwards: bool) -> bytes:
        unread, done = self._unread[inwards] + data, b""
        while end := _END.search(unread):
            raw, unread = unread[: end.end()], unread[end.end() :]
            frame = _read(raw)
            if frame is None:
                done += raw  # not a message: the acceptor has its own opinion of that
                continue
            changed = self.from_client(frame) if inwards else self.to_client(frame)
            done += raw if changed == [frame] else b"".join(each.encode() for each in changed)
        self._unread[inwards] = unread
        return done


def _read(raw: bytes) -> Frame | None:
    fields = []
    for part in raw.split(SOH)[:-1]:
        tag, equals, value = part.partition(b"=")
        if not equals or not tag.isdigit():
            return None
        fields.append((int(tag), value.decode("latin-1")))
    frame = Frame(tuple(fields))
    return frame if frame.get(35) and frame.get(34).isdigit() else None
