"""Looks for secrets in files as somebody would who wants them; it shares nothing with harness.redact.

It reads a file as it is, undoes whatever escape or encoding it finds (URL, JSON, XML, base64, hex, gzip,
deflate), again and again inside of what came out, and looks for each secret in any case, whole or as any run
of FRAGMENT characters of it, across line ends too.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote_plus

FRAGMENT = 17
"""So many characters of a secret in a row are a find: less is no help to anybody."""
STRIDE = FRAGMENT // 2
MIN_WHOLE = 6
DEPTH = 4
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"[0-9a-fA-F]{12,}")
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(["\\/bfnrt]))')
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_GZIP = b"\x1f\x8b\x08"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def found(data: bytes, secrets: Mapping[str, str]) -> set[str]:
    """The labels of the secrets that stand in the data, each with the way to it: `alice.secret: base64`."""
    marks = {label: _Marks(value) for label, value in secrets.items()}
    hits: set[str] = set()
    seen: set[bytes] = set()
    todo: list[tuple[bytes, str, int]] = [(data, "", 0)]
    while todo:
        held, way, depth = todo.pop()
        if held in seen:
            continue
        seen.add(held)
        text = held.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")
        looked_at = (held.lower(), text, re.sub(rb"[\s|>]+", b"", text))
        for label, wanted in marks.items():
            if any(wanted.stand_in(each) for each in looked_at):
                hits.add(f"{label}: {way or 'raw'}")
        if depth < DEPTH:
            together: dict[str, list[bytes]] = {}
            for name, inside in _inside(held):
                together.setdefault(name, []).append(inside)
            for name, pieces in together.items():
                todo.append((b"\0".join(pieces), f"{way} {name}".strip(), depth + 1))
    return hits


def scan(root: Path, secrets: Mapping[str, str], *, leave_out: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """What was found in the files below a folder, and in their names, by path."""
    hits = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or name in leave_out or "__pycache__" in name:
            continue
        if in_file := found(name.encode() + b"\n" + path.read_bytes(), secrets):
            hits[name] = in_file
    return hits


class _Marks:
    """What tells that a secret is there: its runs of FRAGMENT characters, each known by a part first."""

    def __init__(self, value: str) -> None:
        self._whole = {each for each in _wholes(value) if len(each) >= MIN_WHOLE}
        self._parts: dict[bytes, set[bytes]] = {}
        for whole in self._whole:
            if len(whole) < FRAGMENT:
                self._parts.setdefault(whole, set()).add(whole)
            for start in range(len(whole) - FRAGMENT + 1):
                run = whole[start : start + FRAGMENT]
                at = -start % STRIDE  # so that few parts are enough for all runs
                self._parts.setdefault(run[at : at + STRIDE], set()).add(run)

    def stand_in(self, data: bytes) -> bool:
        """Whether the secret, or a run of it, is in the data."""
        return any(any(run in data for run in runs) for part, runs in self._parts.items() if part in data)


def _wholes(value: str) -> Iterator[bytes]:
    whole = value.lower().encode()
    yield whole
    yield whole.removeprefix(b"0x")
    yield re.sub(rb"\s+", b"", whole)
    if re.fullmatch(r"(?:0x)?[0-9a-fA-F]{64}", value):
        yield bytes.fromhex(value[-64:]).lower()  # as bytes, of which `found` makes small letters too
    elif re.fullmatch(r"[A-Za-z0-9+/_-]{40,}={0,2}", value):
        with_padding = value.rstrip("=").replace("-", "+").replace("_", "/")
        with_padding += "=" * (-len(with_padding) % 4)
        try:
            yield base64.b64decode(with_padding).lower()
        except binascii.Error:
            return


def _inside(data: bytes) -> Iterator[tuple[str, bytes]]:
    text = data.decode("utf-8", "surrogateescape")
    for name, undone in (
        ("url", unquote_plus(text, "utf-8", "surrogateescape") if "%" in text else text),
        ("json", _ESCAPE.sub(_meant, text) if "\\" in text else text),
        ("xml", html.unescape(text) if "&" in text else text),
    ):
        if undone != text:
            yield name, undone.encode("utf-8", "surrogatepass" if name == "json" else "surrogateescape")
    for run in set(_BASE64.findall(data)):
        plain = run.replace(b"-", b"+").replace(b"_", b"/")
        for phase in range(4):
            part = b"A" * phase + plain
            yield "base64", base64.b64decode(part[: len(part) // 4 * 4] or b"")
            if len(part) % 4 in (2, 3):
                yield "base64", base64.b64decode(part + b"=" * (-len(part) % 4))
    for run in set(_HEX.findall(data)):
        for phase in (0, 1):
            part = run[phase:]
            yield "hex", binascii.unhexlify(part[: len(part) // 2 * 2])
    yield from _unpacked(data)


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    for sign, window in ((_GZIP, 31), *((each, 15) for each in _ZLIB)):
        start = data.find(sign)
        while start >= 0:
            try:
                out = zlib.decompressobj(window).decompress(data[start:], 1_000_000)
            except zlib.error:
                out = b""
            if out:
                yield "packed", out
            start = data.find(sign, start + 1)


def _meant(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _PLAIN.get(found[3], found[3])
