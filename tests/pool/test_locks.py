"""Locks of the system: whoever ends, however it ends, holds nothing any more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import TargetError
from harness.pool.locks import Holder, Locks, Queue

HOLDS = """
import sys
from pathlib import Path
from harness.pool.locks import Holder, Locks, Queue
locks = Locks(Path(sys.argv[1]))
claim = locks.hold("0xAA")
claim.say(Holder(1, "ESC-1", 5))
ticket = Queue(locks).join({"alice": ["0xAA"]})
print("held", flush=True)
sys.stdin.read()
"""


def test_a_name_is_held_by_one(tmp_path: Path) -> None:
    """Nobody else holds it until it is let go of, in whatever case it is written; the note says who did."""
    locks = Locks(tmp_path / "locks")
    claim = locks.hold("0xAb")
    assert claim is not None
    claim.say(Holder(7, "ESC-1", 3_000_000))

    assert locks.hold("0xaB") is None
    holder = locks.holder("0xAB")
    assert holder is not None
    assert holder.told(5_500_000) == "ESC-1 (process 7, for 2 s)"
    claim.release()
    claim.release()
    again = locks.hold("0xAB")
    assert again is not None
    again.release()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    """With SIGKILL a process loses its names and its place in the queue, and nobody has to tidy up."""
    locks = Locks(tmp_path / "locks")
    command = [sys.executable, "-c", HOLDS, str(locks.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        held, waiting = locks.hold("0xAA"), Queue(locks).before(None)
        process.kill()
        process.wait()
        after = locks.hold("0xAA")

        assert (held, waiting) == (None, [{"alice": ["0xAA"]}])
        assert after is not None
        after.release()
        assert Queue(locks).before(None) == []
        assert list(locks.folder.glob("*.ticket")) == []


def test_a_queue_keeps_its_order(tmp_path: Path) -> None:
    """Each sees those who came before, the first first, until they leave."""
    queue = Queue(Locks(tmp_path / "locks"))
    first, second, third = (queue.join({"alice": [name]}) for name in "abc")

    assert queue.before(third) == [{"alice": ["a"]}, {"alice": ["b"]}]
    second.leave()
    assert queue.before(third) == [{"alice": ["a"]}]
    assert queue.before(first) == []
    first.leave()
    third.leave()


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_folder_that_others_may_use(tmp_path: Path, mode: int) -> None:
    """A folder in which another user could hold or free accounts is refused."""
    folder = tmp_path / "locks"
    folder.mkdir()
    os.chmod(folder, mode)

    with pytest.raises(TargetError, match="is not a folder of this user alone") as caught:
        Locks(folder)

    assert caught.value.code == "T043"


def test_a_link_to_a_folder(tmp_path: Path) -> None:
    """A link that somebody put there is not followed."""
    (tmp_path / "theirs").mkdir(mode=0o700)
    (tmp_path / "locks").symlink_to(tmp_path / "theirs")

    with pytest.raises(TargetError, match="is not a folder of this user alone"):
        Locks(tmp_path / "locks")
