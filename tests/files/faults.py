"""File calls that fail or kill at will, and child processes, for the tests of files."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness import files
from harness.files import write_atomically

OLD = b"old content\n" * 500
NEW = b"new and longer content\n" * 1000
CALLS = ("open", "ftruncate", "fchmod", "write", "fsync", "fdatasync", "replace", "lstat", "fstat", "unlink")
CALLS += ("mkdir", "lseek", "close")


class CountedOs:
    """The module `os` with every call that touches a file counted; the nth does what the test says
    instead."""

    def __init__(self, at: int, instead: Callable[[], None]) -> None:
        self.calls = 0
        self.hit = ""
        self._at = at
        self._instead = instead

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def counted(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls == self._at:
                self.hit = name
                self._instead()
            return real(*arguments)

        return counted


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, at: int, code: int) -> Iterator[CountedOs]:
    """The nth file call fails with this errno."""

    def fail() -> None:
        raise OSError(code, os.strerror(code))

    counted = CountedOs(at, fail)
    with monkeypatch.context() as patch:
        patch.setattr(files, "os", counted)
        yield counted


def calls_of(monkeypatch: pytest.MonkeyPatch, path: Path) -> int:
    with failing(monkeypatch, 0, 0) as counted:
        write_atomically(path, NEW, private=True)
    return counted.calls


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def child(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def end(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    return process.communicate(timeout=20)
