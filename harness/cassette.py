"""Cassettes as files: `cassettes/<id>/{broken,fixed}.jsonl` read, recorded, sealed, edited and salvaged."""

from __future__ import annotations

import threading
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.errors import CassetteDamaged, CassetteForeign, CassetteMissing
from harness.files import FileError, Journal, join_inside, read_whole, write_atomically
from harness.kept import is_journal, kept
from harness.lines import parse, parse_lines, refuse_doubles
from harness.model import Event, Kind
from harness.modes import share_folder
from harness.redact import LeakError, Redactor
from harness.redacting import redacted_event
from harness.seal import (
    FORMAT,
    NAMES,
    Cassette,
    Header,
    event_line,
    header_line,
    sealed,
    unsealed,
)
from harness.sealing import redacted_header, sealed_clean

if TYPE_CHECKING:
    from harness.identities import Identities

__all__ = [
    "FORMAT",
    "NAMES",
    "Cassette",
    "Header",
    "Recorder",
    "cassette_path",
    "journal_path",
    "read",
    "reseal_edited",
    "salvage",
    "sealed_clean",
]

_DURABLE_KINDS: Final = frozenset({Kind.SEND, Kind.ANSWER, Kind.LOST, Kind.CLOSED, Kind.END})


def cassette_path(root: Path, case_id: str, name: str, row: str = "") -> Path:
    """A cassette's path under the folder `cassettes`: `<id>/<name>.jsonl`, `<id>/<row>/<name>.jsonl`.

    Raises ValueError (the caller's fault) for a name that is not broken or fixed, or an id or row that is no
    single name of a folder; FileError F004 where a link there leads out of the folder.
    """
    folders = [case_id, row] if row else [case_id]
    if name not in NAMES or any(
        folder in ("", ".", "..") or set(folder) & set("/\\\0") for folder in folders
    ):
        raise ValueError(f"no cassette can be named so: case {case_id!r}, row {row!r}, name {name!r}")
    path = root.joinpath(*folders, f"{name}.jsonl")
    join_inside(root, *folders, path.name)
    return path


def journal_path(path: Path) -> Path:
    """Where the events of a recording are kept until it is sealed: beside the cassette."""
    return path.with_name(f".{path.name}.journal")


def is_journal_path(path: Path) -> bool:
    """Whether a path is named as a journal is."""
    return path.name.startswith(".") and path.suffix == ".journal"


def read(path: Path, case_id: str | None = None, row: str = "") -> Cassette:
    """Read and verify a cassette; with `case_id` None whoever it belongs to.

    Raises CassetteMissing K001; CassetteDamaged K002 (the seal does not fit: an accident, or an edit not
    sealed), K005 (a line is not ours), K006 (another format version), K008 (a recording that never ended);
    CassetteForeign K003; FileError F006.
    """
    try:
        data = read_whole(path)
    except FileNotFoundError:
        raise CassetteMissing("K001", _missing(path, case_id)) from None
    _refuse_journal(data, path)
    cassette = parse(unsealed(data, str(path)), str(path))
    if case_id is not None:
        _own(cassette.header, path, case_id, row)
    return cassette


class Recorder:
    """A timeline's listener that keeps every event, redacted, beside the cassette it may become.

    Until `seal` the old cassette stands untouched; a kill leaves all acknowledged events in the journal. With
    `identities` it leaves none: who is named is known only when all is recorded.
    """

    def __init__(
        self, path: Path, header: Header, redactor: Redactor, identities: Identities | None = None
    ) -> None:
        """Start a journal with what the header knows now. Raises FileError (F005: somebody records there).

        `identities` are replaced when the recording is sealed; they are for real accounts.
        """
        if path.stem != header.name:
            raise ValueError(f"{path.name} cannot hold a cassette named {header.name!r}")
        self._path = path
        self._header = header
        self._redactor = redactor
        self._identities = identities
        self._lines: list[bytes] = []
        self._unseen: list[Event] = []  # by the disk: what still names somebody
        self._failure: FileError | None = None
        self._lock = threading.Lock()
        self._journal = Journal(journal_path(path))
        shown = redacted_header(header, redactor) if identities is None else replace(header, inputs={})
        try:
            self._journal.append(header_line(shown))
        except FileError:
            self._journal.close()
            raise

    def __call__(self, event: Event) -> None:
        """Keep one event, redacted with all secrets known now; raises FileError where the disk refuses it.

        What we sent and what was answered outlives a power loss at once, a push with the next of those.
        """
        event = redacted_event(event, self._redactor)
        if self._identities is not None:
            with self._lock:
                self._unseen.append(event)
            return
        line = event_line(event)
        with self._lock:
            try:
                self._journal.append(line, durable=event.kind in _DURABLE_KINDS)
            except FileError as failure:
                self._failure = failure
                raise
            self._lines.append(line)

    @property
    def failure(self) -> FileError | None:
        """Why an event could not be kept; from then on nothing was."""
        return self._failure

    def seal(self, *, inputs: Mapping[str, Any] | None = None, build: str | None = None) -> Cassette:
        """Replace the old cassette by this recording and return it as it will be read.

        `inputs` and `build` replace the header's, for what is known only at the end. Raises LeakError R001
        where a secret is found in it, R020 an identity: the recording is then destroyed, the old cassette
        stays. FileError
        where the disk refuses, or refused an event: old cassette and journal stay. ValueError after the end.
        """
        with self._lock:
            if self._journal.closed:
                raise ValueError(f"the recording of {self._path} has ended")
            if self._failure is not None:
                raise self._failure
            header = replace(
                self._header,
                inputs=self._header.inputs if inputs is None else inputs,
                build=self._header.build if build is None else build,
            )
            try:
                header = self._nameless(header)
                data, cassette = sealed_clean(
                    self._path, header, self._lines, self._redactor, self._identities
                )
            except LeakError:
                self._journal.discard()
                raise
            try:
                write_atomically(self._path, data)
                self._journal.discard()
                share_folder(self._path)
            except FileError as failure:
                self._failure = failure
                raise
            return cassette

    def _nameless(self, header: Header) -> Header:
        """The header without identities; the events that were held back become lines without them."""
        if self._identities is None:
            return header
        from harness.pseudonyms import pseudonymised

        redacted = redacted_header(header, self._redactor)
        header, events = pseudonymised(redacted, self._unseen, self._identities)
        self._lines = [event_line(event) for event in events]
        return header

    def close(self) -> None:
        """End without a decision: the journal stays, for `salvage`."""
        self._journal.close()

    def give_up(self) -> None:
        """End after an error: the journal goes, or stays where the disk refused, with all it kept."""
        try:
            if self._failure is None:
                self.discard()
        except FileError:
            pass  # the error that ended the recording is told, and not that its journal could not be removed
        finally:
            self.close()

    def discard(self) -> None:
        """End and forget the recording; the old cassette stays. After the end it does nothing."""
        with self._lock:
            self._journal.discard()


def reseal_edited(path: Path, at: str) -> Cassette:
    """Seal a cassette again after an edit by hand, noting in its header when (`at`: ISO 8601, UTC, `Z`).

    Raises CassetteMissing K001, CassetteDamaged K005 or K006 at the first line that is not ours, K008 for a
    recording that never ended, LeakError R001 where a line holds what looks like a secret (the editor's
    fault; the file stays as it is), FileError.
    """
    try:
        data = read_whole(path)
    except FileNotFoundError:
        raise CassetteMissing("K001", _missing(path, None)) from None
    _refuse_journal(data, path)
    lines = data.removeprefix(BOM_UTF8).rstrip().splitlines()
    if lines and lines[-1].startswith(b'{"seal"'):
        lines.pop()
    if not lines:
        raise CassetteDamaged("K002", f"{path}: it is empty. git checkout it, or record it again")
    cassette = parse_lines(lines, str(path))
    refuse_doubles(lines, str(path))
    header = replace(cassette.header, edited=(*cassette.header.edited, at))
    content = header_line(header) + b"".join(line + b"\n" for line in lines[1:])
    for hit in Redactor().find(content.decode()):
        text = f"{path}:{hit.line}: it holds what looks like a secret ({hit.label}): replace it by "
        raise LeakError("R001", f"{text}«{hit.label}» and run harness seal --edited {path}")
    write_atomically(path, sealed(content, len(cassette.events)))
    return Cassette(header, cassette.events)


def salvage(path: Path) -> Cassette:
    """What the journal of an unfinished recording still holds: an exact prefix of its events.

    `path` is the cassette's or the journal's own. Raises CassetteMissing K001 where there is no journal,
    CassetteDamaged K008 where not even its header is whole, K005 or K006 where its lines are not ours.
    """
    journal = path if is_journal_path(path) else journal_path(path)
    try:
        data = read_whole(journal)
    except FileNotFoundError:
        raise CassetteMissing("K001", f"{journal}: there is no unfinished recording") from None
    lines = kept(data)
    if not lines:
        text = f"{journal}: nothing of this recording was kept whole, not even its header. Record it again"
        raise CassetteDamaged("K008", text)
    return parse_lines(lines, str(journal))


def _missing(path: Path, case_id: str | None) -> str:
    text = f"{path}: there is no such cassette"
    journal = journal_path(path)
    if journal.exists():
        text = f"{text}, but an unfinished recording is beside it (harness show --cassette {journal})"
        return f"{text}: record it again"
    if case_id is None or path.stem not in NAMES:
        return text
    return f"{text}: record it with pytest -k {case_id} --target TARGET --record {path.stem}"


def _refuse_journal(data: bytes, path: Path) -> None:
    if is_journal(data):
        text = f"{path}: it is a recording that never ended, and no cassette: what it shows may be half the "
        raise CassetteDamaged(
            "K008", f"{text}truth. Look at it with harness show --cassette, and record again"
        )


def _own(header: Header, path: Path, case_id: str, row: str) -> None:
    if (header.case, header.row) != (case_id, row):
        theirs, ours = _named(header.case, header.row), _named(case_id, row)
        text = (
            f"{path}: it was recorded for {theirs}, not for {ours}: a cassette cannot be copied or renamed; "
        )
        raise CassetteForeign("K003", f"{text}record one for {ours}")
    if header.name != path.stem:
        text = (
            f"{path}: it was recorded as {header.name}, not as {path.stem}: a cassette cannot be copied or "
        )
        raise CassetteForeign("K003", f"{text}renamed; record one with --record {path.stem}")


def _named(case_id: str, row: str) -> str:
    return f"{case_id} row {row}" if row else case_id
