"""The end of a long run is one screen: what somebody must act on, and how many there were of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.report import records
from harness.report.closing import SCREEN, closing
from harness.report.markdown import markdown

QUARANTINE = '- case: ESC-7\n  owner: mia\n  until: "2099-12-24"\n  why: settles late\n'


def run(count: int, **words: str) -> list[dict[str, Any]]:
    """So many cases that hold, but for those that are named."""
    made = []
    for at in range(count):
        word = words.get(f"at_{at}", "holds")
        made.append({**records.lost(f"ESC-{at}", "staging", "1", "so"), "word": word, "started_at": "2026"})
    return made


@pytest.mark.parametrize("whole", [True, False])
def test_what_fits_on_a_screen_is_told_one_by_one(tmp_path: Path, whole: bool) -> None:
    """Up to a screen of cases, and wherever all are asked for, each has its row."""
    lines = list(closing(run(SCREEN), tmp_path / "none", whole=whole))
    assert len(lines) == SCREEN + 1
    assert len(list(closing(run(300), tmp_path / "none"))) == 301


def test_a_long_run_tells_what_to_act_on_and_counts_the_rest(tmp_path: Path) -> None:
    """Reds, what is to be promoted and what is in quarantine have rows; the last line has every count."""
    path = tmp_path / "quarantine.yaml"
    path.write_text(QUARANTINE, encoding="utf-8")
    held = run(300, at_3="regressed", at_5="inconclusive", at_9="verified", at_11="still-broken")
    *rows, last = closing(held, path, whole=False)
    assert [row.split()[0] for row in rows] == ["case", "ESC-3", "ESC-5", "ESC-7", "ESC-9"]
    assert last.startswith("300 judged: 296 holds, 1 regressed, 1 inconclusive, 1 verified, 1 still-broken (")


def test_a_long_run_that_is_well_is_one_line(tmp_path: Path) -> None:
    """Where nothing is to be done there is no table."""
    assert len(list(closing(run(300), tmp_path / "none", whole=False))) == 1


def test_a_summary_of_very_many_cases_still_fits(tmp_path: Path) -> None:
    """GitHub drops a summary over 1 MiB: what is red comes first, and what does not fit is counted."""
    held = run(12_000, at_11999="regressed", **{f"at_{at}": "inconclusive" for at in range(2_000)})
    held = [{**each, "why": "every step and check holds, and more is told" * 3} for each in held]
    text = markdown(records.document(held, [*(each["item"] for each in held), *map(str, range(5_000))]))
    assert len(text.encode()) < 1024 * 1024
    rows = [line for line in text.splitlines() if line.startswith("| `ESC-")]
    assert sum("`regressed`" in row or "`inconclusive`" in row for row in rows) == 2_001
    assert f"And {12_000 - len(rows)} more, 0 of them red: the verdicts file has them all." in text
    assert " and 4000 more" in text
