"""What is made of verdicts: `harness merge`, `gate`, `durations` and `report`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from harness.checks.choosing import counted
from harness.errors import HarnessError
from harness.files import write_atomically
from harness.quarantine import read_quarantine, shown_quarantine, today
from harness.report import records
from harness.report.closing import closing
from harness.report.junit import junit
from harness.report.ledger import verdicts
from harness.report.markdown import markdown
from harness.report.merged import merged
from harness.report.terminal import table
from harness.sharding import durations_of, read_durations

OK: Final = 0
NOT_ALL: Final = 3


def merge(options: argparse.Namespace) -> int:
    """Make one verdicts file of many. Raises HarnessError V003 and what reading one raises."""
    parts = [(str(path), verdicts(path)) for path in options.files]
    if len(dict(parts)) < len(parts):
        raise HarnessError("V003", "a file is named twice")
    if options.output in options.files:
        raise HarnessError("V003", f"{options.output} is one of the parts: name another file to write")
    held = merged(dict(parts))
    for line in closing(held["records"], options.quarantine):
        print(line)
    records.write(options.output, held)
    _write_reports(held, options)
    judged = sum(len(part["records"]) for _, part in parts)
    print(f"{options.output}: {len(held['records'])} items of {len(parts)} shards: {judged} judged, ", end="")
    print(f"{len(held['records']) - judged} not run")
    return OK if judged == len(held["records"]) else NOT_ALL


def durations(options: argparse.Namespace) -> int:
    """Write how long each case took, of all that is known. Raises what reading verdicts raises."""
    path: Path = options.output
    held = [verdicts(each) for each in options.files]
    write_atomically(path, durations_of(held, read_durations(path)))
    print(f"{path}: {counted(len(read_durations(path)), 'case')}; commit it")
    return OK


def gate(options: argparse.Namespace) -> int:
    """Decide over verdicts: the exit code. Raises what reading them, or the quarantine, raises."""
    known = read_quarantine(options.quarantine, today())
    judged = records.gate([verdicts(path) for path in options.files], options.allow_inconclusive, known)
    for line in (*map("one finding: {}".format, judged.alike), *table(judged.records, known)):
        print(line)
    print(f"gate: {judged.code} – {judged.why}")
    return judged.code


def report(options: argparse.Namespace) -> int:
    """Write the reports of a run anew, also of one that was killed. Raises what reading them raises."""
    held = verdicts(options.file)
    path: Path = options.file.with_suffix("") if options.file.suffix == ".journal" else options.file
    for line in closing(held["records"], options.quarantine):
        print(line)
    missing = records.never_ran([held])
    print(f"{len(held['records'])} of {len(held['plan']['items'])} judged, {len(missing)} never ran")
    records.write(path, held)
    _write_reports(held, options)
    return OK


def _write_reports(held: Mapping[str, Any], options: argparse.Namespace) -> None:
    if options.junit is not None:
        write_atomically(options.junit, junit(held))
    if options.markdown is not None:
        told = markdown(held, *shown_quarantine(options.quarantine, today()))
        write_atomically(options.markdown, told.encode())
