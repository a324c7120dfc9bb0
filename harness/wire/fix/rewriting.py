"""Written FIX with values replaced, as right or as wrong as it was: 9, 10 and the lengths of data follow.

For redaction. A value is changed where it stands, in a message that is garbled too; what is not changed keeps
every byte. A placeholder stays legible in the written form: `read` takes its marks for the bytes they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from . import tags
from .message import whole_number
from .written import MARKS, read, reseal, show

Change = Callable[[int, str], str]
"""What to write for the value of a tag; the tag is 0 for what is no field."""

_FIXED: Final = frozenset({tags.BEGIN_STRING, tags.BODY_LENGTH, tags.CHECK_SUM, tags.MSG_TYPE})
_MARKED: Final = re.compile(r"\\xab((?:[A-Za-z0-9_.:#~-]|\\xb7)*)\\xbb")
_SOH: Final = b"\x01"
_NEXT_FIELD: Final = re.compile(rb"\x01(?=[0-9]+=)|\x01?\Z")
_PIECES: Final = re.compile(f"[{MARKS}]|[^{MARKS}]+")


@dataclass(slots=True)
class _Part:
    """A field, or with tag 0 what is no field; its bytes end with SOH unless they were cut off."""

    tag: int
    name: bytes
    value: bytes
    end: bytes

    @property
    def raw(self) -> bytes:
        return self.name + self.value + self.end


def rewritten(text: str, change: Change) -> str:
    """The written text with its values changed; a text in which nothing changes is given back as it is.

    Of each message BodyLength and CheckSum are computed again and every length of a data field moves with
    its data: right stays right, and what was wrong stays wrong by as much. Framing itself (8, 9, 10, 35) is
    never changed. Raises ValueError where the text is no written FIX (its writer's fault).
    """
    raw = read(text)
    done = b"".join(_changed(message, change) for message in _messages(raw))
    if done == raw:
        return text
    return _MARKED.sub(lambda found: "«" + found[1].replace(r"\xb7", "·") + "»", show(done))


def values(text: str) -> Iterator[tuple[int, str]]:
    """Tag and value of every field in order, 0 for what is no field. Raises ValueError as `rewritten`."""
    for message in _messages(read(text)):
        for part in message:
            yield part.tag, _decoded(part.value)[0]


def _changed(parts: list[_Part], change: Change) -> bytes:
    """The bytes of one message with its values changed, as right or as wrong as they were."""
    before = b"".join(part.raw for part in parts)
    for place, part in enumerate(parts):
        if part.tag in _FIXED:
            continue
        old, codec = _decoded(part.value)
        new = change(part.tag, old)
        if new == old:
            continue
        data = _encoded(new, codec)
        if place and tags.DATA_OF_LENGTH.get(parts[place - 1].tag) == part.tag:
            _lengthen(parts[place - 1], len(data) - len(part.value))
        part.value = data
    after = b"".join(part.raw for part in parts)
    return after if after == before else reseal(before, after)


def _lengthen(length: _Part, by: int) -> None:
    claimed = whole_number(length.value.decode("latin-1"))
    if claimed is not None:
        length.value = b"%d" % max(0, claimed + by)


def _decoded(value: bytes) -> tuple[str, str]:
    """The value as text, and how it is encoded; what is not UTF-8 is taken byte by byte."""
    try:
        return value.decode(), "utf-8"
    except UnicodeDecodeError:
        return value.decode("latin-1"), "latin-1"


def _encoded(text: str, codec: str) -> bytes:
    """The text as bytes; the marks of a placeholder are one byte each, whatever stands around them."""
    return b"".join(
        piece.encode("latin-1") if piece in MARKS else piece.encode(codec, "surrogatepass")
        for piece in _PIECES.findall(text)
    )


def _messages(raw: bytes) -> Iterator[list[_Part]]:
    """The parts of every message; another begins with 8= behind a checksum."""
    message: list[_Part] = []
    for part in _parts(raw):
        if part.tag == tags.BEGIN_STRING and message and message[-1].tag == tags.CHECK_SUM:
            yield message
            message = []
        message.append(part)
    yield message


def _parts(raw: bytes) -> Iterator[_Part]:
    at, data_of, size = 0, 0, 0
    while at < len(raw):
        stop = raw.find(_SOH, at)
        stop = len(raw) if stop < 0 else stop
        equals = raw.find(b"=", at, stop)
        digits = raw[at:equals] if equals >= 0 else b""
        tag = whole_number(digits.decode("latin-1")) or 0
        first = equals + 1 if tag else at
        if tag and tag == data_of and raw[first + size : first + size + 1] == _SOH:
            stop = first + size  # data may hold SOH: its length says where it ends
        elif tag in tags.LENGTH_OF_DATA and (following := _NEXT_FIELD.search(raw, stop)):
            stop = following.start()  # without a length that fits: up to the next field
        part = _Part(tag, raw[at:first], raw[first:stop], raw[stop : stop + 1])
        data_of = tags.DATA_OF_LENGTH.get(tag, 0)
        size = (whole_number(part.value.decode("latin-1")) or 0) if data_of else 0
        yield part
        at = stop + 1
