"""A small value that several processes of this machine share: read, changed and written under one lock.

The lock is let go of when its holder dies, however it dies. The value has two places that are written in
turn, each with its number and a checksum: a process that is killed while it writes spoils the place that
nobody needs yet, and the value of before stands.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

from harness.errors import InternalError
from harness.files import FileError

T = TypeVar("T")
Change = Callable[[bytes], tuple[bytes, T]]
"""From the value as it is (empty at first) to the value as it shall be, and what the caller wants to know."""

_HEAD: Final = struct.Struct(">QII")
"""Number, length and checksum before each place's value."""
PLACE_BYTES: Final = 64 * 1024
"""Room for one value: the stamps of a second's requests at a pace of thousands, and a few dozen holds."""


class Cell(Protocol):
    """Where a value is kept. What `change` is given raises passes through, and nothing is changed."""

    def change(self, how: Change[T]) -> T:
        """Change the value; nobody else reads or changes it meanwhile."""


class OwnCell:
    """A value of this process alone; several threads may change it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value = b""

    def change(self, how: Change[T]) -> T:
        """Change the value."""
        with self._lock:
            self._value, told = how(self._value)
            return told


class SharedCell:
    """A value in a file that every process of a job opens; it is private to its user.

    Raises FileError F006 where the file cannot be opened, read or written (the machine's fault).
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._path = path
        try:
            self._descriptor = os.open(path, flags, 0o600)
        except OSError as error:
            raise self._refused(error) from None
        self._lock = (
            threading.Lock()
        )  # a lock of the file is this process's, and does not hold its threads apart

    def change(self, how: Change[T]) -> T:
        """Change the value. Raises InternalError E001 for one that has no room."""
        with self._lock:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                number, value = max(self._at(0), self._at(1))
                changed, told = how(value)
                if changed != value:
                    self._write(number + 1, changed)
                return told
            except OSError as error:
                raise self._refused(error) from None
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _refused(self, error: OSError) -> FileError:
        text = f"{self._path}, where this job counts what it spends, cannot be used: {error.strerror}"
        return FileError("F006", self._path, f"{text}. Look at the disk and at TMPDIR")

    def close(self) -> None:
        """Let go of the file, which stays."""
        os.close(self._descriptor)

    def _at(self, place: int) -> tuple[int, bytes]:
        """The number and the value at a place; number 0 where there is none, or only a part of one."""
        held = os.pread(self._descriptor, PLACE_BYTES, place * PLACE_BYTES)
        if len(held) < _HEAD.size:
            return 0, b""
        number, length, checksum = _HEAD.unpack_from(held)
        value = held[_HEAD.size : _HEAD.size + length]
        return (number, value) if len(value) == length and _checksum(number, value) == checksum else (0, b"")

    def _write(self, number: int, value: bytes) -> None:
        if len(value) > PLACE_BYTES - _HEAD.size:
            raise InternalError("E001", f"a shared value of {len(value)} bytes has no room")
        whole = _HEAD.pack(number, len(value), _checksum(number, value)) + value
        at = number % 2 * PLACE_BYTES
        while whole:
            written = os.pwrite(self._descriptor, whole, at)
            whole, at = whole[written:], at + written


def _checksum(number: int, value: bytes) -> int:
    return zlib.crc32(value, zlib.crc32(number.to_bytes(8)))
