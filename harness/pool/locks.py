"""Who has what on this machine: locks of the system, which end with the process that holds them.

A name is held by a lock on a file (flock), and a note beside it says by whom. The files stay: a file that is
removed could be locked twice. Nothing but the names' digests and the notes is written.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.errors import TargetError
from harness.files import open_locked, remove, write_atomically

_PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a name: for what, in which process, since when (unix microseconds)."""

    pid: int
    who: str
    since_us: int

    def told(self, now_us: int) -> str:
        """The holder in a sentence; `now_us` is unix microseconds."""
        return f"{self.who} (process {self.pid}, for {max(0, now_us - self.since_us) // 1_000_000} s)"


class Claim:
    """One name, held until it is let go of or the process ends. Letting go twice is fine."""

    def __init__(self, descriptor: int, note: Path) -> None:
        self._descriptor = descriptor
        self._note = note

    def say(self, holder: Holder) -> None:
        """Write down for others who holds it."""
        said = {"pid": holder.pid, "who": holder.who, "since_us": holder.since_us}
        write_atomically(self._note, exactjson.dumps(said).encode(), private=True)

    def release(self) -> None:
        """Let go."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            with suppress(OSError):
                os.close(descriptor)


class Locks:
    """The locks in one folder that all processes of this user on this machine share."""

    def __init__(self, folder: Path | None = None) -> None:
        """Make the folder where it is missing. Raises TargetError T043 where it is not ours alone."""
        self.folder = folder or Path(tempfile.gettempdir()) / f"harness-accounts-{os.getuid()}"
        try:
            with suppress(FileExistsError):
                os.mkdir(self.folder, 0o700)
            found = os.lstat(self.folder)
        except OSError as error:
            raise TargetError(
                "T043", f"{self.folder} cannot be made ({error.strerror}): set TMPDIR"
            ) from None
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            text = f"{self.folder}, where leases and turns are kept, is not a folder of this user alone"
            raise TargetError("T043", f"{text}: somebody made it. Remove it, or set TMPDIR to another place")

    def hold(self, name: str, *, shared: bool = False) -> Claim | None:
        """Hold a name, alone or with others that share it; None where somebody holds it otherwise."""
        path, lock = self._path(name, "lock"), fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            return Claim(open_locked(path, _PRIVATE, wait=False, lock=lock), self._path(name, "json"))
        except BlockingIOError:
            return None

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Wait until nobody else is in here, and be the one; for short moments only."""
        descriptor = open_locked(self._path(name, "lock"), _PRIVATE, wait=True)
        try:
            yield
        finally:
            os.close(descriptor)

    def holder(self, name: str) -> Holder | None:
        """Who said last that they hold a name."""
        return _read(self._path(name, "json"))

    def last_held_us(self, name: str) -> int:
        """When it was held last; 0 where it never was."""
        found = self.holder(name)
        return 0 if found is None else found.since_us

    def _path(self, name: str, kind: str) -> Path:
        return self.folder / f"{sha256(name.lower().encode()).hexdigest()[:24]}.{kind}"


class Queue:
    """Who waits, in the order in which they came; only to be touched while `Locks.alone` is held."""

    def __init__(self, locks: Locks) -> None:
        self._folder = locks.folder

    def join(self, wants: Any) -> Ticket:
        """Take the next place; what is wanted is told to those behind."""
        number = max((int(path.stem) for path in self._folder.glob("*.ticket")), default=0) + 1
        path = self._folder / f"{number:012}.ticket"
        descriptor = open_locked(path, _PRIVATE, wait=False)
        write_atomically(path.with_suffix(".wants"), exactjson.dumps(wants).encode(), private=True)
        return Ticket(path, descriptor)

    def before(self, ticket: Ticket | None) -> list[Any]:
        """What those want who came before, in their order; places of processes that ended are cleared."""
        waiting = []
        for path in sorted(self._folder.glob("*.ticket")):
            if ticket is not None and path >= ticket.path:
                break
            try:
                descriptor = open_locked(path, _PRIVATE, wait=False)
            except BlockingIOError:
                with suppress(OSError, ValueError):
                    waiting.append(exactjson.loads(path.with_suffix(".wants").read_bytes()))
                continue
            Ticket(path, descriptor).leave()
        return waiting


class Ticket:
    """A place in the queue, kept until it is left or the process ends."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def leave(self) -> None:
        """Give the place up."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            remove(self.path.with_suffix(".wants"))
            remove(self.path)
            os.close(descriptor)


def _read(path: Path) -> Holder | None:
    try:
        said = exactjson.loads(path.read_bytes())
        return Holder(int(said["pid"]), str(said["who"]), int(said["since_us"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
