"""Commands over the verdicts of a run: `merge`, `gate`, `durations`, `promote`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from harness.commands.command import Command, Run
from harness.options import DURATIONS, QUARANTINE

_MERGE_EXAMPLES: Final = """examples:
  harness merge verdicts-*.json -o all.json --junit all.xml --markdown all.md && harness gate all.json

exit code: 0 all that was planned has a verdict, 3 something did not run (all.json is written), 2 refused
"""
_GATE_EXAMPLES: Final = """examples:
  harness gate verdicts.json
  harness gate verdicts.json --allow-inconclusive 2

exit code: 0 ship, 1 the product is wrong, 2 a case is wrong, 3 could not tell
"""
_DURATIONS_EXAMPLES: Final = """examples:
  harness durations all.json             then commit durations.json
  pytest --target staging --shard 3/16   the third of sixteen machines
"""
_PROMOTE_EXAMPLES: Final = """examples:
  harness promote ESC-1118 --fixed-in 2026.11.2     once its fixed recording is proven
  harness promote --from verdicts.json              every case that a live run found verified

exit code: 0 promoted, 2 refused: no file was changed
"""


def files_of_verdicts(one: argparse.ArgumentParser) -> None:
    """Declare one file of verdicts or several."""
    one.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="VERDICTS",
        help="what pytest --verdicts wrote, also of a run that was killed",
    )


def reports_of_verdicts(one: argparse.ArgumentParser) -> None:
    """Declare which reports are written beside the verdicts."""
    one.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML")
    one.add_argument("--markdown", type=Path, metavar="FILE", help="write a table for a job's summary")
    quarantine(one)


def quarantine(one: argparse.ArgumentParser) -> None:
    """Declare where the cases stand that are known to be flaky."""
    one.add_argument(
        "--quarantine",
        type=Path,
        default=Path(QUARANTINE),
        metavar="FILE",
        help=f"the cases that are known to be flaky ({QUARANTINE})",
    )


def _declare_merge(one: argparse.ArgumentParser) -> None:
    files_of_verdicts(one)
    one.add_argument("-o", dest="output", type=Path, required=True, metavar="FILE", help="where to")
    reports_of_verdicts(one)


def _merge() -> Run:
    from harness.gathering import merge

    return merge


def _declare_gate(one: argparse.ArgumentParser) -> None:
    files_of_verdicts(one)
    one.add_argument(
        "--allow-inconclusive",
        type=int,
        default=0,
        metavar="N",
        help="ship although at most N cases could not be judged (0)",
    )
    quarantine(one)


def _gate() -> Run:
    from harness.gathering import gate

    return gate


def _declare_durations(one: argparse.ArgumentParser) -> None:
    files_of_verdicts(one)
    one.add_argument(
        "-o",
        dest="output",
        type=Path,
        default=Path(DURATIONS),
        metavar="FILE",
        help=f"where to ({DURATIONS})",
    )


def _durations() -> Run:
    from harness.gathering import durations

    return durations


def _declare_promote(one: argparse.ArgumentParser) -> None:
    one.add_argument("ids", nargs="*", metavar="ID", help="cases, such as ESC-1118")
    one.add_argument("--fixed-in", metavar="BUILD", help="the first build that held")
    one.add_argument(
        "--from",
        dest="verdicts",
        type=Path,
        metavar="VERDICTS",
        help="every case that these have as verified, on their build",
    )


def _promote() -> Run:
    from harness.promoting import run

    return run


COMMANDS: Final = (
    Command(
        "merge",
        "make one verdicts file of those that the machines of one run left",
        _declare_merge,
        _merge,
        _MERGE_EXAMPLES,
    ),
    Command(
        "gate",
        "decide over verdicts whether a build may ship",
        _declare_gate,
        _gate,
        _GATE_EXAMPLES,
    ),
    Command(
        "durations",
        "write durations.json, by which pytest --shard gives every machine as much to do",
        _declare_durations,
        _durations,
        _DURATIONS_EXAMPLES,
    ),
    Command(
        "promote",
        "make an open case whose fix was seen a fixed one, in its file",
        _declare_promote,
        _promote,
        _PROMOTE_EXAMPLES,
    ),
)
