"""A folder of what a customer sent: every file by its content, within limits, and nothing lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Final, TypeAlias

from harness import limits
from harness.errors import EvidenceError, Place
from harness.evidence.ticket import (
    anytext,
    botlog,
    cassettes,
    clientlog,
    curl,
    devtools,
    envelopes,
    environments,
    fetches,
    fixlog,
    halves,
    har,
    httptext,
    jsonexchanges,
    jsontext,
    ledgers,
    newman,
    outcomes,
    postman,
    powershell,
    restfile,
    scripts,
    signedorders,
    verbose,
    wslog,
)
from harness.evidence.ticket.asks import ASK
from harness.evidence.ticket.clues import Clue, Reading, Unread
from harness.evidence.ticket.curlbody import Beside
from harness.evidence.ticket.hashes import Named, named_in
from harness.evidence.ticket.packed import is_packed, parts_of
from harness.evidence.ticket.textlines import Lines
from harness.evidence.ticket.transport import undone
from harness.files import FileError, read_whole

_LINE_FORMS: Final = (
    *(curl.FORM, powershell.FORM, fetches.FORM, verbose.FORM, restfile.FORM, httptext.FORM),
    *(fixlog.FORM, clientlog.FORM, wslog.FORM, botlog.FORM, scripts.FORM),
)
_DOCUMENTS: Final = (
    (har.looks_like, har.read),
    (newman.looks_like, newman.read),
    (devtools.looks_like, devtools.read),
    (postman.looks_like, postman.read),
    (environments.looks_like, environments.read),
    (cassettes.is_ours, cassettes.read_ours),
    (cassettes.is_vcrpy, cassettes.read_vcrpy),
)
_DEPTH: Final = 3  # a log under gzip, in an archive, attached to a mail
_TOO_MANY: Final = f"more than {limits.TICKET_FILES} files: keep what the ticket needs"
_BINARY: Final = {
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture", b"%PDF": "a PDF",
    b"7z\xbc\xaf": "an archive: unpack it into the folder",
    b"Rar!": "an archive: unpack it into the folder",
    b"\x28\xb5\x2f\xfd": "packed with zstd: unpack it (zstd -d FILE)",
}  # fmt: skip

Read: TypeAlias = tuple[Reading, list[Named]]
"""One text as clues, and the hashes that its prose names."""


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


def without_receipts(gathered: Gathered, known: Set[str]) -> Gathered:
    """What was gathered without the texts' receipts of transactions that a node has told of as well."""
    return replace(gathered, readings=tuple(ledgers.without(each, known) for each in gathered.readings))


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
        name = str(path.relative_to(folder) if folder.is_dir() else path.name)
        for reading, found in _one(path, name):
            readings.append(reading)
            for each in found:
                named.setdefault(each.value, each)
        if len(readings) > limits.TICKET_FILES:
            raise EvidenceError("I002", f"{folder}: {_TOO_MANY}")
    readings = halves.joined(environments.applied(readings))
    if not any(reading.clues for reading in readings):
        readings = [outcomes.applied(reading) for reading in readings]
    if not any(reading.clues for reading in readings) and not named:
        told = "; ".join(str(each) for reading in readings for each in reading.unread[:1])
        prose = sum(len(reading.notes) for reading in readings)
        told = told or (f"{prose} lines of plain words, no request or message" if prose else "it is empty")
        raise EvidenceError("I031", f"{folder}: nothing in it can be used: {told}{ASK}")
    return Gathered(tuple(readings), tuple(named.values()))


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        found += [Path(parent) / name for name in sorted(names)]
        if len(found) > limits.TICKET_FILES:
            raise EvidenceError("I002", f"{folder}: {_TOO_MANY}")
    return found


def _one(path: Path, name: str) -> Iterator[Read]:
    """What one file of the folder gave: itself, or what is packed in it."""
    if path.is_symlink():
        yield _nothing(name, "a link", "links are not followed: put the file itself here")
    elif path.name.startswith("."):
        yield _nothing(name, "a hidden file", "hidden files are not read")
    elif path.stat().st_size > limits.TICKET_FILE_BYTES:
        why = f"it is longer than {limits.TICKET_FILE_BYTES} bytes: cut it to what matters"
        yield _nothing(name, "the file", why)
    else:
        try:
            data = read_whole(path)
        except FileError as error:
            yield _nothing(name, "the file", error.text)
        else:
            yield from _bytes(data, name, partial(_beside, path), _DEPTH)


def _bytes(data: bytes, name: str, beside: Beside, depth: int) -> Iterator[Read]:
    """What a file's bytes gave; what is packed in them is unpacked so many times at most."""
    kind = next((told for magic, told in _BINARY.items() if data.startswith(magic)), "")
    if kind:
        yield _nothing(name, kind, "only text is read")
        return
    if is_packed(data):
        if not depth:
            yield _nothing(name, "the file", "it is packed in too many others: unpack it into the folder")
            return
        parts = list(parts_of(data, name))
        inside = {PurePosixPath(part.name).name: part.data for part in parts}
        for part in parts:
            if part.why:
                yield _nothing(part.name, "the file", part.why)
            if part.data and not PurePosixPath(part.name).name.startswith("."):
                near = beside if part.name == name else inside.get
                yield from _bytes(part.data, part.name, near, depth - 1)
        return
    try:
        yield read_text(_decoded(data), name, beside)
    except UnicodeDecodeError:
        yield _nothing(name, "the file", "it is no text")
    except EvidenceError as error:
        yield _nothing(name, "the file", error.text.removeprefix(f"{name}: "))


def _nothing(name: str, what: str, why: str) -> Read:
    return Reading(name, "not read", unread=(Unread(Place(name), what, why),)), []


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
    other, parts = path.parent / name, PurePath(name).parts
    is_inside = bool(parts) and not PurePath(name).is_absolute() and not any(each[0] == "." for each in parts)
    if not is_inside or not other.is_file() or other.resolve() != path.parent.resolve() / PurePath(name):
        return None
    return read_whole(other) if other.stat().st_size <= limits.CAPTURED_BODY_BYTES else None


def _alone(name: str) -> bytes | None:
    return None


def read_text(text: str, name: str, beside: Beside = _alone) -> tuple[Reading, list[Named]]:
    """One file's text as clues, by what it says and not by its name; and the hashes that its prose names.

    Raises EvidenceError I030 where it is a document of a known form and nothing of it can be read.
    """
    for looks_like, read in _DOCUMENTS:
        if looks_like(text):
            return read(text, name, beside) if read is har.read else read(text, name), []
    pasted = jsontext.pasted(text)
    if pasted and (inside := _document_in(pasted, name)) is not None:
        return inside, []
    said = envelopes.of_document(text)
    plain = undone(verbose.without_meter(text) if said is None else said)
    lines = Lines(name, plain.texts, plain.numbers, beside)
    reading, named = _by_lines(lines)
    reading = halves.parted(reading)
    whole = jsonexchanges.read(text, name) if jsonexchanges.looks_like(text) else None
    if whole is not None and len(whole.clues) > len(reading.clues):
        return whole, []
    reading = anytext.more_of(reading, lines, text)
    told = (*(("rows of a document around its lines",) if said is not None else ()), *plain.told)
    unread = [Unread(Place(name), f"the text was written in {each}", "undone") for each in told]
    return replace(reading, unread=(*unread, *reading.unread)), named


def _document_in(text: str, name: str) -> Reading | None:
    """A document of a known form, or of any tool's, that stands in the middle of words."""
    for looks_like, read in _DOCUMENTS:
        if looks_like(text):
            return read(text, name)
    return jsonexchanges.read(text, name) if jsonexchanges.looks_like(text) else None


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
    clues, alone = clientlog.joined(clues)
    clues, printed = signedorders.filled(clues, lines)
    unread += (*alone, *printed)
    notes = tuple(lines[number].strip() for number in prose)
    if forms:
        unread += _stretches(lines, prose)
    lone = () if clues else outcomes.read(lines)
    told = ", ".join(forms) or anytext.PROSE
    return Reading(lines.path, told, tuple(clues), tuple(unread), notes, tuple(lone)), named


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
