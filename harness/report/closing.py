"""The table of a run as every command shows it: one finding of many, the verdicts, the quarantine's slips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from harness.quarantine import shown_quarantine, today
from harness.report.alike import told
from harness.report.terminal import table
from harness.report.words import is_red
from harness.verdict import Verdict

SCREEN: Final = 40
"""So many rows a reader still looks through."""


def closing(records: Sequence[Mapping[str, Any]], quarantine: Path, *, whole: bool = True) -> Iterator[str]:
    """Its lines; `quarantine` is the file with the cases that are in it.

    Where not the `whole` table is wanted and it does not fit on a screen, what is as it should be is counted.
    """
    known, wrong = shown_quarantine(quarantine, today())
    yield from told(records)
    shown = [each for each in records if whole or len(records) <= SCREEN or _is_news(each, known)]
    yield from table(shown, known) if shown else ()
    yield from wrong
    if len(shown) < len(records):
        words = Counter(str(each["word"]) for each in records)
        counts = ", ".join(f"{count} {word}" for word, count in words.most_common())
        yield f"{len(records)} judged: {counts} (with -v, and in --verdicts FILE, all of them one by one)"


def _is_news(record: Mapping[str, Any], quarantine: Mapping[str, Any]) -> bool:
    """Whether somebody has to do something about it."""
    return is_red(record) or record["word"] == Verdict.VERIFIED or record.get("id") in quarantine
