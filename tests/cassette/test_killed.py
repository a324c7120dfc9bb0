"""A recording that is killed or cut off keeps what it acknowledged, and the old cassette."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from harness.cassette import Cassette, read, salvage

from .samples import at, events, header, names, reference

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
        salvaged = salvage(path)
        assert salvaged.header == header()
        kept = salvaged.events
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
            assert salvage(path) == Cassette(header(), events(5))
        seen.add((len(cassette.events), process.returncode))
        assert set(names(path.parent)) <= {".broken.jsonl.journal", ".broken.jsonl.writing", "broken.jsonl"}
    assert seen == {(2, -signal.SIGKILL), (5, -signal.SIGKILL), (5, 0)}
