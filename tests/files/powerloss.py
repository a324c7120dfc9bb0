"""A disk that loses power: what `files.py` asked of the system, and every state that could be found after it.

Writes and truncations of a file may be lost, or torn, until the file was synced; entries of a folder until
the folder was. Of what is not synced any part may be on the disk, in any order.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Op:
    """One call: `kind`, what it was on (the inode of a file, or a folder), and what it said."""

    kind: str
    on: Any
    said: tuple[Any, ...] = ()


State = dict[str, bytes]
"""The files that can be reached after the power came back, by path below the folder that was there before."""


@dataclass(slots=True)
class Disk:
    """Passes calls of `os` on and notes them. `root` was there, durable, with all in it, before."""

    root: Path
    ops: list[Op] = field(default_factory=list)
    _at: dict[int, list[Any]] = field(default_factory=dict)
    _before: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.root.rglob("*"):
            if path.is_file():
                self._before[self._name(path)] = path.stat().st_ino, path.read_bytes()

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def note(self, what: str) -> None:
        """Note that something was acknowledged."""
        self.ops.append(Op("ack", what))

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        new = flags & os.O_CREAT and not os.path.lexists(path)
        descriptor = os.open(path, flags, mode)
        if os.path.isdir(path):
            self._at[descriptor] = ["folder", self._name(Path(path))]
            return descriptor
        inode = os.fstat(descriptor).st_ino
        self._at[descriptor] = ["file", inode, 0]
        if new:
            self.ops.append(Op("entry", self._name(Path(path).parent), (self._name(Path(path)), inode)))
        return descriptor

    def close(self, descriptor: int) -> None:
        self._at.pop(descriptor, None)
        os.close(descriptor)

    def write(self, descriptor: int, data: bytes) -> int:
        _, inode, place = self._at[descriptor]
        count = os.write(descriptor, data)
        self.ops.append(Op("write", inode, (place, bytes(data[:count]))))
        self._at[descriptor][2] = place + count
        return count

    def lseek(self, descriptor: int, place: int, how: int) -> int:
        self._at[descriptor][2] = found = os.lseek(descriptor, place, how)
        return found

    def ftruncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)
        self.ops.append(Op("truncate", self._at[descriptor][1], (size,)))

    def fsync(self, descriptor: int) -> None:
        self.ops.append(Op("sync", self._at[descriptor][1]))

    fdatasync = fsync

    def mkdir(self, path: Path, mode: int) -> None:
        os.mkdir(path, mode)
        self.ops.append(Op("entry", self._name(path.parent), (self._name(path), "folder")))

    def replace(self, source: Path, target: Path) -> None:
        inode = os.stat(source).st_ino
        os.replace(source, target)
        said = (self._name(source), self._name(target), inode)
        self.ops.append(Op("rename", self._name(target.parent), said))

    def unlink(self, path: Path) -> None:
        os.unlink(path)
        self.ops.append(Op("gone", self._name(Path(path).parent), (self._name(Path(path)),)))

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def crashes(self, most: int) -> Iterator[tuple[list[str], State]]:
        """Every state after a power loss at any moment, with what had been acknowledged by then.

        Of what was not synced all is lost but `most` operations, or all is there but `most`, and each write
        may be torn: in the middle, or at a third.
        """
        for end in range(len(self.ops) + 1):
            happened = self.ops[:end]
            acknowledged = [op.on for op in happened if op.kind == "ack"]
            pending = [at for at, op in enumerate(happened) if self._is_pending(happened, at)]
            subsets: set[frozenset[int]] = set()
            for count in range(min(most, len(pending)) + 1):
                for some in itertools.combinations(pending, count):
                    subsets |= {frozenset(some), frozenset(pending) - frozenset(some)}
            for lost in subsets:
                yield acknowledged, self._state(happened, lost, None)
                for torn in pending:
                    if torn not in lost and happened[torn].kind == "write":
                        for part in (2, 3):
                            yield acknowledged, self._state(happened, lost, torn, part)

    @staticmethod
    def _is_pending(happened: list[Op], at: int) -> bool:
        op = happened[at]
        return op.kind not in ("ack", "sync") and not any(
            later.kind == "sync" and later.on == op.on for later in happened[at + 1 :]
        )

    def _state(self, happened: list[Op], lost: frozenset[int], torn: int | None, part: int = 1) -> State:
        data: dict[Any, bytearray] = {}
        entries: dict[str, Any] = {}
        for name, (inode, content) in self._before.items():
            data[inode] = bytearray(content)
            entries[name] = inode
            for folder in Path(name).parents:
                entries[folder.as_posix()] = "folder"
        for at, op in enumerate(happened):
            if at in lost:
                continue
            self._apply(op, data, entries, part=part if at == torn else 1)
        return {
            name: bytes(data.get(held, b""))
            for name, held in entries.items()
            if held != "folder" and all(up.as_posix() in (".", *entries) for up in Path(name).parents)
        }

    @staticmethod
    def _apply(op: Op, data: dict[Any, bytearray], entries: dict[str, Any], *, part: int) -> None:
        if op.kind == "entry":
            entries[op.said[0]] = op.said[1]
        elif op.kind == "gone":
            entries.pop(op.said[0], None)
        elif op.kind == "rename":
            source, target, inode = op.said
            entries.pop(source, None)
            entries[target] = inode
        elif op.kind == "truncate":
            content = data.setdefault(op.on, bytearray())
            size = op.said[0]
            content[:] = content[:size] + bytes(max(0, size - len(content)))
        elif op.kind == "write":
            content = data.setdefault(op.on, bytearray())
            place, written = op.said
            written = written[: len(written) // part]
            if len(content) < place:
                content.extend(bytes(place - len(content)))
            content[place : place + len(written)] = written
