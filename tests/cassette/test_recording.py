"""Recording never costs what was there, and seals no secret."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from harness.cassette import Cassette, Recorder, journal_path, read, salvage
from harness.clock import ManualClock
from harness.files import FileError
from harness.model import Event, Kind
from harness.redact import LeakError, Redactor
from harness.timeline import Timeline

from .samples import REST, USER, at, events, header, names, record, reference


def test_secrets_are_redacted_before_the_journal_and_counted(tmp_path: Path) -> None:
    """Neither journal nor cassette ever holds a registered secret, and the header counts its placeholders."""
    path = at(tmp_path)
    redactor = Redactor()
    redactor.register("alice.secret", "q3Ffx7Tz9kWmN2bV")
    timeline_clock = ManualClock()
    recorder = Recorder(path, header(inputs={"actors": {"alice": {"secret": "q3Ffx7Tz9kWmN2bV"}}}), redactor)
    timeline = Timeline(timeline_clock, recorder)
    timeline.append(
        Kind.SEND, REST, data={"wire": {"headers": {"X-A": "q3Ffx7Tz9kWmN2bV"}, "body": "?q3Ffx7Tz9kWmN2bV"}}
    )
    assert b"q3Ffx7Tz9kWmN2bV" not in journal_path(path).read_bytes()
    assert journal_path(path).stat().st_mode & 0o777 == 0o600
    cassette = recorder.seal(inputs={"hint": "q3Ffx7Tz9kWmN2bV"}, build="2026.11.9")
    assert b"q3Ffx7Tz9kWmN2bV" not in path.read_bytes()
    assert cassette.header.redaction == {"alice.secret": 2, "dropped": 1}
    assert cassette.header.inputs == {"hint": "«alice.secret··»"}
    assert cassette.header.build == "2026.11.9"
    assert cassette.events[0].data["wire"]["body"] == "?«alice.secret··»"


@pytest.mark.parametrize("old", [None, reference(2)])
def test_a_secret_registered_too_late_destroys_the_recording(tmp_path: Path, old: bytes | None) -> None:
    """A secret found at sealing is R001 with label and line but not itself; the journal is gone,
    the old file stays."""
    path = at(tmp_path, old)
    redactor = Redactor()
    recorder = record(path, 2, redactor)
    for number in (2, 3):
        recorder(Event(number, 9999, Kind.PUSH, USER, data={"wire": {"text": "cTNGZng3VHo5a1dtTjJiVg=="}}))
    redactor.register("bob.secret", "q3Ffx7Tz9kWmN2bV")
    with pytest.raises(LeakError) as raised:
        recorder.seal()
    assert str(raised.value) == (
        f"R001 {path} was not sealed and its recording was destroyed: event line 4 holds bob.secret "
        f"(base64) and 1 "
        "more. Register it before the first message that holds it, and record again"
    )
    assert names(path.parent) == ([] if old is None else ["broken.jsonl"])
    assert old is None or path.read_bytes() == old


def test_a_secret_in_a_steps_name_is_found_at_sealing(tmp_path: Path) -> None:
    """What is not redacted (a step's name, a header's field) is scanned all the same."""
    redactor = Redactor()
    redactor.register("bob.secret", "2026.11.1")
    with pytest.raises(LeakError, match=r"the header holds bob\.secret \(raw\)\. Register"):
        record(at(tmp_path), 1, redactor).seal()


def test_a_discarded_recording_leaves_the_old_cassette(tmp_path: Path) -> None:
    """Discarding, at any time, leaves the old file as it was and no journal; sealing after the end
    is refused."""
    path = at(tmp_path, reference(5))
    recorder = record(path, 3)
    recorder.discard()
    recorder.discard()
    assert path.read_bytes() == reference(5)
    assert names(path.parent) == ["broken.jsonl"]
    with pytest.raises(ValueError, match="has ended"):
        recorder.seal()
    with pytest.raises(ValueError, match="cannot hold a cassette named 'fixed'"):
        Recorder(path, header(name="fixed"), Redactor())


def test_a_full_disk_reaches_who_appended_and_costs_nothing_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk refuses an event or the seal, the error is loud and old cassette and journal stay."""
    path = at(tmp_path, reference(5))
    recorder = record(path, 3)

    def full(*arguments: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(FileError, match="the disk is full"):
            recorder.seal()
    assert path.read_bytes() == reference(5)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(FileError, match="the disk is full"):
            recorder(events(4)[3])
    with pytest.raises(FileError, match="the disk is full"):
        recorder.seal()
    assert salvage(path) == Cassette(header(), events(3))
    recorder.discard()


def test_a_second_recording_of_a_case_is_refused(tmp_path: Path) -> None:
    """While one recording runs, another of the same cassette is F005, and the first one is not disturbed."""
    recorder = record(at(tmp_path), 2)
    with pytest.raises(FileError) as raised:
        record(at(tmp_path), 2)
    assert raised.value.code == "F005"
    recorder.seal()
    assert len(read(at(tmp_path)).events) == 2
