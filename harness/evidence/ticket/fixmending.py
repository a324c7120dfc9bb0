"""FIX messages that somebody edited, shortened or typed into a mail: what they say plainly, made whole.

An editor leaves BodyLength (9) and CheckSum (10) as they were; nobody computes them by hand. A message whose
CheckSum is right for its bytes was not edited: it was sent so, and what is wrong with it may be the bug. It
stays as it stands, and so does one of which not every field can be told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harness.wire.fix.codec import SOH, parse
from harness.wire.fix.message import Message
from harness.wire.fix.written import seal, show

_FIELD: Final = re.compile(rb"([1-9][0-9]{0,4})=([^\x01]+)")
_CUT: Final = re.compile(rb"([1-9][0-9]{0,4})(?:=|\Z)")
_SUMMED: Final = re.compile(rb"(?<=\x01)10=([0-9]{3})\x01\Z")
_TEXTS: Final = (b"58", b"148")  # Text, Headline
_NAMED: Final = ((b"9", "BodyLength"), (b"10", "CheckSum"))
_COMPUTED: Final = (b"8", b"9", b"10", b"35")


@dataclass(frozen=True, slots=True)
class Mended:
    """A message with its 9 and 10 as they belong, and what was wrong with it as it stood, in words."""

    raw: bytes
    told: str


def flaw_of(raw: bytes) -> str:
    """What is wrong with the frame of a message, in words; "" where nothing is."""
    frame = parse(raw)
    return "" if isinstance(frame, Message) else frame.flaw.text


def mended(raw: bytes) -> Mended | None:
    """A damaged message as a whole one; None where it is whole, was sent so, or is not plain."""
    flaw = flaw_of(raw)
    if not flaw or _is_summed(raw):
        return None
    *parts, last = raw.split(SOH)
    cut = _CUT.match(last)
    if cut is not None and cut[1] != b"10":
        flaw = f"it is cut off within field {cut[1].decode()}, which is left out"
    told: list[tuple[bytes, bytes]] = []
    for part in parts:
        field = _FIELD.fullmatch(part)
        if field is not None:
            told.append((field[1], field[0]))
        elif told and told[-1][0] in _TEXTS:
            told[-1] = told[-1][0], told[-1][1] + b"|" + part  # a `|` in a text, where `|` stands for SOH
        else:
            return None
    tags = {tag for tag, _ in told}
    if cut is None and not {b"9", b"10"} <= tags:
        flaw = f"it has no {' and no '.join(name for tag, name in _NAMED if tag not in tags)}"
    kind = next((whole for tag, whole in told if tag == b"35"), None)
    begin = next((whole for tag, whole in told if tag == b"8"), None)
    if kind is None or begin is None:
        return None
    rest = (whole for tag, whole in told if tag not in _COMPUTED)
    whole = seal(show(SOH.join((begin, kind, *rest, b""))))
    return Mended(whole, flaw) if not flaw_of(whole) else None


def _is_summed(raw: bytes) -> bool:
    """Whether a message's CheckSum is right for its bytes."""
    found = _SUMMED.search(raw)
    return found is not None and int(found[1]) == sum(raw[: found.start()]) & 0xFF
