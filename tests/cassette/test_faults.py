"""A recording in which any one file call fails, or kills: the old cassette or the new, nothing between."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from files.faults import CALLS, CountedOs, failing

from harness import files
from harness.cassette import read, salvage
from harness.errors import CassetteError
from harness.files import FileError

from .samples import at, events, names, record, reference

OLD = reference(2)
LEFT = {"broken.jsonl", ".broken.jsonl.journal", ".broken.jsonl.writing"}


def recording(path: Path) -> int:
    """Record and seal as a run does; how many events were acknowledged before it ended. Raises FileError."""
    recorder = record(path, 0)
    acknowledged = 0
    try:
        for event in events(5):
            recorder(event)
            acknowledged += 1
        recorder.seal()
    except FileError as error:
        recorder.give_up()
        error.add_note(str(acknowledged))
        raise
    return acknowledged


def calls(folder: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None) -> int:
    """How many file calls a recording makes."""
    with failing(monkeypatch, 0, 0) as counted:
        assert recording(at(folder, old)) == 5
    return counted.calls


@pytest.mark.parametrize("old", [OLD, None], ids=["over an old one", "for the first time"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_any_file_call_that_fails_is_loud_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, old: bytes | None
) -> None:
    """Whichever call fails: an error that names the file, the old bytes or the new cassette, the journal and
    one named temp at most, every acknowledged event kept, and a next recording that works."""
    last = calls(tmp_path / "counted", monkeypatch, old)
    loud = 0
    for nth in range(1, last + 1):
        path = at(tmp_path / str(nth), old)
        error = None
        try:
            with failing(monkeypatch, nth, code) as counted:
                acknowledged = recording(path)
        except FileError as raised:
            error = raised
            acknowledged = int(error.__notes__[0]) if hasattr(error, "__notes__") else 0
        if error is None:
            assert counted.hit == "close", (nth, counted.hit)
        else:
            loud += 1
            assert error.code in ("F001", "F002", "F003", "F006")
            assert str(path.parent) in str(error)
        left = set(names(path.parent)) if path.parent.exists() else set()
        assert left <= LEFT, (nth, left)
        if path.exists() and path.read_bytes() != old:
            assert len(read(path, "ESC-1234").events) == 5
        else:
            assert old is None or path.read_bytes() == old
            kept = salvage(path).events if acknowledged else ()
            assert kept[:acknowledged] == events(acknowledged)
        assert recording(path) == 5
        assert names(path.parent) == ["broken.jsonl"]
    assert loud > 20
    print(f"{os.strerror(code)}: {last} calls, {loud} loud (the others close), 0 harmed")


KILL = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from harness import files
from cassette.samples import at, reference
from cassette.test_faults import OLD, recording
from files.faults import CountedOs

nth = 0
while True:
    nth += 1
    path = at(Path(sys.argv[1]) / str(nth), OLD)
    child = os.fork()
    if not child:
        files.os = CountedOs(nth, lambda: os.kill(os.getpid(), signal.SIGKILL))
        recording(path)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
print(nth)
"""


def test_a_kill_at_any_file_call_leaves_old_or_new(tmp_path: Path) -> None:
    """Killed at any file call of a re-recording: the old cassette or the new one, whole; an exact prefix in
    the journal; and the next recording works."""
    root = Path(__file__).parents[2]
    done = printed(KILL, str(tmp_path), str(root / "tests"))
    seen = set()
    for nth in range(1, done + 1):
        path = at(tmp_path / str(nth))
        cassette = read(path, "ESC-1234")
        assert len(cassette.events) in (2, 5)
        seen.add(len(cassette.events))
        assert set(names(path.parent)) <= LEFT
        if len(cassette.events) == 2:
            assert path.read_bytes() == OLD
            try:
                kept = salvage(path).events
            except CassetteError:
                kept = ()
            assert kept == events(len(kept))
        assert recording(path) == 5
        assert names(path.parent) == ["broken.jsonl"]
    assert seen == {2, 5}
    print(f"{done - 1} kills, 0 harmed")


def printed(code: str, *arguments: str) -> int:
    """Run a script and return the number it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_every_call_of_the_system_can_fail_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter counts each kind of call of `os` that a recording makes; none is out of reach here."""
    made = set()

    class Noting(CountedOs):
        def __getattr__(self, name: str) -> object:
            made.add(name)
            return super().__getattr__(name)

    monkeypatch.setattr(files, "os", Noting(0, lambda: None))
    recording(at(tmp_path, OLD))
    functions = {name for name in made if callable(getattr(os, name))}
    assert functions - {"getpid", "strerror"} <= set(CALLS)
