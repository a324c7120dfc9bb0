"""The verdicts of a run as they come: a journal beside the verdicts file, which a killed run leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.errors import HarnessError
from harness.files import Journal, read_whole
from harness.kept import kept
from harness.report.records import document, is_whole, never_ran, read

_SUFFIX: Final = ".journal"


class Ledger:
    """A journal of one run: the plan, then a record an item, each kept before the next item is told of."""

    def __init__(
        self,
        path: Path,
        selected: Sequence[str],
        judged: Iterable[Mapping[str, Any]] = (),
        shard: Mapping[str, Any] | None = None,
    ) -> None:
        """Open it beside the verdicts file, with what an earlier part of this run judged, in one step.

        Raises FileError F005 where another run is writing it, F001, F002, F003 or F006.
        """
        head = {**document((), selected, shard), "records": []}
        self._journal = Journal(ledger_path(path), [_line(head), *map(_line, judged)])

    def add(self, record: Mapping[str, Any]) -> None:
        """Keep a record; it outlives this process. Raises FileError, and the same for every later one."""
        self._journal.append(_line(record), durable=False)

    def discard(self) -> None:
        """Remove it: the verdicts file holds everything. Raises FileError."""
        self._journal.discard()

    def close(self) -> None:
        """Leave it where it is."""
        self._journal.close()


def ledger_path(path: Path) -> Path:
    """Where the records of a run are until its verdicts file is written: beside it, for all to see."""
    return path.with_name(f"{path.name}{_SUFFIX}")


def unfinished(path: Path) -> Mapping[str, Any] | None:
    """The verdicts that a run left which was killed before it could write this file; None where none did.

    Raises FileError F006 where they are there and cannot be read.
    """
    try:
        lines = kept(read_whole(ledger_path(path)))
    except FileNotFoundError:
        return None
    if not lines:
        return None
    head, *records = map(exactjson.loads, lines)
    held = {**head, "records": records} if isinstance(head, dict) else head
    return held if is_whole(held) else None


def verdicts(path: Path) -> Mapping[str, Any]:
    """A verdicts file, or what the last run left that was to write it (named by either path).

    A journal beside the file is of a later run than the file. Raises HarnessError V001 where none is.
    """
    if path.suffix == _SUFFIX:
        path = path.with_suffix("")
    return unfinished(path) or read(path)


def judged_before(path: Path) -> dict[str, Mapping[str, Any]]:
    """The records, by item, of a run that did not get to its end; none where it did, or there was none."""
    held = unfinished(path)
    if held is None:
        try:
            held = read(path)
        except HarnessError:
            return {}
        if not never_ran([held]):
            return {}
    return {each["item"]: each for each in held["records"]}


def _line(value: Mapping[str, Any]) -> bytes:
    return exactjson.dumps(value).encode() + b"\n"
