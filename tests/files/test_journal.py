"""A journal keeps every line it acknowledged, and has one recorder at a time."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import select
from pathlib import Path

import pytest

from harness.files import FileError, Journal
from harness.kept import kept

from .faults import child, end, failing, names


def test_a_journal_grows_by_whole_lines_and_is_private(tmp_path: Path) -> None:
    """A journal holds its holder's line and every line appended with its check, mode 0600, and stays after
    closing."""
    journal = Journal(tmp_path / "folder" / "j")
    journal.append(b"one\n")
    journal.append(b"two\n", durable=False)
    assert journal.path.stat().st_mode & 0o777 == 0o600
    journal.close()
    journal.close()
    assert journal.closed
    told = b'{"journal":{"pid":%d}}\n' % os.getpid()
    for line in (b"one\n", b"two\n"):
        told += line
        told += b'{"kept":"sha256:%s"}\n' % hashlib.sha256(told).hexdigest().encode()
    assert journal.path.read_bytes() == told
    assert kept(told) == [b"one", b"two"]
    assert kept(b"one\n") == []
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
    told = f"F005 {path} is being written by process {holder.pid}: wait for it to end, or stop it"
    assert str(raised.value) == told
    holder.kill()
    end(holder)
    assert kept(path.read_bytes()) == [b"kept"]
    Journal(path).discard()


def test_two_recorders_in_one_process_are_refused_too(tmp_path: Path) -> None:
    """A second journal of one path in the same process is refused as well, and the first one goes on."""
    first = Journal(tmp_path / "j")
    with pytest.raises(FileError, match=f"is being written by process {os.getpid()}"):
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
        whole = kept(path.read_bytes())
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
