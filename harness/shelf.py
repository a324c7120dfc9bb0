"""The cases of one run: listed when they are collected, read when they are run."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from harness.case.additions import NOTHING_ADDED, Additions
from harness.case.read import parse_case, read_text
from harness.case.values import Case
from harness.errors import CaseError, Place, Problem
from harness.files import is_inside
from harness.index import Index, Listed, digest_of

KEPT: Final = 1_000
"""Cases that are kept from when they were listed until they are run; others are read once more (2 ms)."""

AT_HAND: Final = 16
"""Cases that are kept once they were read to be run: the items of a file come one after the other."""


class Shelf:
    """Reads cases, and keeps a bounded number of them. `index` is used where the project adds no words.

    A case's file is untrusted input: below `root` a link that leads out of it is not followed.
    """

    def __init__(self, root: Path, additions: Additions = NOTHING_ADDED, index: Path | None = None) -> None:
        self._root = root
        self._folders: dict[Path, bool] = {}
        self._additions = additions
        self._index = Index(index if additions == NOTHING_ADDED else None)
        self._kept: dict[Path, Case] = {}
        self._at_hand: dict[Path, Case] = {}

    def listed(self, path: Path, shown: str) -> Listed:
        """What a case's file holds, as collecting needs it. Raises CaseError (its author's fault)."""
        data = self._read(path, shown)
        digest = digest_of(data, path.name)
        known = self._index.find(digest)
        if known is not None:
            return known
        with _no_collection():
            case = parse_case(data, shown, self._additions)
        if len(self._kept) < KEPT:
            self._kept[path] = case
        listed = Listed.of(case)
        self._index.add(digest, listed)
        return listed

    def take(self, path: Path, shown: str, listed: Listed) -> Case:
        """The case, to be run. Raises CaseError, C068 where it is not what was listed."""
        case = self._kept.get(path) or self._at_hand.get(path)
        if case is None:
            data = self._read(path, shown)
            with _no_collection():
                case = parse_case(data, shown, self._additions)
            if len(self._at_hand) >= AT_HAND:
                self._at_hand.clear()
            self._at_hand[path] = case
        if Listed.of(case) != listed:
            text = "was changed after it was collected: run it again"
            raise CaseError([Problem(Place(shown), "C068", text)])
        return case

    def foresee(self, paths: Iterable[Path]) -> None:
        """Remember what these files hold, for other processes that are about to list them."""
        for path in paths:
            with contextlib.suppress(CaseError):  # told where it is listed
                self.listed(path, path.name)
        self._kept.clear()
        self._index.save()

    def close(self) -> None:
        """Keep what was learnt for the next run."""
        self._index.save()

    def _read(self, path: Path, shown: str) -> bytes:
        if path.is_relative_to(self._root) and not self._stays_inside(path):
            text = f"is a link that leads out of {self._root}: copy the file into the project"
            raise CaseError([Problem(Place(shown), "C069", text)])
        return read_text(path, shown)

    def _stays_inside(self, path: Path) -> bool:
        folder = path.parent
        if folder not in self._folders:
            self._folders[folder] = is_inside(self._root, folder)
        return self._folders[folder] and (not path.is_symlink() or is_inside(self._root, path))


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: a case is thousands of small values, all of which stay (a quarter of
    the time of reading many)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
