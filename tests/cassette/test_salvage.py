"""What is left of a recording that was cut off: an exact prefix, whatever happened to its journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cassette import Cassette, journal_path, read, reseal_edited, salvage
from harness.errors import CassetteDamaged, CassetteError, CassetteMissing
from harness.kept import kept

from .references import REFERENCES, journal_of
from .samples import NOW, at, events, header, record, reference

SMALL = "fix"


def wrong(data: bytes, whole: list[bytes], least: int = 0) -> bool:
    """Whether what is kept of a journal is no prefix of its lines, or shorter than it need be."""
    found = kept(data)
    return found != whole[: len(found)] or len(found) < least


@pytest.mark.parametrize("name", REFERENCES)
def test_a_journal_cut_anywhere_gives_every_whole_line(tmp_path: Path, name: str) -> None:
    """A journal cut at any byte, with nothing, zeros or an older journal's rest behind the cut, gives exactly
    the lines whose checks were whole."""
    data = journal_of(name, tmp_path)
    whole = kept(data)
    ends = [at + 1 for at in range(len(data)) if data[at : at + 1] == b"\n"][2::2]
    assert len(whole) == len(ends)
    older = journal_of("fix" if name != "fix" else "rest", tmp_path / "older")
    older = older.replace(b'{"journal":{"pid":', b'{"journal":{"pid":1', 1)
    holder_bytes = data.index(b"\n") + 1
    for size in range(holder_bytes, len(data) + 1):
        least = sum(end <= size for end in ends)
        for tail in (b"", b"\0" * 40, older[size:]):
            assert len(kept(data[:size] + tail)) == least
            assert not wrong(data[:size] + tail, whole)
    assert [size for size in range(holder_bytes) if kept(data[:size])] == []
    print(f"{name}: {3 * len(data)} cut journals, 0 wrong salvages")


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=() if each == SMALL else pytest.mark.soak) for each in REFERENCES]
)
def test_a_flipped_bit_in_a_journal_is_never_salvaged(tmp_path: Path, name: str) -> None:
    """A journal with any one bit flipped gives the lines before it, never an event that was not recorded."""
    data = bytearray(journal_of(name, tmp_path))
    whole = kept(bytes(data))
    for place in range(len(data)):
        for bit in range(8):
            data[place] ^= 1 << bit
            assert not wrong(bytes(data), whole)
            data[place] ^= 1 << bit
    print(f"{name}: {8 * len(data)} flipped bits, 0 wrong salvages")


@pytest.mark.parametrize("name", REFERENCES)
def test_lines_of_a_journal_lost_doubled_or_swapped_are_never_salvaged(tmp_path: Path, name: str) -> None:
    """A journal with any line, or line and check, deleted, doubled or swapped gives what stood before it."""
    lines = journal_of(name, tmp_path).splitlines(keepends=True)
    whole = kept(b"".join(lines))
    tried = 0
    for wide in (1, 2):
        for first in range(len(lines) - wide + 1):
            piece = lines[first : first + wide]
            changed = [lines[:first] + lines[first + wide :], lines[: first + wide] + lines[first:]]
            for second in range(first + wide, len(lines) - wide + 1, wide):
                other = lines[second : second + wide]
                between = lines[first + wide : second]
                changed.append([*lines[:first], *other, *between, *piece, *lines[second + wide :]])
            for each in changed:
                assert not wrong(b"".join(each), whole, (first - 1) // 2)
            tried += len(changed)
    print(f"{name}: {tried} journals with lines lost, doubled or swapped, 0 wrong salvages")


def test_a_salvage_is_what_was_recorded(tmp_path: Path) -> None:
    """What a journal holds is read by the cassette's path or its own; none, or none of it whole, is told."""
    path = at(tmp_path)
    with pytest.raises(CassetteMissing) as missing:
        salvage(path)
    assert str(missing.value) == f"K001 {journal_path(path)}: there is no unfinished recording"
    record(path, 4).close()
    assert salvage(path) == salvage(journal_path(path)) == Cassette(header(), events(4))
    journal_path(path).write_bytes(journal_path(path).read_bytes()[:60])
    with pytest.raises(CassetteDamaged) as raised:
        salvage(path)
    told = f"K008 {journal_path(path)}: nothing of this recording was kept whole, not even its header. "
    assert str(raised.value) == f"{told}Record it again"


def test_an_unfinished_recording_is_never_a_cassette(tmp_path: Path) -> None:
    """A journal under a cassette's name is K008, to be read and to be sealed, and stays as it is."""
    path = at(tmp_path)
    record(path, 4).close()
    data = journal_path(path).read_bytes()
    path.write_bytes(data)
    for refuse in (lambda: read(path, "ESC-1234"), lambda: reseal_edited(path, NOW)):
        with pytest.raises(CassetteDamaged) as raised:
            refuse()
        told = f"K008 {path}: it is a recording that never ended, and no cassette: what it shows may be "
        told += "half the truth. Look at it with harness show --cassette, and record again"
        assert str(raised.value) == told
    assert path.read_bytes() == data
    path.write_bytes(data.partition(b"\n")[2])
    with pytest.raises(CassetteError, match="unknown event key 'kept'"):
        reseal_edited(path, NOW)


def test_the_old_cassette_is_read_beside_an_unfinished_recording(tmp_path: Path) -> None:
    """A journal beside a cassette does not disturb it."""
    path = at(tmp_path, reference(2))
    record(path, 4).close()
    assert len(read(path, "ESC-1234").events) == 2
