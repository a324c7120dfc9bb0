"""A file is written whole or stays untouched, whatever fails, and an error says what to do."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from harness.files import FileError, read_whole, remove, write_atomically

from .faults import NEW, OLD, calls_of, child, end, failing, names


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
        error = None
        with failing(monkeypatch, at, code) as counted:
            try:
                write_atomically(path, NEW, private=True)
            except FileError as raised:
                error = raised
        if counted.hit == "close":  # after the file was made durable
            assert error is None
        else:
            assert error is not None
            assert error.path == path
            assert error.code in ("F001", "F002", "F003", "F006")
        assert path.read_bytes() in (OLD, NEW)
        assert set(names(tmp_path)) <= {"file", ".file.writing"}
        write_atomically(path, NEW)
        assert names(tmp_path) == ["file"]


KILLED_AT = """
    import os, signal, sys
    from pathlib import Path
    from harness import files
    sys.path.insert(0, sys.argv[3])
    from files.faults import CountedOs, NEW
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
        running.append(child(KILLED_AT, str(path), str(at), str(Path(__file__).parents[1])))
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
