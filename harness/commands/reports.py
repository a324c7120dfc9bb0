"""Commands that tell others: `report`, `note`, `history`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from harness.commands.command import Command, Run
from harness.commands.ship import reports_of_verdicts

_REPORT_EXAMPLES: Final = """examples:
  harness report verdicts.json --junit out.xml --markdown out.md
  harness report verdicts.json.journal                             what a run that was killed had judged
"""
_NOTE_EXAMPLES: Final = """examples:
  harness note ESC-1118             a paragraph for the ticket, and a bug report in Markdown
  harness note ESC-1118 > ESC-1118.md
"""
_HISTORY_USAGE: Final = """harness history [--db FILE] add VERDICTS ...
       harness history [--db FILE] (ID | --flaky | --patterns)"""
_HISTORY_EXAMPLES: Final = """examples:
  harness history add verdicts.json --db history.sqlite    as often as you like: nothing counts twice
  harness history ESC-1118                                 since which build, how often, how flaky
  harness history --flaky                                  what was red and green on one build
  harness history --patterns                               by component and class of bug
  sqlite3 history.sqlite 'SELECT * FROM patterns'          the tables: docs/machines.md

exit code: 0 told or added, 1 no live run of the case is in it, 2 refused
"""


def _declare_report(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "file", type=Path, metavar="VERDICTS", help="what pytest --verdicts wrote, or its journal"
    )
    reports_of_verdicts(one)


def _report() -> Run:
    from harness.gathering import report

    return report


def _declare_note(one: argparse.ArgumentParser) -> None:
    one.add_argument("ids", nargs=1, metavar="ID", help="the case's id: ESC-1118")


def _note() -> Run:
    from harness.desk import write_note

    return write_note


def _declare_history(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "what",
        nargs="*",
        metavar="add VERDICTS... | ID",
        help="add the verdicts of runs, or ask about a case",
    )
    one.add_argument(
        "--db",
        type=Path,
        default=Path("history.sqlite"),
        metavar="FILE",
        help="the ledger (history.sqlite)",
    )
    one.add_argument("--flaky", action="store_true", help="what was red and green on one build")
    one.add_argument("--patterns", action="store_true", help="red runs by component and class of bug")


def _history() -> Run:
    from harness.remembering import run

    return run


COMMANDS: Final = (
    Command(
        "report",
        "write the reports of a run anew, also of one that was killed",
        _declare_report,
        _report,
        _REPORT_EXAMPLES,
    ),
    Command(
        "note",
        "write a closing paragraph for the ticket, and a bug report",
        _declare_note,
        _note,
        _NOTE_EXAMPLES,
    ),
    Command(
        "history",
        "keep the verdicts of many runs in one SQLite file, and ask it",
        _declare_history,
        _history,
        _HISTORY_EXAMPLES,
        usage=_HISTORY_USAGE,
    ),
)
