"""Flaky cases are named, owned and dated; they stay red in the table, and nothing turns green by itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from e2e.bench import Bench

from harness.errors import CaseError
from harness.quarantine import read_quarantine
from harness.report import records
from harness.report.markdown import markdown

TODAY = date(2026, 11, 28)
ONE = '- case: ESC-1\n  owner: mia\n  until: "2099-12-24"\n  why: settles late under load\n'


def read(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "quarantine.yaml"
    path.write_text(text)
    return read_quarantine(path, TODAY)


def test_a_sound_quarantine_is_read(tmp_path: Path) -> None:
    """Case, owner, end and reason, quoted or not; no file is no quarantine."""
    assert read_quarantine(tmp_path / "none", TODAY) == {}
    for text in (ONE, ONE.replace('"', "")):
        assert str(read(tmp_path, text)["ESC-1"]) == "mia, until 2099-12-24"
    assert read(tmp_path, ONE.replace("2099-12-24", "2026-11-28"))["ESC-1"].until == TODAY


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "2099-12-24",
            "2026-11-27",
            "quarantine.yaml:3:10: U086 the quarantine of ESC-1 ended on 2026-11-27",
        ),
        ("2099-12-24", "2026-02-30", "quarantine.yaml:3:10: U085 '2026-02-30' is no date"),
        ("2099-12-24", "20991224", "quarantine.yaml:3:10: U085 '20991224' is no date"),
        ("ESC-1", "ESC-*", "quarantine.yaml:1:9: U085 'ESC-*' is no case's id"),
        ("  owner: mia\n", "", "quarantine.yaml:1:3: U085 'owner' is missing"),
        ("owner", "owners", "quarantine.yaml:2:3: U085 unknown key 'owners'"),
        ("mia", "[mia]", "quarantine.yaml:2:10: U085 'owner' is no text"),
        ("- case: ESC-1", "- ESC-2\n- case: ESC-1", "quarantine.yaml:1:3: U085 is no mapping"),
        (ONE, ONE + ONE, "quarantine.yaml:5:3: U085 ESC-1 is here twice"),
        (ONE, "case: ESC-1\n", "quarantine.yaml:1:1: U085 is no list"),
    ],
    ids=str,
)
def test_a_slip_is_told_at_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    """An end that passed, a pattern, a missing owner: an error with file, line and column."""
    with pytest.raises(CaseError) as raised:
        read(tmp_path, ONE.replace(old, new))
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("word", "code"),
    [("changed", 0), ("regressed", 0), ("inconclusive", 0), ("invalid", 2), ("unproven", 2), ("holds", 0)],
)
def test_the_gate_counts_no_flaky_verdict_and_says_so(tmp_path: Path, word: str, code: int) -> None:
    """A quarantined red is out of the way but named, never a plain green; a wrong case still blocks."""
    bench = Bench.make(tmp_path)
    made = [{**records.lost("ESC-1", "staging", "1", "so"), "word": word}]
    made += [{**records.lost("ESC-2", "staging", "1", "so"), "word": "holds"}]
    records.write(tmp_path / "v.json", records.document(made, ["ESC-1", "ESC-2"]))
    alone = bench.harness("gate", "v.json")
    (tmp_path / "quarantine.yaml").write_text(ONE)
    told = bench.harness("gate", "v.json")

    assert told.code == code, told.out
    assert "quarantine (mia, until 2099-12-24: settles late under load): so" in told.out
    assert (f"quarantine: ESC-1 {word} (mia, until 2099-12-24)" in told.out) == (alone.code not in (0, code))


def test_another_red_blocks_as_before(tmp_path: Path) -> None:
    """The quarantine of one case hides no other; an expired one fails the gate whatever the verdicts."""
    bench = Bench.make(tmp_path)
    made = [{**records.lost(f"ESC-{at}", "staging", "1", "so"), "word": "changed"} for at in (1, 2)]
    records.write(tmp_path / "v.json", records.document(made, ["ESC-1", "ESC-2"]))
    (tmp_path / "quarantine.yaml").write_text(ONE)
    told = bench.harness("gate", "v.json")
    assert (told.code, "gate: 1 – the product: ESC-2 changed; " in told.out) == (1, True), told.out
    (tmp_path / "quarantine.yaml").write_text(ONE.replace("2099", "2001"))
    told = bench.harness("gate", "v.json")
    assert (told.code, "quarantine.yaml:3:10: U086" in told.out) == (2, True), told.out


def test_what_was_left_behind_is_no_green(tmp_path: Path) -> None:
    """What a run left on the target is never 0, whatever the verdict, the allowance or a quarantine."""
    bench = Bench.make(tmp_path)
    left = ["order 0x1 of alice: open", "FIX session OE (alice): ended without a logout"]
    made = {**records.lost("ESC-1", "staging", "1", "so"), "word": "holds", "placed": left, "left": left}
    for word, code in (("holds", 3), ("inconclusive", 3), ("changed", 1), ("invalid", 2)):
        records.write(tmp_path / "v.json", records.document([{**made, "word": word}], ["ESC-1"]))
        told = bench.harness("gate", "v.json", "--allow-inconclusive", "9")
        assert (told.code, "left on the target: ESC-1" in told.out) == (code, True), told.out
    (tmp_path / "quarantine.yaml").write_text(ONE)
    assert bench.harness("gate", "v.json").code == 2
    records.write(tmp_path / "v.json", records.document([{**made, "word": "changed"}], ["ESC-1"]))
    assert bench.harness("gate", "v.json").code == 3
    bench.harness("report", "v.json", "--markdown", "m.md")
    assert "- left on the target: `ESC-1: order 0x1 of alice: open`" in (tmp_path / "m.md").read_text()


def test_owner_and_end_are_shown_everywhere(tmp_path: Path) -> None:
    """Terminal, report, merge and summary name whose a case in quarantine is and until when; one whose end
    has passed is told there, and ends the gate alone."""
    bench = Bench.make(tmp_path)
    mine = ONE.replace("ESC-1", "ESC-1118").replace("load", "`load` | <b>")
    (tmp_path / "quarantine.yaml").write_text(mine)
    ran = bench.pytest("--shard", "1/1", "--verdicts", "v.json")
    assert ran.code == 0, ran.out
    shown = "quarantine (mia, until 2099-12-24: settles late under `load` | <b>)"
    report = bench.harness("report", "v.json", "--markdown", "m.md")
    merge = bench.harness("merge", "v.json", "-o", "all.json", "--markdown", "all.md")
    for told in (ran, report, merge):
        assert told.out.count(shown) == 2, told.out
    for name in ("m.md", "all.md"):
        line = "- in quarantine: `ESC-1118[broken]` `proven`: ``` mia, until 2099-12-24: settles late "
        assert f"{line}under `load` | <b> ```" in (tmp_path / name).read_text()

    (tmp_path / "quarantine.yaml").write_text(mine.replace("2099", "2001"))
    ended = "quarantine.yaml:3:10: U086 the quarantine of ESC-1118 ended on 2001-12-24: mia mends it or"
    again = bench.pytest("--shard", "1/1", "--verdicts", "v.json")
    report = bench.harness("report", "v.json", "--markdown", "m.md")
    assert (again.code, report.code) == (0, 0)
    for told in (again.out, report.out, (tmp_path / "m.md").read_text()):
        assert ended in told, told
    assert "`harness gate` exits with 2" in (tmp_path / "m.md").read_text()
    gate = bench.harness("gate", "v.json")
    assert (gate.code, ended in gate.out) == (2, True), gate.out


def test_a_red_in_quarantine_does_not_block_in_the_summary(tmp_path: Path) -> None:
    """What the gate does not count is not listed as blocking either, but as what is in quarantine."""
    held = [
        {"item": name, "id": name, "word": "changed", "target": "staging", "build": "1", "why": "late"}
        for name in ("ESC-1", "ESC-2")
    ]

    told = markdown(records.document(held, ["ESC-1", "ESC-2"]), read(tmp_path, ONE))

    assert "- blocks, the product: `ESC-2` `changed`\n" in told
    assert "- in quarantine: `ESC-1` `changed`" in told
