"""The last look before a cassette is written: identities that still stand in it, in whatever encoding.

Wider than what is replaced: hex at any offset and in any case, decimal numbers, and base64 of the bytes or of
the text, wherever in the encoded data they start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.identities import tokens
from harness.identities.known import ADDRESS_DIGITS, Known, digits_of, kind_of
from harness.redact import Hit
from harness.redact.forms import base64_cores
from harness.wire.ctf import checksum_address

_LEAST_CHARS: Final = 24
"""The base64 of 20 bytes has at least so many characters of their own."""
_HEX_RUN: Final = re.compile(r"[0-9a-f]{40,}")
_DECIMAL: Final = re.compile(r"[0-9]{28,78}")
_BASE64_RUN: Final = re.compile(rf"[A-Za-z0-9+/_-]{{{_LEAST_CHARS},}}")
_ONLY_HEX: Final = re.compile(r"(?:0[xX])?[0-9a-fA-F]+")
_PREFIX_CHARS: Final = 8


def remaining(text: str, known: Known) -> list[Hit]:
    """Every identity that stands in the text, in order of place; `form` is hex, decimal, base64 or raw."""
    found: dict[int, tuple[str, str]] = {}
    lowered = text.lower()
    for run in _HEX_RUN.finditer(lowered):
        for start, _, number in known.spans(run[0], 1):
            found.setdefault(run.start() + start, (_label(number), "hex"))
    for run in _DECIMAL.finditer(text):
        if known.is_known(int(run[0])):
            found.setdefault(run.start(), (_label(int(run[0])), "decimal"))
    for start, label in _base64(text, known):
        found.setdefault(start, (label, "base64"))
    for start, end in tokens.uuids(text):
        number = tokens.uuid_number(text[start:end])
        if number in known.uuids and known.is_identity_uuid(number):
            found.setdefault(start, ("identity.uuid", "raw"))
    for start, end in tokens.emails(text):
        if text[start:end].lower().replace("%40", "@") in known.emails:
            found.setdefault(start, ("identity.email", "raw"))
    naming = known.naming()
    for name in naming.finditer(text) if naming else ():
        found.setdefault(name.start(), ("identity.name", "raw"))
    return [Hit(start, text.count("\n", 0, start) + 1, *found[start]) for start in sorted(found)]


def _label(number: int) -> str:
    return f"identity.{kind_of(number)}"


def _base64(text: str, known: Known) -> Iterator[tuple[int, str]]:
    cores = {core: _label(number) for number in known.originals() for core in _cores(number)}
    by_prefix: dict[str, list[str]] = {}
    for core in cores:
        by_prefix.setdefault(core[:_PREFIX_CHARS], []).append(core)
    for run in _BASE64_RUN.finditer(text):
        inside = run[0]
        if _ONLY_HEX.fullmatch(inside):
            continue
        for at in range(len(inside) - _LEAST_CHARS + 1):
            for core in by_prefix.get(inside[at : at + _PREFIX_CHARS], ()):
                if inside.startswith(core, at):
                    yield run.start() + at, cores[core]


def _cores(number: int) -> Iterator[str]:
    """The base64 characters that hold nothing but this number, as bytes and as text."""
    size = digits_of(number)
    digits = f"{number:0{size}x}"
    spelled = [digits, digits.upper()]
    if size == ADDRESS_DIGITS:
        spelled.append(checksum_address("0x" + digits)[2:])
    for data in (bytes.fromhex(digits), *(text.encode() for text in spelled)):
        yield from base64_cores(data)
