r"""FIX as people write and read it: `|` for SOH, and checksums put right, or kept as wrong as they were.

A `|` in a value is written `\|`, a backslash `\\`, any other byte outside printable ASCII `\xNN`, so that
every byte string has exactly one written form and reading it gives the bytes back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from .codec import Value, value_text
from .message import whole_number

_SHOWN: Final = {byte: chr(byte) for byte in range(32, 127)} | {1: "|", 0x7C: r"\|", 0x5C: r"\\"}
MARKS: Final = "«·»"
"""What a placeholder is written with: the one thing outside ASCII that is read, as its bytes in Latin-1."""
_NO_MARKS: Final = str.maketrans("", "", MARKS)
_TABLE = {byte: _SHOWN.get(byte, f"\\x{byte:02x}") for byte in range(256)}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([|\\]))|\||[^\\|]+")
_COMPUTED = re.compile(
    rb"\A(8=[^\x01]*\x01)(?:9=([^\x01]*)\x01)?(.*?)(?:(?<=\x01)10=([^\x01]*)\x01)?\Z", re.S
)


def show(raw: bytes) -> str:
    """Write bytes for people: `8=FIX.4.4|9=5|35=0|10=163|`."""
    return raw.decode("latin-1").translate(_TABLE)


def read(text: str) -> bytes:
    r"""Read the written form back to the bytes; the marks of a placeholder (`«·»`) are a byte each.

    Raises ValueError for a lone backslash or any other character that is no ASCII (the writer's fault)."""
    if "\\" not in text and text.translate(_NO_MARKS).isascii():
        return text.replace("|", "\x01").encode("latin-1")
    parts: list[bytes] = []
    at = 0
    while at < len(text):
        found = _ESCAPE.match(text, at)
        if found is None or not found[0].translate(_NO_MARKS).isascii():
            raise ValueError(
                f"character {at + 1} of {text[:80]!r} is not written FIX: use \\xNN, \\| or \\\\"
            )
        if found[1]:
            parts.append(bytes.fromhex(found[1]))
        elif found[2]:
            parts.append(found[2].encode())
        else:
            parts.append(b"\x01" if found[0] == "|" else found[0].encode("latin-1"))
        at = found.end()
    return b"".join(parts)


def seal(text: str, header: Mapping[int, str] | None = None) -> bytes:
    """Read a written message and compute what it leaves open: 9 and 10, where they are missing or `?`.

    A 9 or 10 that is there is kept, right or wrong; so is a 9 that stands in another place. `header` are a
    session's own fields by tag: they stand for `?`, and where 9 is missing too they are put in behind a
    leading 35, so that a text with `9=?` can lack them. Raises ValueError where the text does not start with
    8= (the writer's fault).
    """
    raw = read(text)
    found = _COMPUTED.match(raw)
    if found is None or not raw.endswith(b"\x01"):
        raise ValueError(f"a written message starts with 8=… and ends with |: {text[:80]!r}")
    begin, length, body, total = found.groups()
    computes = length is None and not body.startswith(b"9=") and b"\x019=" not in body
    body = _headed(body, header or {}, missing=computes)
    if length == b"?" or computes:
        length = b"%d" % len(body)
    message = begin + (b"" if length is None else b"9=%b\x01" % length) + body
    if total in (None, b"?"):
        total = b"%03d" % (sum(message) & 0xFF)
    return message + b"10=%b\x01" % total


def _headed(body: bytes, header: Mapping[int, str], *, missing: bool) -> bytes:
    """The body with a session's fields for `?`, and with those that it lacks where `missing`."""
    lacking = b""
    for tag, text in header.items():
        name, own = b"\x01%d=" % tag, b"\x01%d=%b\x01" % (tag, text.encode("latin-1"))
        body = (b"\x01" + body).replace(name + b"?\x01", own)[1:]
        if name not in b"\x01" + body:
            lacking += own[1:]
    if not missing or not body.startswith(b"35="):
        return body
    first, _, rest = body.partition(b"\x01")
    return first + b"\x01" + lacking + rest


def tampered(raw: bytes, fields: Mapping[int, Value | None]) -> bytes:
    """A message with some fields replaced by tag, the first of each, and nothing computed again; None takes
    one away. Raises ValueError where it has no such field (the caller's fault)."""
    for tag, value in fields.items():
        found = re.search(rb"(?:\A|(?<=\x01))%d=[^\x01]*\x01" % tag, raw)
        if found is None:
            raise ValueError(f"the message has no field {tag}: {show(raw)[:80]}")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        new = b"" if text is None else b"%d=%b\x01" % (tag, value_text(text).encode("latin-1"))
        raw = raw[: found.start()] + new + raw[found.end() :]
    return raw


def reseal(before: bytes, after: bytes) -> bytes:
    """Put 9 and 10 of a changed message right, keeping a recorded error.

    `before` is the message as it came, `after` the same with values replaced (redaction). Where 9 or 10 of
    `before` was wrong by some amount, the result is wrong by the same amount. Bytes that do not have 9 and
    10 in their places are given back as `after` has them.
    """
    old, new = _COMPUTED.match(before), _COMPUTED.match(after)
    if old is None or new is None:
        return after
    message = after
    claimed = whole_number(_text(old[2]))
    if claimed is not None and new[2] is not None:
        length = max(0, claimed - len(old[3]) + len(new[3]))
        message = new[1] + b"9=%d\x01" % length + new[3] + _trailer(new[4])
    total = whole_number(_text(old[4]))
    if total is None or new[4] is None:
        return message
    wrong_by = total - (sum(before[: old.start(4) - 3]) & 0xFF)
    unsealed = message[: -len(_trailer(new[4]))]
    return unsealed + b"10=%03d\x01" % (((sum(unsealed) & 0xFF) + wrong_by) % 256)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _trailer(value: bytes | None) -> bytes:
    return b"" if value is None else b"10=%b\x01" % value
