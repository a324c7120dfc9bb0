"""The reference cassettes: one over REST, one over a stream and the chain, one over FIX."""

from __future__ import annotations

from pathlib import Path

from harness.cassette import Recorder, journal_path
from harness.lines import parse
from harness.redact import Redactor
from harness.seal import unsealed

RELEASED = Path(__file__).parent / "released"
REFERENCES = {
    name: RELEASED / "1" / "venue" / case / "broken.jsonl"
    for name, case in {"rest": "ESC-9001", "stream and chain": "ESC-9002", "fix": "ESC-1093"}.items()
}


def journal_of(name: str, folder: Path) -> bytes:
    """The journal that a recording of a reference leaves when it is killed after its last event."""
    cassette = parse(unsealed(REFERENCES[name].read_bytes(), name), name)
    path = folder / "broken.jsonl"
    recorder = Recorder(path, cassette.header, Redactor())
    for event in cassette.events:
        recorder(event)
    recorder.close()
    return journal_path(path).read_bytes()
