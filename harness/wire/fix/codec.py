"""Bytes to FIX frames and fields to bytes.

A parser says one of three things of what it was fed: *message*, *garbled*, or *partial* (the tail it keeps).
The raw bytes of all frames and the tail, joined, are the input; how the input was cut makes no difference.

Framing follows FIX 4.4 volume 1 ("Message format") and volume 2 ("Garbled messages"): BeginString,
BodyLength and MsgType come first, in this order; BodyLength counts from the field after it up to and with
the SOH before CheckSum; CheckSum is the sum of all bytes before it, modulo 256, in three digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final
from zlib import adler32

from harness.limits import FIX_FIELDS, FIX_MESSAGE_BYTES, FIX_NOISE_BYTES

from .message import Flaw, Frame, Garbled, GarbledCode, Message, whole_number
from .tags import BEGIN_STRING, BODY_LENGTH, CHECK_SUM, DATA_OF_LENGTH, LENGTH_OF_DATA, MSG_TYPE, ONCE_TAGS

SOH: Final = b"\x01"

Value = str | bytes | int | Decimal | bool

_HEAD = re.compile(rb"8=FIX[^\x01]{0,12}\x019=([0-9]{1,9})\x01")
_BEGIN = re.compile(rb"8=FIX[^\x01]{0,12}\x01")
_START = b"8=FIX"
# Every beginning of what _HEAD matches: what may still become a message.
_MAYBE = re.compile(rb"8=FIX[^\x01]{0,12}(?:\x01(?:9(?:=[0-9]{0,9})?)?)?")
_TRAILER = re.compile(rb"10=([0-9]{3})\x01")
# Where noise ends: before the next start (a digit before it makes it another tag: 58=FIX…), or behind a
# trailer.
_RESYNC = re.compile(rb"(?<![0-9])(?=8=FIX)|\x0110=[0-9]{3}\x01")

# Tags by their text, so that reading a message converts no number. Length and data fields are left out: they
# need the careful reader, and so does every other tag that is not found here.
_PLAIN_TAGS: Final = {
    str(tag): tag for tag in range(1, 10_000) if tag not in DATA_OF_LENGTH and tag not in LENGTH_OF_DATA
}

_ONCE_NAMES: Final = frozenset(map(str, ONCE_TAGS))
_NO_MARKS: Final = bytes(set(range(256)) - {1, 0x3D})
_SUM_BYTES: Final = 256  # so many bytes of 255 are less than what Adler-32 wraps at


class Parser:
    """Cuts a stream of bytes into frames, keeping what is not whole yet."""

    __slots__ = ("_need", "_tail")

    def __init__(self) -> None:
        self._tail = bytearray()
        self._need = 1

    @property
    def tail(self) -> bytes:
        """The bytes of a frame that is not whole yet."""
        return bytes(self._tail)

    @property
    def tail_bytes(self) -> int:
        """How many they are."""
        return len(self._tail)

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes and give the frames that they complete. Never raises: what is wrong with the
        bytes is the sender's fault and stands on the frames."""
        if self._tail or len(data) < self._need:
            self._tail += data
            if len(self._tail) < self._need:
                return []
            data = bytes(self._tail)
        buffer = data
        frames: list[Frame] = []
        at, end = 0, len(buffer)
        self._need = 1
        while at < end:
            frame = _next_frame(buffer, at)
            if isinstance(frame, int):
                self._need = frame
                break
            frames.append(frame)
            at += len(frame.raw)
        self._tail = bytearray(buffer[at:])
        return frames


def parse(raw: bytes) -> Frame:
    """Read bytes that should be exactly one message; Garbled, with all the bytes, where they are not.

    Raises ValueError for no bytes at all (the caller's fault).
    """
    if not raw:
        raise ValueError("no bytes are neither a message nor garbled")
    frame = _next_frame(raw, 0)
    if isinstance(frame, int):
        return Garbled(raw, _flaw("body_length", "the message ends too early"))
    if len(frame.raw) == len(raw):
        return frame
    flaw = frame.flaw if isinstance(frame, Garbled) else _flaw("body_length", "more follows the message")
    return Garbled(raw, flaw)


def encode(
    fields: Iterable[tuple[int, Value]],
    begin_string: str,
    *,
    body_length: int | None = None,
    check_sum: int | None = None,
) -> bytes:
    """Write one message: 8 and 9 are put before the fields (35 first), 10 behind them.

    A text value has one character a byte (latin-1). `body_length` and `check_sum` replace the right numbers,
    for cases that get them wrong on purpose. Raises ValueError for what no FIX message can hold: another
    first field than 35, an empty value, SOH outside a data field, a tag below 1, 8, 9 or 10 (the caller's
    fault).
    """
    parts: list[bytes] = []
    before = 0
    for tag, value in fields:
        content = value if isinstance(value, bytes) else value_text(value).encode("latin-1")
        if not content or (b"\x01" in content and DATA_OF_LENGTH.get(before) != tag):
            raise ValueError(f"{tag}={content!r}: a value is not empty and holds SOH only as data")
        if tag < 1 or tag in (BEGIN_STRING, BODY_LENGTH, CHECK_SUM) or (tag == MSG_TYPE) != (not parts):
            raise ValueError(f"{tag}={content!r}: 35 comes first and once; 8, 9 and 10 are computed")
        parts.append(b"%d=%b\x01" % (tag, content))
        before = tag
    if not parts:
        raise ValueError("a message has at least 35")
    body = b"".join(parts)
    length = len(body) if body_length is None else body_length
    message = b"8=%b\x019=%d\x01%b" % (begin_string.encode("ascii"), length, body)
    total = sum(message) & 0xFF if check_sum is None else check_sum
    return b"%b10=%03d\x01" % (message, total)


def value_text(value: Value) -> str:
    """A value as FIX writes it: flags as Y or N, numbers in plain digits, never an exponent."""
    match value:
        case str():
            return value
        case bool():
            return "Y" if value else "N"
        case int():
            return str(value)
        case Decimal() if value.is_finite():
            return f"{value:f}"
    raise ValueError(f"{value!r} is no value of a FIX field")


def _flaw(code: GarbledCode, text: str) -> Flaw:
    tags: dict[str, int] = {"begin_string": BEGIN_STRING, "check_sum": CHECK_SUM, "msg_type": MSG_TYPE}
    return Flaw(code, tags.get(code, BODY_LENGTH), text)


def _next_frame(buffer: bytes, at: int) -> Frame | int:
    """The frame that starts at `at`, or how many bytes from there are needed before asking again."""
    head = _HEAD.match(buffer, at)
    if head is None:
        have = len(buffer) - at
        if have < len(_START) and _START.startswith(buffer[at:]):
            return have + 1
        if _MAYBE.fullmatch(buffer, at):
            return have + 1
        if _BEGIN.match(buffer, at):
            return _noise(buffer, at, _flaw("body_length", "9=<number> is not the second field"))
        return _noise(buffer, at, _flaw("begin_string", "a message starts with 8=FIX"))
    length = int(head[1])
    if length > FIX_MESSAGE_BYTES:
        text = f"9={length} is more than the {FIX_MESSAGE_BYTES} bytes that we wait for"
        return _noise(buffer, at, _flaw("message_limit", text))
    body_end = head.end() + length
    whole = body_end + 7
    if len(buffer) < whole:
        return whole - at
    trailer = _TRAILER.match(buffer, body_end)
    if trailer is None or buffer[body_end - 1] != 1:
        return _noise(buffer, at, _flaw("body_length", f"9={length} does not lead to 10=<three digits>"))
    right = _sum(buffer, at, body_end)
    raw = buffer[at:whole]
    if raw.count(SOH) > FIX_FIELDS:
        return Garbled(raw, _flaw("field_limit", f"more than the {FIX_FIELDS} fields that we read"))
    if int(trailer[1]) != right:
        return Garbled(raw, _flaw("check_sum", f"10={int(trailer[1]):03d} should be {right:03d}"))
    if buffer[head.end() : head.end() + 3] != b"35=" or buffer[head.end() + 3] == 1:
        return Garbled(raw, _flaw("msg_type", "35=<type> is not the third field"))
    return _message(raw)


def _noise(buffer: bytes, at: int, flaw: Flaw) -> Frame | int:
    found = _RESYNC.search(buffer, at + 1, at + FIX_NOISE_BYTES + len(_START))
    size = (found.end() if found else len(buffer) + 1) - at
    if size > FIX_NOISE_BYTES:
        size = FIX_NOISE_BYTES
    if len(buffer) - at < size:
        return size
    return Garbled(buffer[at : at + size], flaw)


def _message(raw: bytes) -> Message:
    text = raw.decode("latin-1")
    if not text.isascii() or "=\x01" in text:
        return _careful(raw)
    marks = raw.translate(None, _NO_MARKS)
    if marks == b"=\x01" * (len(marks) // 2):  # one = a field
        parts = text[:-1].replace("\x01", "=").split("=")
        names, values = parts[::2], parts[1::2]
    else:
        pairs = [part.partition("=") for part in text[:-1].split("\x01")]
        names, values = [name for name, _, _ in pairs], [value for _, _, value in pairs]
        if not all(values):
            return _careful(raw)
    # A group repeats its tags; only where a tag that stands in no group comes twice is something wrong.
    once = list(filter(_ONCE_NAMES.__contains__, names))
    if len(once) != len(set(once)):
        return _careful(raw)
    try:
        return Message(raw, tuple(map(_PLAIN_TAGS.__getitem__, names)), tuple(values))
    except KeyError:
        return _careful(raw)


def _sum(buffer: bytes, at: int, end: int) -> int:
    """The sum of these bytes modulo 256, by the half of Adler-32 that is a sum (modulo 65,521)."""
    total = 0
    while at < end:
        stop = min(at + _SUM_BYTES, end)
        total += adler32(buffer[at:stop], 0) & 0xFFFF
        at = stop
    return total & 0xFF


def _careful(raw: bytes) -> Message:
    """Read a message that the fast way does not take: data fields, large tags, repeated tags, flaws."""
    flaws: list[Flaw] = []
    fields: list[tuple[int, str]] = []
    at, end = 0, len(raw)
    while at < end:
        stop = raw.index(SOH, at)
        name, equals, value = raw[at:stop].decode("latin-1").partition("=")
        tag = whole_number(name) or 0
        if not equals:
            flaws.append(Flaw("no_equals", tag, f"{name[:40]!r} has no ="))
        elif not tag or name[0] == "0":
            flaws.append(Flaw("tag_number", tag, f"{name[:40]!r} is no tag"))
        elif not value:
            flaws.append(Flaw("empty_value", tag, f"{tag}= has no value"))
        elif not value.isascii() and tag not in LENGTH_OF_DATA:
            flaws.append(Flaw("non_ascii", tag, f"{tag} holds a byte over 127 and is no data field"))
        if tag in LENGTH_OF_DATA and (not fields or fields[-1][0] != LENGTH_OF_DATA[tag]):
            flaws.append(Flaw("data_without_length", tag, f"{LENGTH_OF_DATA[tag]} must stand before {tag}"))
        fields.append((tag, value))
        at = stop + 1
        if tag in DATA_OF_LENGTH:
            at = _data(raw, at, fields, flaws)
    tags, values = zip(*fields, strict=True)
    return Message(raw, tags, values, (*flaws, *_twice(fields)))


def _data(raw: bytes, at: int, fields: list[tuple[int, str]], flaws: list[Flaw]) -> int:
    """Read the data field behind the length field that was read last; give where the next field starts."""
    tag, claimed = fields[-1]
    data_tag = DATA_OF_LENGTH[tag]
    start = at + len(f"{data_tag}=")
    if raw[at:start] != b"%d=" % data_tag:
        flaws.append(Flaw("length_without_data", tag, f"{data_tag} does not follow {tag}"))
        return at
    length = whole_number(claimed)
    # The last field of the message is CheckSum, so that data can never reach the end.
    if not length or start + length >= len(raw) - 7 or raw[start + length] != 1:
        flaws.append(Flaw("data_length", tag, f"{tag}={claimed} does not lead to the end of {data_tag}"))
        return at
    fields.append((data_tag, raw[start : start + length].decode("latin-1")))
    return start + length + 1


def _twice(fields: list[tuple[int, str]]) -> list[Flaw]:
    seen: set[int] = set()
    flaws = []
    for tag, _ in fields:
        if tag in seen and tag in ONCE_TAGS:
            flaws.append(Flaw("duplicate_tag", tag, f"{tag} stands twice"))
        seen.add(tag)
    return flaws
