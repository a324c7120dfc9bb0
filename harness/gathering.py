"""`harness merge` and `harness durations`: what many machines' runs leave, made one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from harness.errors import HarnessError
from harness.files import write_atomically
from harness.quarantine import NAME, shown_quarantine, today
from harness.report import records
from harness.report.closing import closing
from harness.report.junit import junit
from harness.report.ledger import verdicts
from harness.report.markdown import markdown
from harness.report.merged import merged
from harness.sharding import DURATIONS, durations_of, read_durations

OK: Final = 0
NOT_ALL: Final = 3
_MERGE: Final = """examples:
  harness merge verdicts-*.json -o all.json --junit all.xml --markdown all.md && harness gate all.json
exit code: 0 all that was planned has a verdict, 3 something did not run (all.json is written), 2 refused
"""


def add_to(commands: Any) -> None:
    """Add the parsers of `merge` and `durations`."""
    about = "make one verdicts file of those that the machines of one run left"
    one = commands.add_parser(
        "merge",
        help=about,
        description=about,
        epilog=_MERGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one.add_argument("files", nargs="+", type=Path, metavar="VERDICTS")
    one.add_argument("-o", dest="output", type=Path, required=True, metavar="FILE")
    one.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML")
    one.add_argument("--markdown", type=Path, metavar="FILE", help="a table for a job's summary")
    one.add_argument("--quarantine", type=Path, default=Path(NAME), metavar="FILE", help=f"({NAME})")
    one.set_defaults(command=_merge)
    about = "write durations.json, by which pytest --shard gives every machine as much to do"
    one = commands.add_parser("durations", help=about, description=about)
    one.add_argument("files", nargs="+", type=Path, metavar="VERDICTS")
    one.add_argument("-o", dest="output", type=Path, default=Path(DURATIONS), metavar="FILE")
    one.set_defaults(command=_durations)


def _merge(options: argparse.Namespace) -> int:
    parts = [(str(path), verdicts(path)) for path in options.files]
    if len(dict(parts)) < len(parts):
        raise HarnessError("V003", "a file is named twice")
    if options.output in options.files:
        raise HarnessError("V003", f"{options.output} is one of the parts: name another file to write")
    held = merged(dict(parts))
    for line in closing(held["records"], options.quarantine):
        print(line)
    records.write(options.output, held)
    if options.junit is not None:
        write_atomically(options.junit, junit(held))
    if options.markdown is not None:
        told = markdown(held, *shown_quarantine(options.quarantine, today()))
        write_atomically(options.markdown, told.encode())
    judged = sum(len(part["records"]) for _, part in parts)
    print(f"{options.output}: {len(held['records'])} of {len(parts)} parts, {judged} judged, ", end="")
    print(f"{len(held['records']) - judged} not run")
    return OK if judged == len(held["records"]) else NOT_ALL


def _durations(options: argparse.Namespace) -> int:
    path: Path = options.output
    held = [verdicts(each) for each in options.files]
    write_atomically(path, durations_of(held, read_durations(path)))
    print(f"{path}: {len(read_durations(path))} cases; commit it")
    return OK
