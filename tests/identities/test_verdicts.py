"""Replacing identities never changes a verdict: every case, every row, both proofs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.case.read import read_case
from harness.case.values import Case, Row
from harness.cassette import cassette_path, read
from harness.finding import Finding
from harness.identities import Identities
from harness.proving import Replay, item_name, replay
from harness.pseudonyms import literals, pseudonymised
from harness.redacted import redacted_run
from harness.seal import NAMES, Cassette
from harness.verdict import proof_of

from .samples import ROOT, written

CASES = [read_case(path) for path in sorted((ROOT / "cases").rglob("ESC-*.yaml"))]


def proofs() -> Iterator[tuple[Case, Row | None, Path]]:
    """Every cassette of every case."""
    for case in CASES:
        for row in case.rows or (None,):
            for name in NAMES:
                path = cassette_path(ROOT / "cassettes", case.id, name, row.name if row else "")
                yield case, row, path


PROOFS = list(proofs())
IDS = [item_name(case.id, row.name if row else "", path.stem) for case, row, path in PROOFS]


def findings(played: Replay) -> list[tuple[str, Finding]]:
    """What each step and check came to, in order."""
    return list(played.run.findings.items())


@pytest.mark.parametrize(("case", "row", "path"), PROOFS, ids=IDS)
def test_a_replay_without_identities_comes_to_the_same(case: Case, row: Row | None, path: Path) -> None:
    """Same judgement, same findings up to the map, same shape of the timeline, nothing left unused."""
    recorded = read(path)
    identities = Identities(literals(case))
    header, events = pseudonymised(recorded.header, recorded.events, identities)
    assert any(name.startswith("identity.") for name in header.redaction)
    assert not identities.find(written(Cassette(header, events)))
    with_names, without = replay(case, recorded, None, row), replay(case, Cassette(header, events), None, row)
    expected = redacted_run(with_names.run, identities)
    assert proof_of(case, path.stem, without.run).word == proof_of(case, path.stem, with_names.run).word
    assert redacted_run(without.run, identities) == expected
    assert without.unused == with_names.unused
    assert [(each.number, each.at_us, each.kind, each.lane, each.by) for each in without.timeline] == [
        (each.number, each.at_us, each.kind, each.lane, each.by) for each in with_names.timeline
    ]
    assert [each.data.keys() for each in without.timeline] == [
        each.data.keys() for each in with_names.timeline
    ]


def test_every_case_is_here() -> None:
    """All cassettes of the project are replayed so, not one more and not one less."""
    assert {path for _, _, path in PROOFS} == set((ROOT / "cassettes").rglob("*.jsonl"))
