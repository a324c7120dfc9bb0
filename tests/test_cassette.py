"""A cassette is read as it was sealed or not at all, and recording never costs what was there."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harness import exactjson
from harness.cassette import (
    Cassette,
    Header,
    Recorder,
    cassette_path,
    forget_unfinished,
    journal_path,
    read,
    reseal_edited,
    salvage,
)
from harness.clock import ManualClock
from harness.errors import CassetteDamaged, CassetteError, CassetteForeign, CassetteMissing
from harness.files import FileError
from harness.model import By, Event, Kind, Source
from harness.redact import LeakError, Redactor
from harness.seal import event_line, header_line, parse, sealed, unsealed
from harness.timeline import Timeline

REST = Source("rest", "alice")
USER = Source("ws.user", "alice")
NOW = "2026-11-22T09:30:00Z"


def header(**changed: Any) -> Header:
    known = Header(
        case="ESC-1234",
        name="broken",
        origin="venue",
        target="venue",
        build="2026.11.1",
        recorded_at="2026-11-22T08:06:00Z",
        started_wall_us=1_795_334_760_000_000,
        seed=17,
        inputs={"actors": {"alice": {"address": "0x2791bca1f2de4661ed88a30c99a7a9449aa84174"}}},
    )
    return replace(known, **changed)


def events(count: int) -> tuple[Event, ...]:
    made = []
    for number in range(count):
        wire = {
            "status": 200,
            "body": f'{{"size": "{number}.50", "note": "über"}}',
            "elapsed_ms": Decimal("1.50"),
        }
        kind = (Kind.SEND, Kind.ANSWER, Kind.PUSH)[number % 3]
        source = USER if kind is Kind.PUSH else REST
        by = By.PEER if kind is Kind.PUSH else By.CASE
        made.append(
            Event(number, number * 1500, kind, source, "place", index=number // 3, by=by, data={"wire": wire})
        )
    return tuple(made)


def reference(count: int) -> bytes:
    content = header_line(header()) + b"".join(map(event_line, events(count)))
    return sealed(content, count)


def at(tmp_path: Path, data: bytes | None = None) -> Path:
    path = cassette_path(tmp_path / "cassettes", "ESC-1234", "broken")
    if data is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path


def record(path: Path, count: int, redactor: Redactor | None = None) -> Recorder:
    recorder = Recorder(path, header(), redactor or Redactor())
    for event in events(count):
        recorder(event)
    return recorder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(data: bytes) -> str:
    with pytest.raises(CassetteDamaged) as raised:
        parse(unsealed(data, "broken.jsonl"), "broken.jsonl")
    return str(raised.value)


def test_what_was_recorded_is_what_is_read(tmp_path: Path) -> None:
    """A recording sealed and read gives the same header and events, digit for digit, and leaves no
    journal."""
    path = at(tmp_path)
    returned = record(path, 7).seal()
    cassette = read(path, "ESC-1234")
    assert cassette == returned == Cassette(header(), events(7))
    assert str(cassette.events[0].data["wire"]["elapsed_ms"]) == "1.50"
    assert names(path.parent) == ["broken.jsonl"]


def test_the_format_is_as_documented(tmp_path: Path) -> None:
    """A sealed file is header, one event a line, seal, byte for byte as docs/cassette-format.md shows it."""
    path = at(tmp_path)
    recorder = Recorder(path, header(inputs={}, build="", row="taker"), Redactor())
    recorder(Event(0, 0, Kind.STEP, Source("runner"), "place", by=By.RUNNER))
    recorder(
        Event(
            1, 1500, Kind.SEND, REST, "place", 2, 3, data={"intent": {"path": "/über", "n": Decimal("0.10")}}
        )
    )
    recorder.seal()
    content = (
        '{"harness":1,"case":"ESC-1234","row":"taker","name":"broken","origin":"venue","target":"venue",'
        '"recorded_at":"2026-11-22T08:06:00Z","started_wall_us":1795334760000000,"seed":17,"inputs":{},'
        '"redaction":{}}\n'
        '{"n":0,"at_us":0,"kind":"step","on":"runner","step":"place","by":"runner"}\n'
        '{"n":1,"at_us":1500,"kind":"send","on":"rest","as":"alice","step":"place","round":2,"index":3,'
        '"by":"case","data":{"intent":{"path":"/über","n":0.10}}}\n'
    ).encode()
    digest = hashlib.sha256(content).hexdigest()
    assert path.read_bytes() == content + f'{{"seal":{{"events":2,"digest":"sha256:{digest}"}}}}\n'.encode()


def test_the_documents_example_can_be_read() -> None:
    """The example in docs/cassette-format.md is a sealed cassette."""
    page = Path(__file__).parents[1].joinpath("docs", "cassette-format.md").read_text(encoding="utf-8")
    example = page.split("```jsonl\n")[1].split("```")[0].encode()
    assert parse(unsealed(example, "docs"), "docs").header.case == "ESC-1234"


def test_every_truncation_is_noticed() -> None:
    """A cassette cut at any byte is damaged."""
    data = reference(48)
    for size_bytes in range(len(data)):
        assert refused(data[:size_bytes]).startswith("K002 broken.jsonl: ")


def test_every_flipped_bit_is_noticed() -> None:
    """A cassette with any one bit flipped is damaged."""
    data = bytearray(reference(9))
    accepted = []
    codes = set()
    for place in range(len(data)):
        for bit in range(8):
            data[place] ^= 1 << bit
            try:
                unsealed(bytes(data), "broken.jsonl")
                accepted.append((place, bit))
            except CassetteDamaged as error:
                codes.add(error.code)
            data[place] ^= 1 << bit
    assert accepted == []
    assert codes == {"K002"}


def test_every_lost_doubled_or_swapped_line_is_noticed() -> None:
    """A cassette with any line deleted, doubled or swapped with any other is damaged."""
    lines = reference(24).splitlines(keepends=True)
    for first in range(len(lines)):
        assert refused(b"".join(lines[:first] + lines[first + 1 :]))
        assert refused(b"".join(lines[: first + 1] + lines[first:]))
        for second in range(first + 1, len(lines)):
            swapped = list(lines)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            assert refused(b"".join(swapped))


def test_any_byte_added_is_noticed() -> None:
    """A cassette with any byte put in anywhere, a newline at its end included, is damaged."""
    data = reference(3)
    for place in range(len(data) + 1):
        for byte in (b"\n", b" ", b"}", b"\0"):
            assert refused(data[:place] + byte + data[place:])


def test_a_missing_cassette_says_how_to_record_one(tmp_path: Path) -> None:
    """No file is K001 and says the command that records one, or that an unfinished recording is there."""
    path = at(tmp_path)
    with pytest.raises(CassetteMissing) as raised:
        read(path, "ESC-1234")
    told = f"K001 {path}: there is no such cassette"
    assert str(raised.value) == f"{told}: record it with pytest -k ESC-1234 --target TARGET --record broken"
    with pytest.raises(CassetteMissing) as raised:
        read(path)
    assert str(raised.value) == told
    record(path, 3).close()
    with pytest.raises(CassetteMissing) as raised:
        read(path, "ESC-1234")
    assert str(raised.value) == f"{told}, but an unfinished recording is beside it: record it again"


def test_an_edited_cassette_says_how_to_seal_it(tmp_path: Path) -> None:
    """Changed content is K002 with both digests and the ways out."""
    data = reference(3)
    path = at(tmp_path, data.replace(b'"status":200', b'"status":500', 1))
    with pytest.raises(CassetteDamaged) as raised:
        read(path, "ESC-1234")
    content = path.read_bytes().rpartition(b'{"seal"')[0]
    found, was = hashlib.sha256(content).hexdigest()[:12], data.split(b"sha256:")[1][:12].decode()
    assert str(raised.value) == (
        f"K002 {path}: its content was changed after it was sealed (digest {found}…, sealed as "
        f"{was}…). If the edit "
        f"is meant: harness seal --edited {path}; if not: git checkout it, or record it again"
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda data: b"", "K002 broken.jsonl: it is empty. git checkout it, or record it again"),
        (
            lambda data: data.rpartition(b'{"seal"')[0],
            "K002 broken.jsonl: its 4 whole lines end without a seal. git checkout it, or record it again",
        ),
        (
            lambda data: data[:-1],
            "K002 broken.jsonl: its seal was cut off or changed. git checkout it, or record it again",
        ),
        (
            lambda data: data.replace(b"\n", b"\r\n"),
            "K002 broken.jsonl: its seal was cut off or changed; its line ends are CR LF: git must "
            "not convert it "
            "(*.jsonl -text in .gitattributes). git checkout it, or record it again",
        ),
        (
            lambda data: data.replace(b'\n{"n":1', b'\n<<<<<<< HEAD\n{"n":1'),
            "K002 broken.jsonl:3: it holds a merge conflict. Choose one side with git checkout "
            "--ours or --theirs",
        ),
        (
            lambda data: data.replace(b'"events":3', b'"events":4'),
            "K002 broken.jsonl: its seal counts 4 events, but it holds 3: it was changed. If the "
            "edit is meant: "
            "harness seal --edited broken.jsonl; if not: git checkout it, or record it again",
        ),
    ],
)
def test_damage_is_diagnosed(change: Callable[[bytes], bytes], text: str) -> None:
    """The usual accidents are told apart: empty, cut off, converted by git, a merge conflict, a
    changed seal."""
    assert refused(change(reference(3))) == text


def resealed(*lines: bytes) -> bytes:
    return sealed(b"".join(line + b"\n" for line in lines), len(lines) - 1)


FIRST = header_line(header())[:-1]
EVENT = b'{"n":0,"at_us":5,"kind":"push","on":"ws","by":"peer"}'


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (resealed(FIRST, b"{}"), "K005 broken.jsonl:2: it is not an event (no 'n')"),
        (resealed(FIRST, b"[]"), "K005 broken.jsonl:2: it is not an event (it is not a JSON object)"),
        (
            resealed(FIRST, b"[" * 100_000),
            "K005 broken.jsonl:2: it is not an event (JSON is nested too deeply: more than 200 levels)",
        ),
        (
            resealed(FIRST, EVENT[:-1] + b',"x":1}'),
            "K005 broken.jsonl:2: it is not an event (unknown event key 'x')",
        ),
        (resealed(FIRST, EVENT, EVENT), "K005 broken.jsonl:3: event 0 at 5 µs stands after event 0 at 5 µs"),
        (
            resealed(FIRST, EVENT, EVENT.replace(b":0", b":1").replace(b":5", b":4")),
            "K005 broken.jsonl:3: event 1 at 4 µs stands after event 0 at 5 µs",
        ),
        (resealed(b"[]"), "K005 broken.jsonl:1: it is not a header (it is not a JSON object)"),
        (resealed(b"{}"), "K005 broken.jsonl:1: it is not a header (it has no format version)"),
        (resealed(b'{"harness":1}'), "K005 broken.jsonl:1: it is not a header (the header has no 'case')"),
        (
            resealed(FIRST.replace(b'"seed"', b'"seeds"')),
            "K005 broken.jsonl:1: it is not a header (unknown header key 'seeds')",
        ),
    ],
)
def test_a_sealed_line_that_is_not_ours_is_named(data: bytes, text: str) -> None:
    """A seal over what is no cassette helps nobody: the line and its fault are named (K005)."""
    mend = ": mend the line and run harness seal --edited broken.jsonl, or git checkout it"
    assert refused(data) == text + mend


def test_another_version_of_the_format_is_told() -> None:
    """A cassette of a later format is K006, not damage to be mended."""
    assert refused(resealed(FIRST.replace(b'"harness":1', b'"harness":2'))) == (
        "K006 broken.jsonl:1: its format is version 2, and this harness reads version 1: use the "
        "harness that wrote "
        "it, or record it again"
    )


def test_a_foreign_cassette_is_refused(tmp_path: Path) -> None:
    """Another case's cassette, another row's, or the other name's is K003, each with what it was
    recorded for."""
    path = at(tmp_path)
    record(path, 3).seal()
    copied = "a cassette cannot be copied or renamed; record one"
    with pytest.raises(CassetteForeign) as raised:
        read(path, "ESC-9")
    assert (
        str(raised.value) == f"K003 {path}: it was recorded for ESC-1234, not for ESC-9: {copied} for ESC-9"
    )
    with pytest.raises(
        CassetteForeign, match="it was recorded for ESC-1234, not for ESC-1234 row maker: a cassette"
    ):
        read(path, "ESC-1234", "maker")
    renamed = path.rename(path.with_name("fixed.jsonl"))
    with pytest.raises(CassetteForeign) as raised:
        read(renamed, "ESC-1234")
    assert (
        str(raised.value)
        == f"K003 {renamed}: it was recorded as broken, not as fixed: {copied} with --record fixed"
    )
    assert read(renamed).header.name == "broken"


@pytest.mark.parametrize(
    "changed",
    [
        {"case": ""}, {"target": ""}, {"name": "open"}, {"origin": "guess"}, {"recorded_at": "yesterday"},
        {"recorded_at": "2026-11-22T08:06:00+01:00"}, {"edited": ("now",)}, {"seed": True}, {"seed": 1.5},
        {"started_wall_us": -1}, {"inputs": []}, {"redaction": 3}, {"build": None},
    ],
)  # fmt: skip
def test_a_header_is_checked_when_made(changed: dict[str, Any]) -> None:
    """A header that says nothing, or nothing true, cannot be made."""
    with pytest.raises(ValueError, match=r"."):
        header(**changed)


def test_a_header_survives_its_line() -> None:
    """Every field of a header, the edits included, is read back as it was."""
    full = header(row="taker", redaction={"alice.secret": 3}, edited=(NOW, NOW))
    assert Header.from_json(exactjson.loads(header_line(full))) == full
    with pytest.raises(ValueError, match="edited is a list"):
        Header.from_json(full.as_json() | {"edited": [NOW]})
    with pytest.raises(ValueError, match="event 0 stands after event 0"):
        Cassette(full, events(1) * 2)


@pytest.mark.parametrize(
    ("case_id", "name", "row"),
    [
        ("..", "broken", ""),
        ("", "broken", ""),
        ("a/b", "broken", ""),
        ("a", "open", ""),
        ("a\0", "fixed", ""),
        ("a", "broken", "../b"),
    ],
)
def test_a_cassettes_path_stays_in_its_folder(case_id: str, name: str, row: str) -> None:
    """An id or row that is not one folder's name, or a name other than broken and fixed, has no path."""
    with pytest.raises(ValueError, match="no cassette can be named so"):
        cassette_path(Path("cassettes"), case_id, name, row)
    assert cassette_path(Path("c"), "ESC-1", "fixed", "2") == Path("c/ESC-1/2/fixed.jsonl")


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
    assert salvage(path) == (header(), events(3))
    recorder.discard()


def test_a_second_recording_of_a_case_is_refused(tmp_path: Path) -> None:
    """While one recording runs, another of the same cassette is F005, and the first one is not disturbed."""
    recorder = record(at(tmp_path), 2)
    with pytest.raises(FileError) as raised:
        record(at(tmp_path), 2)
    assert raised.value.code == "F005"
    recorder.seal()
    assert len(read(at(tmp_path)).events) == 2


RECORD = """
    import sys
    from pathlib import Path
    from harness.clock import RunClock
    from harness.cassette import Recorder
    from harness.model import Kind, Source
    from harness.redact import Redactor
    from harness.timeline import Timeline
    sys.path.insert(0, sys.argv[2])
    from test_cassette import header
    timeline = Timeline(RunClock(), Recorder(Path(sys.argv[1]), header(), Redactor()))
    while True:
        event = timeline.append(Kind.PUSH, Source("ws"), data={"wire": {"text": "x" * 300}})
        print(event.number, flush=True)
"""


def child(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments, str(Path(__file__).parent)]
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
    from test_cassette import record
    from test_files import CountedOs
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
        f"K005 {path}:4: it is not an event ('shove' is not a valid Kind): mend the line and run "
        f"harness seal "
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


def test_a_thousand_events_are_read_in_milliseconds(tmp_path: Path) -> None:
    """Reading and verifying a thousand events takes well under 20 ms where nothing else runs."""
    path = at(tmp_path, reference(1000))
    tries_s = []
    for _ in range(5):
        started_s = time.process_time()
        assert len(read(path, "ESC-1234").events) == 1000
        tries_s.append(time.process_time() - started_s)
    assert min(tries_s) < 0.1
