"""Where registered secrets stand in a text: in every form, cut off, and under escapes or compression."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from harness.redact.escapes import Reading, kind_of, readings
from harness.redact.forms import PART_CHARS, Known, small_letters

UNPACKED_BYTES: Final = 1024 * 1024
"""What is looked at of a packed text in a field; a page of the CLOB is under 2 MiB and comes unpacked."""
_PACKED: Final = re.compile(
    r"(?P<start>H4sI|(?P<second>[BRhx][+-]LC)|(?P<third>fiw[g-v])|eJ[w-z]|eN[o-r]|eA[E-H]|eF[4-7])"
    r"[A-Za-z0-9+/_-]{12,}={0,2}"
)
"""The first bytes of gzip as base64 writes them at its three offsets, and those of deflate at the first."""
_PACKED_SIGNS: Final = (
    *("H4sI", "+LC", "-LC", "fiw", "eJw", "eJx", "eJy", "eJz", "eNo", "eNp", "eNq", "eNr"),
    *("eAE", "eAF", "eAG", "eAH", "eF4", "eF5", "eF6", "eF7"),
)
_ANY: Final = 32 + 15  # zlib: gzip or zlib, by its header

Free = Callable[[str], Iterable[tuple[int, int]]]
"""The stretches of a text that are no placeholders: start and end of each."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a text that holds a secret: from `start` up to `end`, whose, in which form."""

    start: int
    end: int
    label: str
    form: str


def has_packed(text: str) -> bool:
    """Whether something in the text is gzip or deflate in base64."""
    return any(sign in text for sign in _PACKED_SIGNS) and any(True for _ in _all_packed(text))


def stretches(text: str, secrets: Sequence[Known], free: Free) -> list[Stretch]:
    """Where the secrets stand in the text, in order; what overlaps is one stretch, named as its longest."""
    found = [*_at_level(text, secrets, free), *_packed(text, secrets, free)]
    undone: list[Reading] = []
    for reading in readings(text):
        undone.append(reading)
        for each in _at_level(reading.text, secrets, free):
            start, end = each.start, each.end
            for level in reversed(undone):
                start, end = level.before(start, end)
            form = (kind_of(text[start:end]) or each.form) if each.form == "raw" else each.form
            found.append(Stretch(start, end, each.label, form))
    return _joined(found)


def _joined(found: list[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    longest = 0
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if not joined or each.start >= joined[-1].end:
            joined.append(each)
            longest = each.end - each.start
            continue
        last, size = joined[-1], each.end - each.start
        named = each if size > longest else last
        longest = max(longest, size)
        joined[-1] = Stretch(last.start, max(last.end, each.end), named.label, named.form)
    return joined


def _at_level(text: str, secrets: Sequence[Known], free: Free) -> Iterator[Stretch]:
    """Where the secrets stand in a text as it is written."""
    small = small_letters(text)
    open_to: list[tuple[int, int]] | None = None
    for known in secrets:
        for form in known.forms:
            within = small if form.any_case else text
            if form.text in within:
                open_to = open_to or list(free(text))
                for start in _starts(within, form.text, open_to):
                    yield Stretch(start, start + len(form.text), known.label, form.name)
        if known.token:
            open_to = open_to or list(free(text))
            yield from _parts(small, known, open_to)


def _starts(text: str, wanted: str, within: Iterable[tuple[int, int]]) -> Iterator[int]:
    for start, end in within:
        at = text.find(wanted, start, end)
        while at >= 0:
            yield at
            at = text.find(wanted, at + len(wanted), end)


def _parts(small: str, known: Known, within: Sequence[tuple[int, int]]) -> Iterator[Stretch]:
    """Where the secret begins and does not go on, or ends and did not begin: cut off, or split in two."""
    token = known.token
    head, tail = token[:PART_CHARS], token[-PART_CHARS:]
    if head in small:
        for start in _starts(small, head, within):
            size = _common(small[start : start + len(token)], token)
            yield Stretch(start, start + size, known.label, "raw" if size == len(token) else "part")
    if tail in small:
        for start in _starts(small, tail, within):
            end = start + PART_CHARS
            size = _common(small[max(0, end - len(token)) : end][::-1], token[::-1])
            yield Stretch(end - size, end, known.label, "raw" if size == len(token) else "part")


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common from their start."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _packed(text: str, secrets: Sequence[Known], free: Free) -> Iterator[Stretch]:
    """Packed texts in base64 that hold a secret, or more than was looked at: each as a whole."""
    if not any(sign in text for sign in _PACKED_SIGNS):
        return
    for start, end, held in _all_packed(text):
        inside = list(_at_level(held.decode("utf-8", "replace"), secrets, free))
        if inside or len(held) >= UNPACKED_BYTES:
            label = inside[0].label if inside else "packed"
            yield Stretch(start, end, label, "packed")


def _all_packed(text: str) -> Iterator[tuple[int, int, bytes]]:
    """Everything packed in the text: where it stands, and what it holds."""
    for found in _PACKED.finditer(text):
        before = 1 if found["second"] else 2 if found["third"] else 0
        held = _unpacked(("", "A", "AAA")[before] + found[0], before)
        if held:
            yield *found.span(), held


def _unpacked(written: str, before: int) -> bytes | None:
    """What base64 of a packed text holds, after so many bytes that are not its own."""
    plain = written.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "=" * (-len(plain) % 4))
        return zlib.decompressobj(_ANY).decompress(data[before:], UNPACKED_BYTES)
    except (binascii.Error, zlib.error):
        return None
