"""A recording on a disk that refuses, as its user meets it: what happened, where, what to do, no harm."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.cassette import journal_path, read, salvage
from harness.errors import CassetteDamaged
from harness.files import Journal
from harness.model import Event, Kind

from .bench import CONFIG, QUIET, ROOT, Bench, Ran, clean_environment
from .test_live import until

RELEASED = ROOT / "tests" / "cassette" / "released" / "1"
RECORD = (sys.executable, "-m", "pytest", *QUIET, "--target", "venue", "--record", "broken")
CASE = "ESC-9001"


@pytest.fixture
def small(tmp_path: Path) -> Bench:
    """A project with the smallest case over REST and its broken cassette."""
    (tmp_path / "cases").mkdir()
    for path in RELEASED.glob(f"{CASE}-*.yaml"):
        shutil.copy(path, tmp_path / "cases" / path.name)
    shutil.copytree(RELEASED / "venue" / CASE, tmp_path / "cassettes" / CASE)
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    return Bench(tmp_path)


def cassette(bench: Bench) -> Path:
    """The cassette that is recorded anew."""
    return bench.root / "cassettes" / CASE / "broken.jsonl"


OLD = (RELEASED / "venue" / CASE / "broken.jsonl").read_bytes()
MOUNTED = """
mount -t tmpfs -o size={size} tmpfs cassettes
mkdir cassettes/ESC-9001
cp old.jsonl cassettes/ESC-9001/broken.jsonl
{then}
"$@"
code=$?
cp -r cassettes after
exit $code
"""


def mounted(bench: Bench, size: str, then: str = "") -> Ran:
    """Record where `cassettes` is a small disk, in a namespace; what was on it is then in `after`."""
    if bench.run("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "cassettes").code:
        pytest.skip("this machine gives no mount namespace")
    (bench.root / "old.jsonl").write_bytes(OLD)
    return bench.run("unshare", "-rm", "sh", "-c", MOUNTED.format(size=size, then=then), "sh", *RECORD)


JOURNAL = r"cassettes/ESC-9001/\.broken\.jsonl\.journal"
FULL = r"the disk is full \(No space left on device\)\. Free some space and run again"
READ_ONLY = r"Read-only file system\. Make cassettes/ESC-9001 writable and run again"


@pytest.mark.parametrize(
    ("size", "then", "told"),
    [
        ("16k", "", f"F002 {JOURNAL} could not be written: {FULL}"),
        pytest.param(
            "24k",
            "",
            rf"F002 cassettes/ESC-9001/broken\.jsonl could not be written: {FULL}",
            marks=pytest.mark.soak,
        ),
        pytest.param(
            "64k",
            "mount -o remount,ro cassettes",
            f"F001 {JOURNAL} could not be opened for writing: {READ_ONLY}",
            marks=pytest.mark.soak,
        ),
    ],
    ids=["full while recording", "full while sealing", "read-only"],
)
def test_a_real_disk_that_refuses(small: Bench, size: str, then: str, told: str) -> None:
    """A full disk, and a read-only one: an error, inconclusive, the old cassette as it was."""
    ran = mounted(small, size, then)

    assert (ran.code, ran.outcomes()) == (1, {"error": 1}), ran.out
    assert re.search(r"inconclusive on venue [\d.]+: " + told, ran.out), ran.out
    assert "again: pytest -k ESC-9001 --target venue --build 2026.11.2 --record broken" in ran.out
    after = small.root / "after" / CASE
    assert (after / "broken.jsonl").read_bytes() == OLD
    assert {path.name for path in after.iterdir()} <= {"broken.jsonl", ".broken.jsonl.journal"}


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
@pytest.mark.parametrize(
    ("call", "nth"),
    [("fdatasync", 3), pytest.param("fsync", 2, marks=pytest.mark.soak)],
    ids=["event", "seal"],
)
def test_a_sync_that_fails_once_is_fatal(small: Bench, call: str, nth: int) -> None:
    """A sync that the system fails once: loud, the file named, nothing tried again, nothing sealed."""
    trace = (
        "strace",
        "-f",
        "-o",
        "trace",
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:error=EIO:when={nth}",
    )
    ran = small.run(*trace, *RECORD)

    assert (ran.code, ran.outcomes()) == (1, {"error": 1}), ran.out
    assert re.search(
        r"inconclusive on venue [\d.]+: F003 cassettes/ESC-9001/\S+ could not be made durable", ran.out
    )
    assert "nothing was tried again. Check the disk, then run again" in ran.out
    trace_of = (small.root / "trace").read_text()
    assert trace_of.count("(INJECTED)") == 1
    assert call == "fsync" or trace_of.count(f"{call}(") == nth
    assert f"kept:  harness show --cassette {journal_path(cassette(small))}" in ran.out
    assert cassette(small).read_bytes() == OLD
    assert len(salvage(cassette(small)).events) > 0
    shown = small.harness("show", "--cassette", str(journal_path(cassette(small))))
    assert shown.out.startswith("UNFINISHED: this recording was cut short")


def test_a_second_recorder_is_told_who_the_first_is(small: Bench) -> None:
    """While another process records the case, a recording is refused with its id; nothing is harmed."""
    held = Journal(journal_path(cassette(small)))
    held.append(b"{}\n")
    before = held.path.read_bytes()

    ran = small.run(*RECORD)

    assert (ran.code, ran.outcomes()) == (1, {"error": 1}), ran.out
    assert (
        f"F005 cassettes/ESC-9001/.broken.jsonl.journal is being written by process {os.getpid()}" in ran.out
    )
    assert held.path.read_bytes() == before
    assert cassette(small).read_bytes() == OLD
    held.discard()


@pytest.mark.parametrize("kills", [1, pytest.param(12, marks=pytest.mark.soak)])
def test_a_killed_run_leaves_its_recording(small: Bench, kills: int) -> None:
    """A whole `pytest --record`, killed as its journal grows: the old cassette as it was, a journal that can
    be shown and never sealed, and a next recording that works."""
    journal = journal_path(cassette(small))
    for number in range(1, kills + 1):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        run = subprocess.Popen(RECORD, cwd=small.root, env=clean_environment(), **quiet)
        wanted = 9_000 * number // (kills + 1)
        until(lambda: run.poll() is not None or grown(journal, wanted), "the journal to grow")  # noqa: B023
        run.send_signal(signal.SIGKILL)
        assert run.wait(30) in (-signal.SIGKILL, 0)
        if journal.exists():
            assert cassette(small).read_bytes() == OLD
            kept = salvage(cassette(small)).events
            assert [event.number for event in kept] == list(range(len(kept)))
    shutil.copy(journal, cassette(small))
    sealed = small.harness("seal", "--edited", str(cassette(small)))
    with pytest.raises(CassetteDamaged):
        read(cassette(small), CASE)
    again = small.run(*RECORD)

    assert (sealed.code, "K008" in sealed.out) == (2, True)
    assert (again.code, again.outcomes()) == (0, {"passed": 1}), again.out
    assert read(cassette(small), CASE).header.case == CASE
    assert not journal.exists()


def grown(path: Path, size_bytes: int) -> bool:
    """Whether a file is there and larger than that."""
    return path.exists() and path.stat().st_size > size_bytes


@pytest.mark.soak
@pytest.mark.parametrize("turn", range(5))
def test_two_workers_record_eight_cases(small: Bench, turn: int) -> None:
    """`pytest -n 2 --record` over eight cases: every one is sealed with all its exchanges."""
    source = next((small.root / "cases").iterdir())
    exchanges = sends(read(cassette(small), CASE).events)
    for number in range(9101, 9109):
        text = source.read_text(encoding="utf-8").replace(CASE, f"ESC-{number}")
        (small.root / "cases" / f"ESC-{number}.yaml").write_text(text, encoding="utf-8")
    source.unlink()

    ran = small.run(*RECORD, "-n", "2")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 8}), ran.out
    kept = [
        sends(read(small.root / "cassettes" / f"ESC-{number}" / "broken.jsonl", f"ESC-{number}").events)
        for number in range(9101, 9109)
    ]
    assert kept == [exchanges] * 8
    print(f"{turn}: {8 * exchanges} of {8 * exchanges} exchanges kept")


def sends(events: Sequence[Event]) -> int:
    """How many exchanges there are."""
    return sum(event.kind is Kind.SEND for event in events)
