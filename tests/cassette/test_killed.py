"""A recording that is killed or cut off keeps what it acknowledged, and the old cassette."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from harness.cassette import forget_unfinished, journal_path, read, salvage
from harness.errors import CassetteError, CassetteMissing
from harness.seal import event_line, header_line

from .samples import at, events, header, names, record, reference

RECORD = """
    import sys
    from pathlib import Path
    from harness.clock import RunClock
    from harness.cassette import Recorder
    from harness.model import Kind, Source
    from harness.redact import Redactor
    from harness.timeline import Timeline
    sys.path.insert(0, sys.argv[2])
    from cassette.samples import header
    timeline = Timeline(RunClock(), Recorder(Path(sys.argv[1]), header(), Redactor()))
    while True:
        event = timeline.append(Kind.PUSH, Source("ws"), data={"wire": {"text": "x" * 300}})
        print(event.number, flush=True)
"""


def child(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments, str(Path(__file__).parents[1])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_killed_recording_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """A recorder killed at a random moment leaves an exact prefix with every acknowledged event,
    and the old cassette."""
    moments = random.Random(1234)
    for round_ in range(4):
        path = at(tmp_path / str(round_), reference(2))
        process = child(RECORD, str(path))
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(moments.randrange(1, 120))]
        process.kill()
        acknowledged = len(lines) + process.stdout.read().count(b"\n")
        process.communicate(timeout=20)
        found, kept = salvage(path)
        assert found == header()
        assert acknowledged <= len(kept) <= acknowledged + 1
        assert [event.number for event in kept] == list(range(len(kept)))
        assert all(event.data == {"wire": {"text": "x" * 300}} for event in kept)
        assert path.read_bytes() == reference(2)
        assert names(path.parent) == [".broken.jsonl.journal", "broken.jsonl"]


SEAL = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[3])
    from harness import files
    from cassette.samples import record
    from files.faults import CountedOs
    recorder = record(Path(sys.argv[1]), 5)
    files.os = CountedOs(int(sys.argv[2]), lambda: os.kill(os.getpid(), signal.SIGKILL))
    recorder.seal()
"""


def test_a_kill_while_sealing_leaves_a_sealed_cassette(tmp_path: Path) -> None:
    """Killed at any file call of a seal, the cassette is the old or the new one, whole; nothing
    recorded is lost."""
    running = []
    for call in range(1, 16):
        path = at(tmp_path / str(call), reference(2))
        running.append((path, child(SEAL, str(path), str(call))))
    seen = set()
    for path, process in running:
        _, errors = process.communicate(timeout=20)
        assert process.returncode in (0, -signal.SIGKILL), errors
        cassette = read(path, "ESC-1234")
        if len(cassette.events) == 2:
            assert salvage(path) == (header(), events(5))
        seen.add((len(cassette.events), process.returncode))
        assert set(names(path.parent)) <= {".broken.jsonl.journal", ".broken.jsonl.writing", "broken.jsonl"}
    assert seen == {(2, -signal.SIGKILL), (5, -signal.SIGKILL), (5, 0)}


def test_a_journal_cut_anywhere_gives_an_exact_prefix(tmp_path: Path) -> None:
    """Whatever part of a journal reached the disk, salvage gives a prefix of the events, never a
    wrong one."""
    path = at(tmp_path)
    record(path, 4).close()
    data = journal_path(path).read_bytes()
    whole_header_bytes = len(data[: data.index(b"\n", data.index(b"\n") + 1) + 1])
    for size_bytes in range(len(data) + 1):
        for tail in (b"", b"\0" * 40):
            journal_path(path).write_bytes(data[:size_bytes] + tail)
            if size_bytes < whole_header_bytes:
                with pytest.raises(CassetteError):
                    salvage(path)
                continue
            kept = salvage(path)[1]
            assert kept == events(4)[: data[:size_bytes].count(b"\n") - 2]
    forget_unfinished(path)
    with pytest.raises(CassetteMissing) as raised:
        salvage(path)
    assert str(raised.value) == f"K001 {journal_path(path)}: there is no unfinished recording"


def test_a_salvage_stops_where_the_order_breaks(tmp_path: Path) -> None:
    """An event that stands before its predecessor ends what can be salvaged."""
    path = at(tmp_path, b"")
    lines = [header_line(header()), *map(event_line, events(3)), event_line(events(1)[0])]
    journal_path(path).write_bytes(b"".join(lines))
    assert salvage(path)[1] == events(3)
