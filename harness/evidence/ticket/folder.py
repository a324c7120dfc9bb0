"""A folder of what a customer sent: every file by its content, within limits, and nothing lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import Final

from harness import limits
from harness.errors import EvidenceError, Place
from harness.evidence.ticket import (
    botlog,
    cassettes,
    clientlog,
    curl,
    fixlog,
    har,
    postman,
    powershell,
    scripts,
    wslog,
)
from harness.evidence.ticket.clues import Clue, Reading, Unread
from harness.evidence.ticket.curlbody import Beside
from harness.evidence.ticket.hashes import Named, named_in
from harness.evidence.ticket.textlines import Lines
from harness.evidence.ticket.transport import undone
from harness.files import FileError, read_whole

_LINE_FORMS: Final = (
    *(curl.FORM, powershell.FORM, fixlog.FORM, clientlog.FORM),
    *(wslog.FORM, botlog.FORM, scripts.FORM),
)
_DOCUMENTS: Final = (
    (har.looks_like, har.read),
    (postman.looks_like, postman.read),
    (cassettes.is_ours, cassettes.read_ours),
    (cassettes.is_vcrpy, cassettes.read_vcrpy),
)
_PROSE: Final = "text"
_BINARY: Final = {
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture", b"%PDF": "a PDF",
    b"PK\x03\x04": "an archive: unpack it into the folder", b"\x1f\x8b": "packed with gzip: unpack it",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a ticket's folder gave: a reading a file, and what its texts name."""

    readings: tuple[Reading, ...]
    named: tuple[Named, ...] = ()

    @property
    def clues(self) -> Iterator[Clue]:
        """All clues, file by file."""
        for reading in self.readings:
            yield from reading.clues

    @property
    def unread(self) -> Iterator[Unread]:
        """All that was not understood, file by file."""
        for reading in self.readings:
            yield from reading.unread


def gather(folder: Path, observe: Callable[[str], None] = lambda text: None) -> Gathered:
    """Read every file of a folder and of those below it, in the order of their names.

    Hidden files and links are told of and not read. `observe` hears of each file. Raises EvidenceError I004
    (no such folder), I002 (past a limit), I031 (nothing in it can be used), FileError.
    """
    readings: list[Reading] = []
    named: dict[str, Named] = {}
    if not folder.exists():
        raise EvidenceError("I004", f"{folder}: there is no such folder")
    for path in _files(folder):
        observe(str(path))
        reading, found = _one(path, str(path.relative_to(folder) if folder.is_dir() else path.name))
        readings.append(reading)
        for each in found:
            named.setdefault(each.value, each)
    if not any(reading.clues for reading in readings) and not named:
        told = "; ".join(str(each) for reading in readings for each in reading.unread[:1])
        prose = sum(len(reading.notes) for reading in readings)
        told = told or (f"{prose} lines of plain words, no request or message" if prose else "it is empty")
        raise EvidenceError("I031", f"{folder}: nothing in it can be used: {told}")
    return Gathered(tuple(readings), tuple(named.values()))


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        found += [Path(parent) / name for name in sorted(names)]
        if len(found) > limits.TICKET_FILES:
            raise EvidenceError(
                "I002", f"{folder}: more than {limits.TICKET_FILES} files: keep what the ticket needs"
            )
    return found


def _one(path: Path, name: str) -> tuple[Reading, list[Named]]:
    def nothing(what: str, why: str) -> tuple[Reading, list[Named]]:
        return Reading(name, "not read", unread=(Unread(Place(name), what, why),)), []

    if path.is_symlink():
        return nothing("a link", "links are not followed: put the file itself here")
    if path.name.startswith("."):
        return nothing("a hidden file", "hidden files are not read")
    if path.stat().st_size > limits.TICKET_FILE_BYTES:
        return nothing(
            "the file", f"it is longer than {limits.TICKET_FILE_BYTES} bytes: cut it to what matters"
        )
    try:
        data = read_whole(path)
    except FileError as error:
        return nothing("the file", error.text)
    kind = next((told for magic, told in _BINARY.items() if data.startswith(magic)), "")
    if kind:
        return nothing(kind, "only text is read")
    try:
        return read_text(_decoded(data), name, partial(_beside, path))
    except UnicodeDecodeError:
        return nothing("the file", "it is no text")
    except EvidenceError as error:
        return nothing("the file", error.text.removeprefix(f"{name}: "))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if data[1:64:2].count(0) > 24:  # UTF-16 without a mark, as PowerShell's `>` writes it
        return data.decode("utf-16-le")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in data:
            raise
        return data.decode("cp1252", "replace")


def _beside(path: Path, name: str) -> bytes | None:
    """A file of the ticket that a command in another one names; None where there is none that may be read."""
    other = path.parent / name
    if name != PurePath(name).name or name.startswith(".") or not other.is_file() or other.is_symlink():
        return None
    return read_whole(other) if other.stat().st_size <= limits.CAPTURED_BODY_BYTES else None


def _nothing(name: str) -> bytes | None:
    return None


def read_text(text: str, name: str, beside: Beside = _nothing) -> tuple[Reading, list[Named]]:
    """One file's text as clues, by what it says and not by its name; and the hashes that its prose names.

    Raises EvidenceError I030 where it is a document of a known form and nothing of it can be read.
    """
    for looks_like, read in _DOCUMENTS:
        if looks_like(text):
            return read(text, name), []
    plain = undone(text)
    reading, named = _by_lines(Lines(name, plain.texts, plain.numbers, beside))
    unread = [Unread(Place(name), f"the text was written in {told}", "undone") for told in plain.told]
    return replace(reading, unread=(*unread, *reading.unread)), named


def _by_lines(lines: Lines) -> tuple[Reading, list[Named]]:
    clues: list[Clue] = []
    unread: list[Unread] = []
    named: list[Named] = []
    forms: dict[str, None] = {}
    prose: list[int] = []
    at, pair = 0, 1
    while at < len(lines):
        for form in _LINE_FORMS:
            taken = form.take(lines, at, pair)
            if taken is not None:
                forms[form.name] = None
                clues += taken.clues
                unread += taken.unread
                pair = max((pair, *(clue.pair + 1 for clue in taken.clues)))
                at = taken.until
                break
        else:
            if lines[at].strip():
                prose.append(at)
                named += named_in(lines, at)
            at += 1
    notes = tuple(lines[number].strip() for number in prose)
    if forms:
        unread += _stretches(lines, prose)
    return Reading(lines.path, ", ".join(forms) or _PROSE, tuple(clues), tuple(unread), notes), named


def _stretches(lines: Lines, numbers: list[int]) -> Iterator[Unread]:
    """Lines that no form took, as stretches: they are prose, or a form that is not known."""
    start = previous = -2
    for number in [*numbers, -2]:
        if number != previous + 1:
            if start >= 0:
                count = previous - start + 1
                what = "a line" if count == 1 else f"{count} lines"
                yield Unread(
                    lines.place(start), what, "no form of log or command that is known: taken as prose"
                )
            start = number
        previous = number
