"""A cassette that is not as it was sealed is refused, and told what happened to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cassette import read
from harness.errors import CassetteDamaged
from harness.seal import header_line, unsealed

from .references import REFERENCES
from .samples import at, header, reference, refused, resealed


def accepted(data: bytes) -> bool:
    """Whether damaged bytes would be taken for a cassette."""
    try:
        unsealed(data, "broken.jsonl")
    except CassetteDamaged as error:
        return error.code != "K002"
    return True


@pytest.mark.parametrize("name", REFERENCES)
def test_every_truncation_is_noticed(name: str) -> None:
    """A reference cut at any byte is damaged."""
    data = REFERENCES[name].read_bytes()
    assert [size for size in range(len(data)) if accepted(data[:size])] == []
    print(f"{name}: {len(data)} truncations, 0 accepted")


@pytest.mark.parametrize("name", REFERENCES)
def test_every_flipped_bit_is_noticed(name: str) -> None:
    """A reference with any one bit flipped is damaged."""
    data = bytearray(REFERENCES[name].read_bytes())
    taken = []
    for place in range(len(data)):
        for bit in range(8):
            data[place] ^= 1 << bit
            if accepted(bytes(data)):
                taken.append((place, bit))
            data[place] ^= 1 << bit
    assert taken == []
    print(f"{name}: {8 * len(data)} flipped bits, 0 accepted")


@pytest.mark.parametrize("name", REFERENCES)
def test_every_lost_doubled_or_moved_line_is_noticed(name: str) -> None:
    """A reference with any line deleted, doubled in place or at the end, swapped with any other, or another's
    seal in place of its own, is damaged."""
    lines = REFERENCES[name].read_bytes().splitlines(keepends=True)
    seals = [path.read_bytes().splitlines(keepends=True)[-1] for path in REFERENCES.values()]
    changed = [[*lines[:-1], seal] for seal in seals if seal != lines[-1]]
    for first in range(len(lines)):
        changed.append(lines[:first] + lines[first + 1 :])
        changed.append(lines[: first + 1] + lines[first:])
        changed.append([*lines, lines[first]])
        for second in range(first + 1, len(lines)):
            swapped = list(lines)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            if swapped != lines:
                changed.append(swapped)
    assert [number for number, each in enumerate(changed) if accepted(b"".join(each))] == []
    print(f"{name}: {len(changed)} lines lost, doubled, swapped or grafted, 0 accepted")


@pytest.mark.parametrize("name", REFERENCES)
def test_lines_grafted_from_another_cassette_are_noticed(name: str) -> None:
    """A reference with any line in place of which a line of another cassette stands is damaged."""
    lines = REFERENCES[name].read_bytes().splitlines(keepends=True)
    others = [
        line
        for other, path in REFERENCES.items()
        if other != name
        for line in path.read_bytes().splitlines(keepends=True)
    ]
    for place in range(len(lines)):
        for line in others:
            assert not accepted(b"".join([*lines[:place], line, *lines[place + 1 :]]))


def test_any_byte_added_is_noticed() -> None:
    """A cassette with any byte put in anywhere, a newline at its end included, is damaged."""
    data = reference(3)
    for place in range(len(data) + 1):
        for byte in (b"\n", b" ", b"}", b"\0"):
            assert refused(data[:place] + byte + data[place:])


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


FIRST = header_line(header())[:-1]
EVENT = b'{"n":0,"at_us":5,"kind":"push","on":"ws","by":"peer"}'


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (resealed(FIRST, b"{}"), "K005 broken.jsonl:2:1: it is not an event (no 'n')"),
        (resealed(FIRST, b"[]"), "K005 broken.jsonl:2:1: it is not an event (it is not a JSON object)"),
        (
            resealed(FIRST, b"[" * 100_000),
            "K005 broken.jsonl:2:1: it is not an event (JSON is nested too deeply: more than 200 levels)",
        ),
        (
            resealed(FIRST, EVENT[:-1] + b',"x":1}'),
            "K005 broken.jsonl:2:54: it is not an event (unknown event key 'x': expected are n, at_us, "
            "kind, on, as, step, round, index, by, data)",
        ),
        (
            resealed(FIRST, EVENT, EVENT),
            "K005 broken.jsonl:3:2: event 0 at 5 µs stands after event 0 at 5 µs",
        ),
        (
            resealed(FIRST, EVENT, EVENT.replace(b":0", b":1").replace(b":5", b":4")),
            "K005 broken.jsonl:3:8: event 1 at 4 µs stands after event 0 at 5 µs",
        ),
        (resealed(b"[]"), "K005 broken.jsonl:1:1: it is not a header (it is not a JSON object)"),
        (
            resealed(b"{}"),
            "K005 broken.jsonl:1:1: it is not a header (it has no format version: expected is "
            '"harness":1 first)',
        ),
        (resealed(b'{"harness":1}'), "K005 broken.jsonl:1:1: it is not a header (the header has no 'case')"),
        (
            resealed(FIRST.replace(b'"seed"', b'"seeds"')),
            "K005 broken.jsonl:1:174: it is not a header (unknown header key 'seeds')",
        ),
    ],
)
def test_a_sealed_line_that_is_not_ours_is_named(data: bytes, text: str) -> None:
    """A seal over what is no cassette helps nobody: the line and its fault are named (K005)."""
    mend = ": mend it and run harness seal --edited broken.jsonl, or git checkout it"
    assert refused(data) == text + mend


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        (2, "a newer harness wrote it. Update this one, or record it again with this one"),
        (0, "no harness wrote that. git checkout it, or record it again"),
    ],
)
def test_another_version_of_the_format_is_told(version: int, advice: str) -> None:
    """A cassette of a later format is K006 and asks for a newer harness, not for mending."""
    told = refused(resealed(FIRST.replace(b'"harness":1', b'"harness":%d' % version)))
    assert told == f"K006 broken.jsonl:1: its format is version {version}, and this harness reads 1: {advice}"
