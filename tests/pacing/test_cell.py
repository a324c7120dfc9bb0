"""A value that processes share: whole after every kill, and nobody's while it changes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cell import PLACE_BYTES, Cell, OwnCell, SharedCell
from harness.errors import InternalError
from harness.files import FileError

COUNTS = """
import sys
from pathlib import Path
from harness.cell import SharedCell
cell = SharedCell(Path(sys.argv[1]))
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    cell.change(lambda held: (b"%d" % (int(held or 0) + 1), None))
"""


def counting(path: Path, times: int) -> subprocess.Popen[str]:
    """A process that adds one, so many times; it has begun when this returns."""
    command = [sys.executable, "-c", COUNTS, str(path), str(times)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def read(cell: Cell) -> bytes:
    return cell.change(lambda held: (held, held))


@pytest.fixture(params=["own", "shared"])
def cell(request: pytest.FixtureRequest, tmp_path: Path) -> Cell:
    return OwnCell() if request.param == "own" else SharedCell(tmp_path / "cell")


def test_a_value_is_kept(cell: Cell) -> None:
    """It is empty at first, then what it was changed to; what is told comes back."""
    assert read(cell) == b""
    assert cell.change(lambda held: (held + b"a", len(held))) == 0
    assert cell.change(lambda held: (held + b"b", len(held))) == 1
    assert read(cell) == b"ab"


def test_an_error_changes_nothing(cell: Cell) -> None:
    """What `change` is given may refuse: the value stays, and the next one may change it."""

    def refuse(held: bytes) -> tuple[bytes, None]:
        raise ValueError("no")

    cell.change(lambda held: (b"kept", None))
    with pytest.raises(ValueError, match="no"):
        cell.change(refuse)
    assert read(cell) == b"kept"


def test_threads_take_turns(cell: Cell) -> None:
    """Many threads of one process lose none of their changes."""

    def count() -> None:
        for _ in range(200):
            cell.change(lambda held: (b"%d" % (int(held or 0) + 1), None))

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(cell) == b"1200"


def test_processes_take_turns(tmp_path: Path) -> None:
    """Four processes lose none of their changes."""
    processes = [counting(tmp_path / "cell", 500) for _ in range(4)]

    assert [process.wait(60) for process in processes] == [0] * 4
    assert read(SharedCell(tmp_path / "cell")) == b"2000"
    for process in processes:
        process.communicate()


def test_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    """Wherever a process is killed, the others go on, and the value is one that somebody wrote."""
    for _ in range(4):
        doomed, other = counting(tmp_path / "cell", 10**9), counting(tmp_path / "cell", 300)
        os.kill(doomed.pid, signal.SIGKILL)
        assert (doomed.wait(60), other.wait(60)) == (-signal.SIGKILL, 0)
        doomed.communicate()
        other.communicate()
    assert int(read(SharedCell(tmp_path / "cell"))) >= 1_200


@given(st.binary(min_size=1, max_size=80), st.binary(max_size=80), st.data())
def test_a_place_that_is_spoiled_is_not_read(old: bytes, new: bytes, data: st.DataObject) -> None:
    """A write that ended in its middle leaves the value of before."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cell"
        cell = SharedCell(path)
        cell.change(lambda held: (old, None))  # the first write goes to the second place
        cell.change(lambda held: (new + b"!", None))  # and the second to the first
        whole = path.read_bytes()
        written = 16 + len(new) + 1
        at = data.draw(st.integers(0, written - 1))
        flipped = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
        path.write_bytes(whole[:at] + flipped + whole[at + 1 :])

        assert read(SharedCell(path)) == old


def test_the_file_is_private(tmp_path: Path) -> None:
    """Nobody else reads what a job spends."""
    SharedCell(tmp_path / "cell").close()

    assert stat.S_IMODE((tmp_path / "cell").stat().st_mode) == 0o600


def test_a_value_has_room(tmp_path: Path) -> None:
    """What fits is kept; what does not is our own error, and the value stays."""
    cell = SharedCell(tmp_path / "cell")
    cell.change(lambda held: (b"x" * (PLACE_BYTES - 16), None))

    with pytest.raises(InternalError, match=r"E001 a shared value of 65521 bytes has no room"):
        cell.change(lambda held: (b"x" * (PLACE_BYTES - 15), None))
    assert len(read(cell)) == PLACE_BYTES - 16


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """A missing folder is the machine's, and is named."""
    with pytest.raises(FileError, match=r"F006 .*/gone/cell, where this job counts what it spends, cannot"):
        SharedCell(tmp_path / "gone" / "cell")
