"""Files are whole or untouched, journals keep what they acknowledged, and nothing leaves its folder."""

from __future__ import annotations

import errno
import os
import random
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness import files
from harness.files import (
    FileError,
    Journal,
    join_inside,
    read_whole,
    remove,
    without_holder,
    write_atomically,
)

OLD = b"old content\n" * 500
NEW = b"new and longer content\n" * 1000
CALLS = ("open", "ftruncate", "fchmod", "write", "fsync", "fdatasync", "replace", "lstat", "fstat")


class CountedOs:
    """The module `os` with every call that touches a file counted; the nth does what the test says
    instead."""

    def __init__(self, at: int, instead: Callable[[], None]) -> None:
        self.calls = 0
        self._at = at
        self._instead = instead

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def counted(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls == self._at:
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


def test_a_file_is_written_whole_and_its_folders_made(tmp_path: Path) -> None:
    """A write makes missing folders, leaves nothing beside the file, and replaces what was there."""
    path = tmp_path / "a" / "b" / "file.json"
    write_atomically(path, OLD)
    write_atomically(path, NEW)
    assert read_whole(path) == NEW
    assert names(path.parent) == ["file.json"]


def test_a_private_file_is_the_owners_alone(tmp_path: Path) -> None:
    """A private file has mode 0600 under any umask, also where a leftover temp had another mode."""
    path = tmp_path / "file"
    (tmp_path / ".file.writing").write_bytes(b"left over")
    (tmp_path / ".file.writing").chmod(0o666)
    before = os.umask(0)
    try:
        write_atomically(path, NEW, private=True)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_a_failure_at_any_file_call_leaves_old_or_new_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Whichever file call fails, and however, the file is the old or the new one and the error is
    a FileError."""
    path = tmp_path / "file"
    for at in range(1, calls_of(monkeypatch, path) + 1):
        path.write_bytes(OLD)
        with failing(monkeypatch, at, code), pytest.raises(FileError) as raised:
            write_atomically(path, NEW, private=True)
        assert raised.value.path == path
        assert raised.value.code in ("F001", "F002", "F003", "F006")
        assert path.read_bytes() in (OLD, NEW)
        assert set(names(tmp_path)) <= {"file", ".file.writing"}
        write_atomically(path, NEW)
        assert names(tmp_path) == ["file"]


KILLED_AT = """
    import os, signal, sys
    from pathlib import Path
    from harness import files
    sys.path.insert(0, sys.argv[3])
    from test_files import CountedOs, NEW
    files.os = CountedOs(int(sys.argv[2]), lambda: os.kill(os.getpid(), signal.SIGKILL))
    files.write_atomically(Path(sys.argv[1]), NEW, private=True)
"""


def test_a_kill_at_any_file_call_leaves_old_or_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process killed at any of its file calls leaves the old file or the new one, and at most
    one named temp."""
    calls = calls_of(monkeypatch, tmp_path / "counted")
    paths = []
    running = []
    for at in range(1, calls + 1):
        path = tmp_path / str(at) / "file"
        path.parent.mkdir()
        path.write_bytes(OLD)
        paths.append(path)
        running.append(child(KILLED_AT, str(path), str(at), str(Path(__file__).parent)))
    seen = set()
    for path, process in zip(paths, running, strict=True):
        end(process)
        assert process.returncode == -signal.SIGKILL
        seen.add(path.read_bytes())
        assert set(names(path.parent)) <= {"file", ".file.writing"}
        write_atomically(path, OLD)
        assert names(path.parent) == ["file"]
    assert seen == {OLD, NEW}


@pytest.mark.parametrize(
    ("at_call", "code", "text"),
    [
        ("write", errno.ENOSPC, "F002 {path} could not be written: the disk is full (No space left "
        "on device). "
         "Free some space and run again"),
        ("replace", errno.EROFS, "F001 {path} could not be written: Read-only file system. "
         "Make {folder} writable and run again"),
        ("fsync", errno.EIO, "F003 {path} could not be made durable (Input/output error): what the "
        "disk now holds "
         "is unknown and nothing was tried again. Check the disk, then run again"),
        ("write", errno.EIO, "F006 {path} could not be written: Input/output error. "
         "Look at what stands at that path, and at the disk"),
    ],
)  # fmt: skip
def test_an_error_names_the_file_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_call: str, code: int, text: str
) -> None:
    """A failed write says which file, what the system said and what to do about it, and is tried once."""
    path = tmp_path / "file"
    tries = []

    def fail(*arguments: Any) -> Any:
        tries.append(arguments)
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, at_call, fail)
        with pytest.raises(FileError) as raised:
            write_atomically(path, NEW)
    assert str(raised.value) == text.format(path=path, folder=tmp_path)
    assert len(tries) == 1
    assert not path.exists()


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    """Many processes that write one file at once leave one of their contents, whole, and no temp."""
    code = """
        import sys
        from pathlib import Path
        from harness.files import write_atomically
        for _ in range(20):
            write_atomically(Path(sys.argv[1]), sys.argv[2].encode() * 20_000)
    """
    path = tmp_path / "file"
    running = [child(code, str(path), letter) for letter in "abcd"]
    for process in running:
        assert end(process) == (b"", b"")
    data = path.read_bytes()
    assert len(data) == 20_000
    assert len(set(data)) == 1
    assert names(tmp_path) == ["file"]


def test_reading_what_is_not_a_file_is_told_apart_from_a_missing_one(tmp_path: Path) -> None:
    """A missing file is FileNotFoundError, a folder in its place F006; removing neither needs it to exist."""
    with pytest.raises(FileNotFoundError):
        read_whole(tmp_path / "none")
    with pytest.raises(FileError) as raised:
        read_whole(tmp_path)
    assert raised.value.code == "F006"
    remove(tmp_path / "none")
    with pytest.raises(FileError, match="could not be removed"):
        remove(tmp_path)


def test_a_write_where_a_folder_stands_is_refused_and_leaves_no_temp(tmp_path: Path) -> None:
    """A folder at the file's path is F006, and the temp is gone."""
    (tmp_path / "file").mkdir()
    with pytest.raises(
        FileError, match=r"could not be written: Is a directory\. Look at what stands"
    ) as raised:
        write_atomically(tmp_path / "file", NEW)
    assert raised.value.code == "F006"
    assert names(tmp_path) == ["file"]


def test_a_journal_grows_by_whole_lines_and_is_private(tmp_path: Path) -> None:
    """A journal holds its holder's line and every line appended, mode 0600, and stays after closing."""
    journal = Journal(tmp_path / "folder" / "j")
    journal.append(b"one\n")
    journal.append(b"two\n", durable=False)
    assert journal.path.stat().st_mode & 0o777 == 0o600
    journal.close()
    journal.close()
    assert journal.closed
    assert journal.path.read_bytes() == b'{"journal":{"pid":%d}}\none\ntwo\n' % os.getpid()
    assert without_holder(journal.path.read_bytes()) == b"one\ntwo\n"
    assert without_holder(b"one\n") == b"one\n"
    with pytest.raises(ValueError, match="is closed"):
        journal.append(b"three\n")


@pytest.mark.parametrize("line", [b"", b"one", b"one\ntwo\n", b"\n\n"])
def test_a_journal_takes_one_whole_line_at_a_time(tmp_path: Path, line: bytes) -> None:
    """What is not one line with its newline is refused before anything is written."""
    journal = Journal(tmp_path / "j")
    with pytest.raises(ValueError, match="a journal's line ends with its only newline"):
        journal.append(line)
    journal.discard()


def test_a_discarded_journal_is_gone(tmp_path: Path) -> None:
    """Discarding removes the file; discarding twice, or after closing, does nothing."""
    journal = Journal(tmp_path / "j")
    journal.discard()
    journal.discard()
    assert names(tmp_path) == []
    kept = Journal(tmp_path / "j")
    kept.close()
    kept.discard()
    assert names(tmp_path) == ["j"]


HOLD = """
    import sys
    from pathlib import Path
    from harness.files import Journal
    journal = Journal(Path(sys.argv[1]))
    journal.append(b"kept\\n")
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_recorder_is_refused_with_the_holders_pid(tmp_path: Path) -> None:
    """While another process holds the journal, opening it is F005 and names that process; after
    its death it opens."""
    path = tmp_path / "j"
    holder = child(HOLD, str(path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    with pytest.raises(FileError) as raised:
        Journal(path)
    told = f"F005 {path} is being recorded by process {holder.pid}: wait for it to end, or stop it"
    assert str(raised.value) == told
    holder.kill()
    end(holder)
    assert without_holder(path.read_bytes()) == b"kept\n"
    Journal(path).discard()


def test_two_recorders_in_one_process_are_refused_too(tmp_path: Path) -> None:
    """A second journal of one path in the same process is refused as well, and the first one goes on."""
    first = Journal(tmp_path / "j")
    with pytest.raises(FileError, match=f"is being recorded by process {os.getpid()}"):
        Journal(tmp_path / "j")
    first.append(b"one\n")
    first.discard()


APPEND = """
    import sys
    from pathlib import Path
    from harness.files import Journal
    journal = Journal(Path(sys.argv[1]))
    for number in range(1_000_000):
        journal.append(b"line %d of the journal\\n" % number, durable=number % 10 == 0)
        print(number, flush=True)
"""


def test_a_kill_loses_no_acknowledged_line(tmp_path: Path) -> None:
    """A recorder killed at a random moment leaves every line it acknowledged, in order, and at
    most a torn one more."""
    moments = random.Random(20261122)
    for round_ in range(8):
        path = tmp_path / str(round_)
        process = child(APPEND, str(path))
        assert process.stdout is not None
        seen = b""
        for _ in range(moments.randrange(1, 200)):
            select.select([process.stdout], [], [], 10)
            seen += os.read(process.stdout.fileno(), 64)
        process.kill()
        rest, _ = end(process)
        acknowledged = len((seen + rest).split(b"\n")) - 1
        lines = without_holder(path.read_bytes()).split(b"\n")
        whole = lines[:-1]
        assert acknowledged <= len(whole) <= acknowledged + 1
        assert whole == [b"line %d of the journal" % number for number in range(len(whole))]


def test_a_journal_that_failed_once_fails_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one failed sync every append raises that same failure, because nobody knows what the
    disk holds."""
    journal = Journal(tmp_path / "j")
    with monkeypatch.context() as patch:

        def fail(descriptor: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        patch.setattr(os, "fdatasync", fail)
        with pytest.raises(FileError) as first:
            journal.append(b"one\n")
    with pytest.raises(FileError) as second:
        journal.append(b"two\n")
    assert first.value is second.value
    assert first.value.code == "F003"
    journal.discard()


def test_a_journal_that_cannot_be_opened_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file call that fails while a journal opens is a FileError, and the lock is let go."""
    for at in range(1, 8):
        with failing(monkeypatch, at, errno.EIO) as counted, pytest.raises(FileError) as raised:
            Journal(tmp_path / "j")
        assert counted.calls >= at
        assert raised.value.code in ("F003", "F006")
    Journal(tmp_path / "j").discard()


@pytest.mark.parametrize(
    "parts", [("ESC-1", "broken.jsonl"), ("a/b",), ("a", "..", "b"), (".",), ("link-in", "x")]
)
def test_names_inside_a_folder_are_joined(tmp_path: Path, parts: tuple[str, ...]) -> None:
    """Names that stay in the folder give a resolved path in it, also through a link that stays in it."""
    (tmp_path / "target").mkdir()
    (tmp_path / "link-in").symlink_to("target")
    assert join_inside(tmp_path, *parts).is_relative_to(tmp_path.resolve())


@pytest.mark.parametrize(
    "parts",
    [("..",), ("a", "../../b"), ("/etc/passwd",), ("a", "/etc"), ("a\0b",), ("link-out", "x"), ("loop", "x")],
)
def test_names_that_lead_out_are_refused(tmp_path: Path, parts: tuple[str, ...]) -> None:
    """Names that leave the folder, by dots, by a root, by a NUL or by a link, are F004."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "link-out").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    with pytest.raises(FileError) as raised:
        join_inside(root, *parts)
    named = "/".join(parts)
    assert str(raised.value) == f"F004 {named!r} leads out of {root}: use a name inside that folder"
