"""A cassette is read as it was recorded, by the case and under the name it was recorded for."""

from __future__ import annotations

import hashlib
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harness import exactjson
from harness.cassette import Cassette, Header, Recorder, cassette_path, journal_path, read
from harness.errors import CassetteDamaged, CassetteForeign, CassetteMissing
from harness.lines import READERS, parse
from harness.model import By, Event, Kind, Source
from harness.redact import Redactor
from harness.seal import event_line, header_line, unsealed

from .samples import NOW, REST, at, events, header, names, record, reference


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
    page = Path(__file__).parents[2].joinpath("docs", "cassette-format.md").read_text(encoding="utf-8")
    example = page.split("```jsonl\n")[1].split("```")[0].encode()
    assert parse(unsealed(example, "docs"), "docs").header.case == "ESC-1234"


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
    assert str(raised.value) == (
        f"{told}, but an unfinished recording is beside it (harness show --cassette {journal_path(path)}): "
        "record it again"
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
    assert cassette_path(Path("c"), "XYZ-1", "broken", "Qwerty") == Path("c/XYZ-1/Qwerty/broken.jsonl")


def test_a_sealed_cassette_may_be_read_by_others(tmp_path: Path) -> None:
    """It is committed; its mode is that of any new file here."""
    path = at(tmp_path)
    record(path, 2).seal()
    beside = tmp_path / "beside"
    beside.write_text("", encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(beside.stat().st_mode)


def test_evidence_has_a_name_of_its_own() -> None:
    """A recording of evidence is called so; nothing else is."""
    assert header(name="evidence", origin="evidence").name == "evidence"
    with pytest.raises(ValueError, match="a cassette is named broken or fixed, not 'evidence'"):
        header(name="evidence")


def test_a_slip_in_a_line_is_shown_where_it_is() -> None:
    """The line and the column of an edit by hand that is no JSON, and what is wrong there."""
    first = header_line(header())
    with pytest.raises(CassetteDamaged) as caught:
        parse(first + b'{"n":0,"at_us":0,,"kind":"step"}\n', "c.jsonl")
    assert str(caught.value).startswith("K005 c.jsonl:2:18: ")
    assert "(Expecting property name enclosed in double quotes)" in str(caught.value)


def test_a_thousand_events_are_read_whole(tmp_path: Path) -> None:
    """A long recording is verified and read to its last event."""
    path = at(tmp_path, reference(1000))
    assert [event.number for event in read(path, "ESC-1234").events] == list(range(1000))


ODD = [None, True, -1, 0, 1.5, 10**25, "", "send", "nobody", [], {}, {"a": [1, None]}]


@pytest.mark.parametrize(
    "key", ["n", "at_us", "kind", "on", "as", "step", "round", "index", "by", "data", "x"]
)
def test_the_quick_reader_of_a_line_reads_what_the_exact_one_reads(key: str) -> None:
    """Whatever a line holds under a key, or lacks: the quick reader gives the exact one's event, or none."""
    reader, sources = READERS[1], dict[tuple[str, str], Source]()
    for event in events(12):
        line = event_line(event)
        assert reader.quick(line, sources) == event
        held = exactjson.loads(line)
        without = {name: value for name, value in held.items() if name != key}
        for changed in (without, *({**without, key: odd} for odd in ODD)):
            text = exactjson.dumps(changed).encode()
            try:
                exact = reader.event(exactjson.loads(text))
            except ValueError:
                exact = None
            assert reader.quick(text, sources) == exact


@pytest.mark.parametrize("line", [b"", b"{", b"null", b"[]", b"\xff", b'{"n":' + b"[" * 1_000])
def test_the_quick_reader_leaves_what_is_no_event_to_the_exact_one(line: bytes) -> None:
    """What is no JSON object, or is nested without end, is told by the reader that has the words."""
    assert READERS[1].quick(line, {}) is None
