"""The forms one secret may travel in, and the fewest texts to look for to know that none is there.

Escapes (URL, JSON, XML) are no forms: `escapes` undoes them before a form is looked for.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

PART_CHARS: Final = 16
"""The first or last so many characters of a secret are looked for as well: texts are cut off, and split."""

_RUN: Final = re.compile(r"[A-Za-z0-9_.~-]+")
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_.~-]+")
_MIN_RUN_CHARS: Final = 6
_MIN_CORE_CHARS: Final = 6
_MIN_ANY_CASE_CHARS: Final = 8
_MIN_LINE_CHARS: Final = 16
_MIN_DECODED_BYTES: Final = 16
_HEX: Final = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2}){16,})")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{22,}={0,2}")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a secret: `name` is raw, base64 or hex, or line: one of several lines.

    With `any_case` the text is in small letters, and is looked for in a text made small.
    """

    name: str
    text: str
    any_case: bool


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """One registered secret: under which label it may be shown, and how it is looked for."""

    label: str
    forms: tuple[Form, ...]
    token: str  # the secret in small letters, where its first or last characters tell it; or nothing
    needles: tuple[str, ...]
    small_needles: tuple[str, ...]
    always: bool  # no needle survives every escape, so it may stand anywhere

    @classmethod
    def of(cls, label: str, value: str) -> Known:
        """All that is looked for of a secret."""
        written = forms(value)
        token = value.lower() if len(value) > PART_CHARS and _TOKEN.fullmatch(value) else ""
        small = [form.text for form in written if form.any_case]
        exact, whole = needles([form.text for form in written if not form.any_case]), needles(small)
        ends = [token[:PART_CHARS], token[-PART_CHARS:]] if token else []
        ends = [end for end in ends if not any(needle in end for needle in whole)]
        always = not all(_RUN.fullmatch(needle) for needle in (*exact, *whole))
        return cls(label, written, token, exact, (*whole, *ends), always)

    def may_stand_in(self, text: str, small: str) -> bool:
        """Whether it may be in a text (`small`: in small letters); if not, it certainly is not."""
        return (
            self.always
            or any(needle in small for needle in self.small_needles)
            or any(needle in text for needle in self.needles)
        )


def small_letters(text: str) -> str:
    """The text in small letters, every character where it was."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return small


def forms(value: str) -> tuple[Form, ...]:
    """Every form of the secret, each text once, longest first."""
    found: dict[Form, None] = {}
    for name, text in _written(value):
        any_case = name != "base64" and text.isascii() and len(text) >= _MIN_ANY_CASE_CHARS
        found.setdefault(Form(name, text.lower() if any_case else text, any_case))
    return tuple(sorted(found, key=lambda form: (-len(form.text), form.name != "raw", form.text)))


def needles(written: Iterable[str]) -> tuple[str, ...]:
    """Texts of which at least one stands wherever any of these texts stands; the fewest that do.

    A needle is a run of the characters that no encoder escapes (RFC 3986's unreserved), where there is one of
    enough of them.
    """
    chosen: list[str] = []
    for text in sorted(written, key=lambda text: (len(text), text)):
        if not any(needle in text for needle in chosen):
            run = max(_RUN.findall(text), key=len, default="")
            chosen.append(run if len(run) >= _MIN_RUN_CHARS else text)
    return tuple(
        needle for needle in chosen if not any(other in needle for other in chosen if other != needle)
    )


def _written(value: str) -> Iterator[tuple[str, str]]:
    yield "raw", value
    if " " in value:
        yield "url", value.replace(" ", "+")
    for line in value.splitlines() if "\n" in value else ():
        if len(line.strip()) >= _MIN_LINE_CHARS and not line.startswith("-----"):
            yield "line", line.strip()
    yield from _of_bytes(value.encode("utf-8", "surrogatepass"))
    for meant in _decoded(value):
        yield from _of_bytes(meant)


def _of_bytes(data: bytes) -> Iterator[tuple[str, str]]:
    yield "hex", data.hex()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(data).decode()
        yield "base64", whole
        yield "base64", whole.rstrip("=")
    for core in base64_cores(data):
        if len(core) >= _MIN_CORE_CHARS:
            yield "base64", core


def base64_cores(data: bytes) -> Iterator[str]:
    """The base64 characters that hold these bytes alone, in both alphabets, wherever they start in others."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in (0, 1, 2):
            yield _core(encode(b"\0" * offset + data).decode(), offset, len(data))


def _core(encoded: str, offset: int, size_bytes: int) -> str:
    """The characters that hold the secret's own bits alone, when it starts `offset` bytes into the data."""
    return encoded[-(-8 * offset // 6) : 8 * (offset + size_bytes) // 6]


def _decoded(value: str) -> Iterator[bytes]:
    """The bytes that the secret is itself a writing of: a key given in hex or in base64."""
    if (hexed := _HEX.fullmatch(value)) is not None:
        yield bytes.fromhex(hexed[1])
    elif _BASE64.fullmatch(value):
        plain = value.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            data = base64.b64decode(plain + "=" * (-len(plain) % 4))
        except binascii.Error:
            return
        if len(data) >= _MIN_DECODED_BYTES:
            yield data
