"""docs/cassette-format.md, executed: a reader made from the page alone reads all that we write."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from harness.cassette import Recorder, journal_path
from harness.lines import parse
from harness.model import By, Event, Kind
from harness.redact import Redactor
from harness.seal import sealed, unsealed

from . import page
from .references import RELEASED
from .samples import REST, at, header, record, reference

SEALED = sorted([*(page.ROOT / "cassettes").rglob("*.jsonl"), *RELEASED.rglob("*.jsonl")])
EXAMPLE = page.PAGE.read_text(encoding="utf-8").split("```jsonl\n")[1].split("```")[0].encode()


def test_the_pages_example_is_a_sealed_cassette() -> None:
    """The example on the page verifies by the page's own rules and by ours."""
    read = page.sealed(EXAMPLE)
    ours = parse(unsealed(EXAMPLE, "docs"), "docs")
    assert read.header["case"] == ours.header.case == "ESC-1234"
    assert len(read.events) == len(ours.events) == 4


def test_every_sealed_cassette_is_read_by_the_page() -> None:
    """Every cassette here, and every released one, has the page's bytes: order, spaces, empty keys."""
    assert len(SEALED) > 90
    for path in SEALED:
        try:
            page.sealed(path.read_bytes())
        except AssertionError as error:
            pytest.fail(f"{path}: {error}")


def test_what_we_record_is_read_by_the_page(tmp_path: Path) -> None:
    """A recording with every awkward value is the page's, as a journal and as a sealed cassette."""
    path = at(tmp_path)
    recorder = Recorder(path, header(row="taker", build="", inputs={}), Redactor())
    awkward = "".join(map(chr, range(0x20))) + '"\\/\x7f\x85\u2028\ufeffü«·»😀'
    values = [Decimal("0.10"), Decimal("1E+2"), 10**40, -1, 0, True, None, [], {}, ""]
    recorder(Event(0, 0, Kind.STEP, REST, "place", by=By.RUNNER))
    recorder(Event(1, 1500, Kind.SEND, REST, "place", 2, 3, data={"intent": {"raw": awkward}}))
    recorder(Event(7, 1500, Kind.ANSWER, REST, data={"wire": {"values": values, awkward: 1}}))
    kept = page.journal(journal_path(path).read_bytes())
    recorder.seal()
    read = page.sealed(path.read_bytes())
    assert kept.events == read.events
    assert read.events[1]["data"]["intent"]["raw"] == awkward
    assert read.events[2]["data"]["wire"]["values"][:3] == ["0.10", "1E+2", str(10**40)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"n":1,"at_us":1500', b'"at_us":1500,"n":1'),
        (b'"seed":17', b'"seed": 17'),
        ("ü".encode(), b"\\u00fc"),
        (b'"by":"case"', b'"by":"case","data":{}'),
        (b'"build":"2026.11.1"', b'"build":""'),
        (b"\n", b"\r\n"),
    ],
)
def test_the_pages_reader_would_notice(old: bytes, new: bytes) -> None:
    """The page's reader is no rubber stamp: other order, spaces, escapes, empty keys or line ends fail."""
    content = unsealed(reference(3), "reference")
    page.sealed(sealed(content, 3))
    changed = content.replace(old, new)
    assert changed != content
    with pytest.raises((AssertionError, ValueError)):
        page.sealed(sealed(changed, 3))


def test_the_pages_codes_are_those_of_the_errors() -> None:
    """Each code in the page's table of errors is explained in docs/errors.md, under the same word."""
    text = page.PAGE.read_text(encoding="utf-8")
    table = text.split("## When a cassette cannot be used")[1].split("\n## ")[0]
    errors = (page.ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    kind = ""
    seen = []
    for row in re.findall(r"^\| (\w*) *\| (K\d{3}) \|", table, re.MULTILINE):
        kind = row[0] or kind
        assert f"### {row[1]}\n*{kind.capitalize()}.*" in errors, row
        seen.append(row[1])
    assert sorted(seen) == sorted(re.findall(r"^### (K\d{3})$", errors, re.MULTILINE))


def test_a_journal_is_no_cassette_by_the_page(tmp_path: Path) -> None:
    """The page's reader of cassettes refuses a journal, with or without its first line."""
    path = at(tmp_path)
    record(path, 3).close()
    data = journal_path(path).read_bytes()
    for each in (data, data.partition(b"\n")[2]):
        with pytest.raises(AssertionError):
            page.sealed(each)
