"""`harness durations`: what many machines' runs leave, made one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from harness.files import write_atomically
from harness.report.ledger import verdicts
from harness.sharding import DURATIONS, durations_of, read_durations

OK: Final = 0


def add_to(commands: Any) -> None:
    """Add the parser of `durations`."""
    about = "write durations.json, by which pytest --shard gives every machine as much to do"
    one = commands.add_parser("durations", help=about, description=about)
    one.add_argument("files", nargs="+", type=Path, metavar="VERDICTS")
    one.add_argument("-o", dest="output", type=Path, default=Path(DURATIONS), metavar="FILE")
    one.set_defaults(command=_durations)


def _durations(options: argparse.Namespace) -> int:
    path: Path = options.output
    held = [verdicts(each) for each in options.files]
    write_atomically(path, durations_of(held, read_durations(path)))
    print(f"{path}: {len(read_durations(path))} cases; commit it")
    return OK
