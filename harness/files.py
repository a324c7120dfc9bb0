"""The only module that writes the product's files: whole or not at all, and loud when it cannot.

A file is written beside itself, made durable and moved into place, so that a reader or a crash sees the old
bytes or the new ones and nothing between. A journal grows line by line while it is locked to one process.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

from harness.errors import HarnessError
from harness.kept import Keeping, holder

IN_USE: Final = "F005"
"""The code of an error that is nobody's fault: another process writes there."""
_PRIVATE: Final = 0o600
_SHARED: Final = 0o666  # before the umask, as every other program does it
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileError(HarnessError):
    """The machine's: a file could not be written, read or locked. `path` is as the caller named it."""

    def __init__(self, code: str, path: Path, text: str) -> None:
        super().__init__(code, text)
        self.path = path


def write_atomically(path: Path, data: bytes, *, private: bool = False) -> None:
    """Replace the file's content by `data`, durably: afterwards it holds all of it, whatever happens next.

    Missing folders are made. All that is ever left behind (by a kill) is `.<name>.writing` beside the file,
    which the next write uses again. `private` keeps group and others out.

    Raises FileError (the machine's fault): F001 not allowed, F002 disk full, F003 not durable, F006 anything
    else. The old file is then as it was, but for one case: where F003 says that only the folder's entry is
    in doubt, a power loss may bring the old file back.
    """
    temp = path.with_name(f".{path.name}.writing")
    descriptor = -1
    try:
        _make_folders(path)
        descriptor = open_locked(temp, _PRIVATE if private else _SHARED, wait=True)
        try:
            os.ftruncate(descriptor, 0)
            if private:
                os.fchmod(descriptor, _PRIVATE)
            _write_all(descriptor, data)
            _make_durable(descriptor, path)
            os.replace(temp, path)
        except BaseException:
            with suppress(OSError):  # what went wrong first is what is told
                os.unlink(temp)
            raise
        _make_folder_durable(path)
    except OSError as error:
        _fail(path, "written", error)
    finally:
        if descriptor >= 0:
            _close(descriptor)


def read_whole(path: Path) -> bytes:
    """All bytes of a file. Raises FileNotFoundError where there is none, FileError F006 where unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        _fail(path, "read", error)


def remove(path: Path) -> None:
    """Remove a file; that there is none is fine. Raises FileError F001 or F006."""
    try:
        with suppress(FileNotFoundError):
            os.unlink(path)
    except OSError as error:
        _fail(path, "removed", error)


def join_inside(root: Path, *parts: str) -> Path:
    """`root` with the parts joined and every symbolic link followed; never outside of `root`.

    Raises FileError F004 (the author's fault) where they lead out of it, are absolute, or hold a NUL."""
    named = "/".join(parts)
    if "\0" in named or any(Path(part).is_absolute() for part in parts):
        raise _outside(root, named)
    whole = root.resolve()
    with suppress(OSError, RuntimeError):  # a loop of symbolic links leads nowhere
        found = whole.joinpath(*parts).resolve()
        if found.is_relative_to(whole):
            return found
    raise _outside(root, named)


def is_inside(root: Path, path: Path) -> bool:
    """Whether a path, with every symbolic link followed, is in the folder."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a loop of symbolic links
        return False


class Journal:
    """A private file that grows line by line and belongs to one process while it is open.

    Its bytes are those of `kept.py`: the holder, then each line with its check. An older journal of that
    name, left by a process that died, is overwritten. A line that `append` returned from survives the death
    of this process, and with `durable` also of the machine.
    """

    def __init__(self, path: Path, first: Sequence[bytes] = ()) -> None:
        """Open and lock. With `first`, it begins with these lines, and an older one is replaced in one step.

        Raises FileError F005 (another process writes there), F001, F002, F003, F006.
        """
        self.path = path
        self._descriptor = -1
        self._failure: FileError | None = None
        self._keeping = Keeping()
        beginning = self._keeping.begin(os.getpid()) + b"".join(map(self._keeping.line, first))
        try:
            _make_folders(path, 0o700)  # nobody else's until it is sealed: `modes.share_folder`
            self._descriptor = open_locked(path, _PRIVATE, wait=False)
            if first:
                self._replace(beginning)
            else:
                os.fchmod(self._descriptor, _PRIVATE)
                os.ftruncate(self._descriptor, 0)
                _write_all(self._descriptor, beginning)
                _make_folder_durable(path)
        except BlockingIOError:
            self.close()
            raise FileError(IN_USE, path, _held(path)) from None
        except (OSError, FileError) as error:
            self.close()
            if isinstance(error, FileError):
                raise
            _fail(path, "opened for writing", error)

    def _replace(self, beginning: bytes) -> None:
        """Put another file in place of the one that is locked, lock that one, and go on at its end."""
        write_atomically(self.path, beginning, private=True)
        old, self._descriptor = self._descriptor, -1
        try:
            self._descriptor = open_locked(self.path, _PRIVATE, wait=False)
            os.lseek(self._descriptor, 0, os.SEEK_END)
        finally:
            _close(old)

    @property
    def closed(self) -> bool:
        """Whether it was closed or discarded."""
        return self._descriptor < 0

    def append(self, line: bytes, *, durable: bool = True) -> None:
        """Add one line, which ends with its only newline; `durable` makes all so far outlive a power loss.

        Raises FileError F001, F002, F003 or F006, and the same one again for every later line: after a
        failure nobody knows what the disk holds, so nothing is tried twice. ValueError is the caller's fault.
        """
        if self.closed:
            raise ValueError(f"the journal {self.path} is closed")
        if self._failure is not None:
            raise self._failure
        try:
            try:
                _write_all(self._descriptor, self._keeping.line(line))
                if durable:
                    _make_durable(self._descriptor, self.path, data_only=True)
            except OSError as error:
                _fail(self.path, "written", error)
        except FileError as failure:
            self._failure = failure
            raise

    def close(self) -> None:
        """Let go of the lock and keep the file. Closing twice is fine."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            _close(descriptor)

    def discard(self) -> None:
        """Empty and remove the file, then let go of the lock. Raises FileError F001 or F006."""
        if self._descriptor < 0:
            return
        try:
            os.ftruncate(self._descriptor, 0)
            with suppress(FileNotFoundError):
                os.unlink(self.path)
        except OSError as error:
            _fail(self.path, "removed", error)
        finally:
            self.close()


def _make_folders(path: Path, mode: int = 0o777) -> None:
    """Make those missing above a file, the last of this mode; each is made durable in the one above it."""
    missing: list[Path] = []
    folder = path.parent
    while not folder.exists():
        missing, folder = [*missing, folder], folder.parent
    for each in reversed(missing):
        with suppress(FileExistsError):  # another process was faster
            os.mkdir(each, mode if each == path.parent else 0o777)
        _make_folder_durable(path, each.parent)


def open_locked(path: Path, mode: int, *, wait: bool, lock: int = fcntl.LOCK_EX) -> int:
    """Open for writing under a lock of fcntl's; BlockingIOError where it is not had and we do not wait."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        try:
            fcntl.flock(descriptor, lock | (0 if wait else fcntl.LOCK_NB))
            if _is_still_at(descriptor, path):
                return descriptor
        except BaseException:
            _close(descriptor)
            raise
        _close(descriptor)  # it was moved or removed while we waited: lock the one that is there now


def _close(descriptor: int) -> None:
    with suppress(OSError):  # what counts was made durable before, and Linux has let go of it all the same
        os.close(descriptor)


def _is_still_at(descriptor: int, path: Path) -> bool:
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        return False
    ours = os.fstat(descriptor)
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _held(path: Path) -> str:
    pid: int | None = None
    with suppress(OSError):
        pid = holder(path.read_bytes()[:64])
    named = "another process" if pid is None else f"process {pid}"
    return f"{path} is being written by {named}: wait for it to end, or stop it"


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _make_durable(descriptor: int, path: Path, *, data_only: bool = False) -> None:
    try:
        if hasattr(fcntl, "F_FULLFSYNC"):  # macOS: fsync leaves the data in the drive's cache
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        elif data_only:
            os.fdatasync(descriptor)
        else:
            os.fsync(descriptor)
    except OSError as error:
        if error.errno in _FULL:
            raise
        text = f"{path} could not be made durable ({_reason(error)}): what the disk now holds is unknown and "
        text += "nothing was tried again. Check the disk, then run again"
        raise FileError("F003", path, text) from error


def _make_folder_durable(path: Path, folder: Path | None = None) -> None:
    """Make the entries of a folder durable, by default of the file's own; `path` is named in errors."""
    descriptor = os.open(folder or path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _make_durable(descriptor, path)
    finally:
        _close(descriptor)


def _fail(path: Path, done: str, error: OSError) -> NoReturn:
    if error.errno in _FULL:
        text = f"{path} could not be {done}: the disk is full ({_reason(error)})"
        raise FileError("F002", path, f"{text}. Free some space and run again") from error
    if error.errno in _REFUSED and done != "read":
        text = f"{path} could not be {done}: {_reason(error)}. Make {path.parent} writable and run again"
        raise FileError("F001", path, text) from error
    text = f"{path} could not be {done}: {_reason(error)}. Look at what stands at that path, and at the disk"
    raise FileError("F006", path, text) from error


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)


def _outside(root: Path, named: str) -> FileError:
    return FileError("F004", root, f"{named!r} leads out of {root}: use a name inside that folder")
