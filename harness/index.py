"""What collecting needs of each case, kept by the digest of its file, so that a sound case is not read twice.

A cache and nothing more: what it says of a case is held against the case when that is read to be run, and a
file that is missing, damaged or of another harness is an empty index.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.case.values import Case, Status
from harness.files import FileError, write_atomically

_ROOMS: Final = ("*.py", "case/**/*.py", "matchers/**/*.py", "wire/**/*.py")
"""What decides whether a case is sound; the rest of the house does not."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What collecting needs of a sound case: its id, its line, whether it is fixed, its rows."""

    id: str
    line: int
    fixed: bool
    rows: tuple[str, ...] = ()

    @classmethod
    def of(cls, case: Case) -> Listed:
        """What a case that was read says."""
        rows = tuple(row.name for row in case.rows)
        return cls(case.id, case.line, case.status is Status.FIXED, rows)

    def as_json(self) -> list[Any]:
        """As it stands in the index."""
        return [self.id, self.line, self.fixed, list(self.rows)]

    @classmethod
    def from_json(cls, line: Any) -> Listed:
        """Read it back. Raises ValueError where it is none of ours."""
        match line:
            case [str() as case_id, int() as number, bool() as fixed, list() as rows]:
                if all(isinstance(row, str) for row in rows):
                    return cls(case_id, number, fixed, tuple(rows))
        raise ValueError(f"not a listed case: {line!r}")


class Index:
    """The sound cases that were seen, by their digest; `save` keeps it where anything was added."""

    def __init__(self, path: Path | None) -> None:
        """`path` is the file that holds it; with None nothing is kept."""
        self._path = path
        self._key = _key() if path is not None else ""
        self._known = _read(path, self._key) if path is not None else {}
        self._used: dict[str, Any] = {}
        self._added = False

    def find(self, digest: str) -> Listed | None:
        """What is known of the file with this digest."""
        line = self._known.get(digest)
        if line is None:
            return None
        self._used[digest] = line
        try:
            return Listed.from_json(line)
        except ValueError:
            return None

    def add(self, digest: str, listed: Listed) -> None:
        """Know a sound case from now on."""
        self._used[digest] = listed.as_json()
        self._added = True

    def save(self) -> None:
        """Keep it, if anything was added. What is not used any more goes once it is the larger part."""
        if self._path is None or not self._added:
            return
        kept = self._known | self._used
        if len(kept) > 2 * len(self._used) + 1_000:
            kept = self._used
        try:
            self._added = False
            write_atomically(self._path, exactjson.dumps({"key": self._key, "cases": kept}).encode())
        except FileError:
            return  # it only costs time


def digest_of(data: bytes, name: str) -> str:
    """The digest of a case's file: its bytes, and its name, which the case's id must fit."""
    return hashlib.blake2b(data + b"\0" + name.encode(), digest_size=20).hexdigest()


def _key() -> str:
    """Changes with anything that decides whether a case is sound: another release, an edit of the house."""
    house = Path(__file__).parent
    seen = sorted({path for room in _ROOMS for path in house.glob(room)})
    states = [(path.relative_to(house).as_posix(), path.stat()) for path in seen]
    told = "\n".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states)
    return hashlib.blake2b(told.encode(), digest_size=20).hexdigest()


def _read(path: Path, key: str) -> dict[str, Any]:
    try:
        held = exactjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(held, dict) or held.get("key") != key or not isinstance(held.get("cases"), dict):
        return {}
    cases: dict[str, Any] = held["cases"]
    return cases
