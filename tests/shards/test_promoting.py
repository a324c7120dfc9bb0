"""A case whose fix was seen is promoted in its file: two lines change, and only with proofs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from e2e.bench import Bench

from harness.report import records

STATUS = 'status: fixed\nfixed_in: "2026.11.2"\n'


@pytest.fixture
def still_open(tmp_path: Path) -> Bench:
    """ESC-1118 as it was before its fix: open, both recordings there."""
    bench = Bench.make(tmp_path)
    bench.edit_case(STATUS, "status: open   # since the settlement\n")
    return bench


def verified(bench: Bench, *builds: str) -> None:
    """Verdicts of live runs that found the case verified."""
    items = ["ESC-1118", "ESC-1118[again]"][: len(builds)]
    made = [
        {**records.lost(item, "venue", build, ""), "word": "verified"}
        for item, build in zip(items, builds, strict=True)
    ]
    records.write(bench.root / "v.json", records.document(made, items))


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("way", ["named", "verdicts"])
def test_two_lines_change_and_no_other_byte(still_open: Bench, way: str, ends: str) -> None:
    """By name or by verdicts: the status's word and a line below it; comments and line ends stay."""
    before = still_open.case.read_bytes().replace(b"\n", ends.encode())
    still_open.case.write_bytes(before)
    verified(still_open, "2026.11.2")
    said = ("ESC-1118", "--fixed-in", "2026.11.2") if way == "named" else ("--from", "v.json")
    told = still_open.harness("promote", *said)

    assert told.code == 0, told.out
    new = f'status: fixed   # since the settlement{ends}fixed_in: "2026.11.2"{ends}'.encode()
    old = f"status: open   # since the settlement{ends}".encode()
    assert still_open.case.read_bytes() == before.replace(old, new)
    assert still_open.pytest().outcomes() == {"passed": 2}


def test_without_its_recording_nothing_is_changed(still_open: Bench) -> None:
    """Where fixed is not proven, the file stays and the answer says how to record it."""
    still_open.cassette("fixed").unlink()
    before = still_open.case.read_bytes()
    told = still_open.harness("promote", "ESC-1118", "--fixed-in", "2026.11.2")

    assert (told.code, still_open.case.read_bytes()) == (2, before)
    assert "U083" in told.out
    assert "pytest -k ESC-1118 --target TARGET --build 2026.11.2 --record fixed" in told.out


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("ESC-1118",), "say harness promote"),
        ((), "say harness promote"),
        (("ESC-1118", "--fixed-in", 'x"\n'), "names no build"),
        (("ESC-1118", "--fixed-in", "1", "--from", "v.json"), "name neither|say harness"),
        (("ESC-9", "--fixed-in", "1"), "U023"),
    ],
    ids=str,
)
def test_what_nobody_could_mean_is_refused(still_open: Bench, said: tuple[str, ...], why: str) -> None:
    """Half an instruction, a build that is none, a case that is not there: refused, nothing changed."""
    verified(still_open, "2026.11.2")
    before = still_open.case.read_bytes()
    told = still_open.harness("promote", *said)

    assert (told.code, still_open.case.read_bytes()) == (2, before)
    assert any(each in told.out for each in why.split("|")), told.out


def test_a_fixed_case_keeps_its_build(tmp_path: Path) -> None:
    """A case that is fixed already is left as it is."""
    bench = Bench.make(tmp_path)
    told = bench.harness("promote", "ESC-1118", "--fixed-in", "2027.1")
    assert (told.code, "is fixed already, in 2026.11.2" in told.out) == (2, True)


def test_all_or_none(still_open: Bench) -> None:
    """Two builds for one case, or a second case without proof: no file is changed."""
    before = still_open.case.read_bytes()
    verified(still_open, "2026.11.2", "2026.11.3")
    assert still_open.harness("promote", "--from", "v.json").code == 2
    still_open.add("ESC-1093")
    told = still_open.harness("promote", "ESC-1118", "ESC-1093", "--fixed-in", "2026.11.2")
    assert (told.code, still_open.case.read_bytes()) == (2, before), told.out


def test_verdicts_without_a_verified_case(still_open: Bench) -> None:
    """Nothing verified is nothing to promote, and said."""
    (still_open.root / "v.json").write_text(json.dumps(records.document([], [])))
    told = still_open.harness("promote", "--from", "v.json")
    assert (told.code, "no case that is verified" in told.out) == (2, True)
