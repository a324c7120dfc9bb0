"""vcrpy's cassettes, and what `harness capture` sealed, in a ticket's folder."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from harness.errors import HarnessError
from harness.evidence.imported import import_vcr
from harness.evidence.keeping import Clean
from harness.evidence.ticket.folder import gather, read_text
from harness.model import Kind

REQUEST = {
    "method": "POST",
    "uri": "https://clob.example.com/order",
    "body": '{"a":0.10}',
    "headers": {"X": ["1"]},
}
RESPONSE = {"status": {"code": 400, "message": "Bad"}, "headers": {}, "body": {"string": '{"error":"no"}'}}
INTERACTION = {"request": REQUEST, "response": RESPONSE}
CASSETTE = yaml.safe_dump({"interactions": [INTERACTION, copy.deepcopy(INTERACTION)], "version": 1})


def test_vcrpy() -> None:
    """A cassette of vcrpy's is its exchanges in order, each at its line, without times."""
    reading, _ = read_text(CASSETTE, "order.yaml")
    assert reading.form == "vcrpy cassette"
    assert [clue.kind for clue in reading.clues] == [Kind.SEND, Kind.ANSWER] * 2
    assert reading.clues[0].data["wire"]["body"] == '{"a":0.10}'
    assert reading.clues[1].data["wire"]["status"] == 400
    assert reading.clues[2].place.line > reading.clues[0].place.line
    assert {clue.stamp for clue in reading.clues} == {None}


def test_what_vcrpy_does_not_know() -> None:
    """A key that its format has not is told, and the exchange is read."""
    changed = yaml.safe_dump({"interactions": [{**INTERACTION, "more": 1}], "version": 1})
    reading, _ = read_text(changed, "order.yaml")
    assert len(reading.clues) == 2
    assert "'more'" in reading.unread[0].what


def test_a_tag_makes_no_object(tmp_path: Path) -> None:
    """A cassette that names a program to run is told of and not obeyed."""
    text = "interactions:\n- request: !!python/object/apply:os.system ['true']\n  response: {}\nversion: 1\n"
    (tmp_path / "evil.yaml").write_text(text)
    (tmp_path / "good.yaml").write_text(CASSETTE)
    found = gather(tmp_path)
    assert any(each.place.path.startswith("evil.yaml") for each in found.unread)
    assert len(list(found.clues)) == 4


def test_captured(tmp_path: Path) -> None:
    """What `harness capture` sealed is evidence of a ticket too."""
    source, sealed = tmp_path / "order.yaml", tmp_path / "ticket" / "order.jsonl"
    source.write_text(CASSETTE)
    sealed.parent.mkdir()
    import_vcr(source, sealed, Clean())
    found = gather(sealed.parent)
    assert [reading.form for reading in found.readings] == ["captured evidence"]
    assert [clue.kind for clue in found.clues] == [Kind.SEND, Kind.ANSWER] * 2


def test_a_recording_of_a_case(tmp_path: Path) -> None:
    """A case's own cassette is no evidence, and a damaged one is told of."""
    text = (Path(__file__).resolve().parents[2] / "cassettes" / "ESC-1008" / "broken.jsonl").read_text()
    for each in (text, text[:-30]):
        with pytest.raises(HarnessError):
            read_text(each, "broken.jsonl")
