"""An edit that is meant is sealed and noted, and one that broke something is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cassette import read, reseal_edited
from harness.errors import CassetteDamaged, CassetteMissing
from harness.redact import LeakError

from .samples import NOW, at, reference


def test_an_edit_is_sealed_and_noted(tmp_path: Path) -> None:
    """A meant edit is sealed with its time in the header, keeps every other byte of the events,
    and reads again."""
    data = reference(3)
    path = at(tmp_path, data.replace(b'"status":200', b'"status": 500', 1))
    returned = reseal_edited(path, NOW)
    assert read(path, "ESC-1234") == returned
    assert returned.header.edited == (NOW,)
    assert returned.events[0].data["wire"]["status"] == 500
    assert b'"status": 500' in path.read_bytes()
    later = reseal_edited(path, "2026-11-23T00:00:00Z")
    assert later.header.edited == (NOW, "2026-11-23T00:00:00Z")


def test_an_edit_may_have_lost_seal_line_ends_or_lines(tmp_path: Path) -> None:
    """An editor's CR LF, a missing last newline or seal, and deleted events are all sealed as they stand."""
    lines = reference(4).splitlines()
    path = at(tmp_path, b"\r\n".join([lines[0], lines[1], lines[3]]))
    assert [event.number for event in reseal_edited(path, NOW).events] == [0, 2]
    assert b"\r" not in path.read_bytes()
    assert read(path, "ESC-1234").header.edited == (NOW,)


def test_an_edit_that_broke_a_line_is_not_sealed(tmp_path: Path) -> None:
    """A line that no longer parses is named, and the file stays as the editor left it."""
    data = reference(3).replace(b'"kind":"push"', b'"kind":"shove"')
    path = at(tmp_path, data)
    with pytest.raises(CassetteDamaged) as raised:
        reseal_edited(path, NOW)
    assert str(raised.value) == (
        f"K005 {path}:4:21: it is not an event (kind is 'shove': expected is one of send, answer, lost, "
        "open, push, closed, step, end, deadline, horizon): mend it and run harness seal "
        f"--edited {path}, or git checkout it"
    )
    assert path.read_bytes() == data
    with pytest.raises(CassetteMissing):
        reseal_edited(path.with_name("fixed.jsonl"), NOW)


def test_an_edit_that_put_a_secret_in_is_not_sealed(tmp_path: Path) -> None:
    """What looks like a secret after an edit is R001 with its line, and the file stays as it was."""
    data = reference(3).replace(b'"status":200', b'"password":"hunter22"', 1)
    path = at(tmp_path, data)
    with pytest.raises(LeakError) as raised:
        reseal_edited(path, NOW)
    assert str(raised.value) == (
        f"R001 {path}:2: it holds what looks like a secret (field): replace it by «field» and run "
        f"harness seal --edited {path}"
    )
    assert path.read_bytes() == data
