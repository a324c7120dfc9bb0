"""Cassettes of every released version of the format are read, replayed and written again, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.case.read import read_case
from harness.cassette import read
from harness.lines import READERS
from harness.proving import prove
from harness.seal import FORMAT, ORIGINS, event_line, header_line, sealed

from .references import REFERENCES, RELEASED

CASSETTES = sorted(RELEASED.rglob("*.jsonl"))


def test_every_version_has_its_cassettes() -> None:
    """Every version that is read is kept here, over every kind of channel and from every origin."""
    assert sorted(path.name for path in RELEASED.iterdir()) == sorted(map(str, READERS))
    assert FORMAT in READERS
    for version in RELEASED.iterdir():
        assert {path.name for path in version.iterdir() if path.is_dir()} == set(ORIGINS)
    assert set(REFERENCES.values()) <= set(CASSETTES)


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: str(path.relative_to(RELEASED)))
def test_an_old_cassette_proves_its_case(path: Path) -> None:
    """It is read, its origin is told, and its replay comes to what it came to when it was recorded."""
    case_id, origin = path.parent.name, path.parents[1].name
    case = read_case(next(path.parents[2].glob(f"{case_id}-*.yaml")))
    outcome = prove(case, path.stem, path.parents[1])
    assert (str(outcome.judgement.word), outcome.origins) == ("proven", {path.stem: origin}), (
        outcome.judgement
    )


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: str(path.relative_to(RELEASED)))
def test_an_old_cassette_is_written_again_byte_for_byte(path: Path) -> None:
    """What was read from a cassette of today's version, written again, gives the same bytes."""
    if path.relative_to(RELEASED).parts[0] != str(FORMAT):
        pytest.skip("an older version is read, and written as the one of today")
    cassette = read(path, path.parent.name)
    content = header_line(cassette.header) + b"".join(map(event_line, cassette.events))
    assert sealed(content, len(cassette.events)) == path.read_bytes()
