"""Rows of `examples`: an item and a proof each, columns as references, cassettes in a folder of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harness.case.values import Case, Row
from harness.cassette import cassette_path
from harness.guard import Kind
from harness.index import Listed
from harness.proving import prove
from harness.seal import Header, event_line, header_line, sealed
from harness.session import Session
from harness.site import Site
from harness.targets import Target
from harness.verdict import Proof

from .stage import Peers, live
from .story import FACTS
from .story import case as parsed

TABLE = """examples:
  dime: {price: 0.1, text: "0.1"}
  dollar: {price: 1, text: "1.00"}
"""
BODY = """steps:
  - {id: buy, rest: POST /order, json: {price: "${price}"}, expect: {status: 200, body: {price: "${text}"}}}

symptom: {step: buy, shows: {body: {price: "${price}"}}}
"""
CASE = parsed(TABLE + BODY)
DIME, DOLLAR = CASE.rows


def recorded(
    row: Row, answer: Any, name: str, root: Path, changed: Mapping[str, Any] | None = None, case: Case = CASE
) -> None:
    """Seal what a run of a row comes to, where it belongs."""
    peers = Peers().answers("/order", {"price": answer})
    _, events = live(case, peers, values=row.values)
    header = Header(
        case=case.id,
        name=name,
        origin="venue",
        target="venue",
        recorded_at="2026-11-22T08:06:00Z",
        started_wall_us=FACTS.started_wall_us,
        seed=FACTS.seed,
        inputs=FACTS.as_inputs(),
        row=row.name,
    )
    path = cassette_path(root, case.id, name, row.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = header_line(replace(header, **(changed or {}))) + b"".join(map(event_line, events))
    path.write_bytes(sealed(content, len(events)))


def test_a_row_gives_its_columns_to_references() -> None:
    """Each row is a run of its own, with the types of its cells."""
    for row, price, text in ((DIME, "0.1", "0.1"), (DOLLAR, "1", "1.00")):
        peers = Peers().answers("/order", {"price": text})
        came, _ = live(CASE, peers, values=row.values)
        assert came.failed == ()
        assert str(peers.sent[0][1]["json"]["price"]) == price


def test_items_are_named_by_row_and_proof() -> None:
    """`ESC-1[dime-broken]`; live `ESC-1[dime]`; without a table as ever."""
    replayed = Session(Path(), None, None)
    target = Session(Path(), Site(Target("venue", Kind.VENUE), "1", ()), None)
    plain = parsed("steps:\n  - {id: buy, rest: GET /x, expect: {status: 200}}\n")
    rows, alone = Listed.of(CASE), Listed.of(plain)
    assert [name for name, _ in replayed.items(rows)] == ["ESC-1[dime-broken]", "ESC-1[dollar-broken]"]
    assert [which.row for _, which in replayed.items(rows)] == ["dime", "dollar"]
    assert [name for name, _ in target.items(rows)] == ["ESC-1[dime]", "ESC-1[dollar]"]
    assert [name for name, _ in (*replayed.items(alone), *target.items(alone))] == ["ESC-1[broken]", "ESC-1"]


def test_a_row_is_proven_by_its_own_cassette(tmp_path: Path) -> None:
    """`cassettes/<id>/<row>/broken.jsonl`, a symptom with its values; without one it is unproven."""
    recorded(DIME, Decimal("0.1"), "broken", tmp_path)
    assert (tmp_path / "ESC-1" / "dime" / "broken.jsonl").is_file()
    dime, dollar = (prove(CASE, "broken", tmp_path, row=row) for row in (DIME, DOLLAR))
    assert (dime.item, dime.row, dime.judgement.word) == ("ESC-1[dime-broken]", "dime", Proof.PROVEN)
    assert (dollar.item, dollar.judgement.word) == ("ESC-1[dollar-broken]", Proof.UNPROVEN)
    assert dollar.judgement.why.startswith("never seen red: K001 ")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"row": "dollar"}, "it was recorded for ESC-1 row dollar, not for ESC-1 row dime"),
        ({"row": ""}, "it was recorded for ESC-1, not for ESC-1 row dime"),
        ({"case": "ESC-2"}, "it was recorded for ESC-2 row dime, not for ESC-1 row dime"),
    ],
)
def test_a_foreign_row_is_no_proof(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    """A cassette of another row is foreign (K003), like one of another case."""
    recorded(DIME, Decimal("0.1"), "broken", tmp_path, changed)
    outcome = prove(CASE, "broken", tmp_path, row=DIME)
    assert outcome.error is not None
    assert (outcome.judgement.word, outcome.error.code) == (Proof.INVALID, "K003")
    assert told in outcome.judgement.why


def test_a_column_that_was_changed_makes_its_row_stale_and_no_other(tmp_path: Path) -> None:
    """A row's cells are sent, so that a cassette holds for the row that it was recorded with."""
    for row, text in ((DIME, "0.1"), (DOLLAR, "1.00")):
        recorded(row, text, "fixed", tmp_path)
    edited = parsed((TABLE + BODY).replace("price: 1,", "price: 2,"))
    dime, dollar = (prove(edited, "fixed", tmp_path, row=row) for row in edited.rows)
    assert (dime.judgement.word, dollar.judgement.word) == (Proof.PROVEN, Proof.INVALID)
    assert "$.json.price: recorded 1, the case sends 2" in dollar.judgement.why
