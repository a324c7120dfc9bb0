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


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"kind":"push",', b'"kind":"push" ', "4:35: it is not an event (Expecting ',' delimiter)"),
        (b'"by":"peer"', b'"by":"peer","by":"case"', "4:90: 'by' stands there twice"),
        (b'"status":200', b'"status":200,"status":500', "2:113: 'status' stands there twice"),
        (
            b'"at_us":3000',
            b'"at_us":"3000"',
            "4:8: it is not an event (at_us is '3000': expected is an integer",
        ),
        (b'"at_us":3000', b'"at_us":1', "4:8: event 2 at 1 \xc2\xb5s stands after event 1 at 1500"),
        (b'"on":"ws.user",', b"", "4:1: it is not an event (no 'on')"),
        (
            b'"step":"place","by":"peer"',
            b'"stepp":"x","by":"peer"',
            "it is not an event (unknown event key 'stepp'",
        ),
        (b'\n{"n":1', b'\n\n{"n":1', "3:1: it is not an event (the line is empty: delete it)"),
        (b'"seed":17', b'"seed":"17"', "1:1: it is not a header (started_wall_us and seed are integers"),
        (b'"origin":"venue"', b'"origin":"vanue"', "1:1: it is not a header (a cassette's origin is one of"),
    ],
)
def test_an_edit_that_slipped_is_told_where_and_what_was_expected(
    tmp_path: Path, old: bytes, new: bytes, told: bytes | str
) -> None:
    """Line, column, what was found and what was expected; the file stays as the editor left it."""
    data = reference(3).replace(old, new)
    assert data != reference(3)
    path = at(tmp_path, data)
    with pytest.raises(CassetteDamaged) as raised:
        reseal_edited(path, NOW)
    assert str(told).replace("\xc2", "") in str(raised.value)
    assert raised.value.code == "K005"
    assert path.read_bytes() == data


def test_a_byte_order_mark_and_blank_ends_are_an_editors(tmp_path: Path) -> None:
    """What editors add before and after is taken away; an empty file is told as one."""
    path = at(tmp_path, b"\xef\xbb\xbf" + reference(3) + b"\n\n")
    assert len(reseal_edited(path, NOW).events) == 3
    assert path.read_bytes().startswith(b'{"harness":1')
    path.write_bytes(b"\n")
    with pytest.raises(CassetteDamaged, match=r"K002 .*it is empty"):
        reseal_edited(path, NOW)


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
