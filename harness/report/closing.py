"""The table of a run as every command shows it: one finding of many, the verdicts, the quarantine's slips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.quarantine import shown_quarantine, today
from harness.report.alike import told
from harness.report.terminal import table


def closing(records: Sequence[Mapping[str, Any]], quarantine: Path) -> Iterator[str]:
    """Its lines; `quarantine` is the file with the cases that are in it."""
    known, wrong = shown_quarantine(quarantine, today())
    yield from told(records)
    yield from table(records, known)
    yield from wrong
