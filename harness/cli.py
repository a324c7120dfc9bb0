"""The command `harness`: everything that is not a pytest run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from harness import (
    __version__,
    capturing,
    checking,
    desk,
    gathering,
    measuring,
    promoting,
    remembering,
    shrinking,
    ticketing,
)
from harness.case import lint
from harness.case.additions import Additions
from harness.case.read import read_case
from harness.cassette import is_journal_path, read, reseal_edited, salvage
from harness.clock import RunClock, iso_utc
from harness.errors import CaseError, HarnessError
from harness.files import write_atomically
from harness.project import additions_of, root_of
from harness.quarantine import NAME, read_quarantine, shown_quarantine, today
from harness.report import records
from harness.report.closing import closing
from harness.report.junit import junit
from harness.report.ledger import verdicts
from harness.report.listing import listing
from harness.report.markdown import markdown
from harness.report.reference import reference
from harness.report.terminal import table
from harness.schema import schema_text

OK: Final = 0
WRONG: Final = 2

EXAMPLES: Final = """examples:
  harness lint                                   every case below cases/
  harness lint cases/ESC-1118-matched-never-settled.yaml
  harness venue --build 2026.11.2                the embedded exchange, until Ctrl-C
  harness check-target staging                   which channels of a target work, and what to do
  harness prove ESC-1118                         what proof there is, how strong, what is missing
  harness show ESC-1118                          the case and what happened in it, with times
  harness note ESC-1118                          a paragraph for the ticket, a bug report
  harness show --cassette cassettes/ESC-1118/broken.jsonl
  harness show --cassette cassettes/ESC-1118/.fixed.jsonl.journal      what a killed recording left
  harness seal --edited cassettes/ESC-1118/fixed.jsonl
  harness strength ESC-1118                      the faults that a case does not notice
  harness schema > case.schema.json              what an editor checks cases by
  harness capture -- python customer.py          a customer's program as evidence (harness capture --help)
  harness new ESC-1234 --from ticket/            a draft with its evidence sealed (harness new --help)
  harness gate verdicts.json                     0 ship, 1 the product, 2 a case, 3 could not tell
  harness report verdicts.json --junit out.xml   the reports of a run, also of one that was killed
  harness history add verdicts.json              a ledger of all runs; harness history ESC-1118 asks it
  harness promote ESC-1234 --fixed-in BUILD      open becomes fixed, where both recordings are proven
  harness merge verdicts-*.json -o all.json      one of what the machines of a run left
  harness durations verdicts.json                durations.json, by which --shard balances its parts

cases are run by pytest:
  pytest                                         replay every proof, no network
  pytest -k ESC-1118 --target venue              one case, live on the embedded exchange
  pytest --verdicts verdicts.json --resume       what a run that was killed did not get to
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["venue"]:
        from harness.venue.__main__ import main as venue

        return venue(arguments[1:])
    own, program = _apart(arguments)
    options = _parser().parse_args(own)
    if program:
        options.program = program
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        return OK
    except KeyboardInterrupt:
        print("harness: stopped", file=sys.stderr)
        return 130


def _apart(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Our arguments, and those behind `--`, which are another program's."""
    if arguments[:1] != ["capture"] or "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="harness",
        description="Regression cases from real escalations: read, show, seal, judge.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"harness {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("lint", help="say what is wrong with cases, with file, line and column")
    one.add_argument("paths", nargs="*", type=Path, default=[Path("cases")], metavar="PATH")
    one.set_defaults(command=_lint)
    one = commands.add_parser("show", help="print a case with its timeline, or a cassette, for people")
    one.add_argument("case_id", nargs="?", metavar="ID", help="a case: its run on a recording, with times")
    one.add_argument("--proof", choices=("broken", "fixed"), default="broken", help="which recording")
    one.add_argument("--cassette", type=Path, metavar="PATH", help="a cassette, or what a killed one left")
    one.set_defaults(command=_show)
    one = commands.add_parser("seal", help="seal a cassette again after an edit by hand")
    one.add_argument("--edited", type=Path, required=True, metavar="PATH")
    one.set_defaults(command=_seal)
    one = commands.add_parser("gate", help="decide over verdicts: may this build ship?")
    one.add_argument("files", nargs="+", type=Path, metavar="VERDICTS")
    one.add_argument("--allow-inconclusive", type=int, default=0, metavar="N")
    one.add_argument("--quarantine", type=Path, default=Path(NAME), metavar="FILE", help=f"({NAME})")
    one.set_defaults(command=_gate)
    one = commands.add_parser("report", help="write the reports of a run anew, also of one that was killed")
    one.add_argument("file", type=Path, metavar="VERDICTS")
    one.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML")
    one.add_argument("--markdown", type=Path, metavar="FILE", help="a table for a job's summary")
    one.add_argument("--quarantine", type=Path, default=Path(NAME), metavar="FILE", help=f"({NAME})")
    one.set_defaults(command=_report)
    one = commands.add_parser("strength", help="put faults into recordings: which does a case not notice?")
    measuring.options(one)
    one.set_defaults(command=measuring.run)
    one = commands.add_parser("schema", help="print the JSON Schema of a case, with what this project added")
    one.set_defaults(command=_schema)
    one = commands.add_parser("reference", help="print docs/case-reference.md: every word of a case")
    one.set_defaults(command=_reference)
    checking.add_to(commands)
    capturing.add_to(commands)
    ticketing.add_to(commands)
    desk.add_to(commands)
    shrinking.add_to(commands)
    gathering.add_to(commands)
    promoting.add_to(commands)
    remembering.add_to(commands)
    commands.add_parser("venue", help="start the embedded exchange on loopback (harness venue --help)")
    return parser


def _lint(options: argparse.Namespace) -> int:
    files = sorted({found for path in options.paths for found in _cases(path)})
    if not files:
        raise HarnessError(
            "U004", f"no case below {', '.join(map(str, options.paths))}: name a file or a folder"
        )
    wrong = 0
    added: dict[Path | None, Additions] = {}
    for path in files:
        root = root_of(path)
        if root not in added:
            added[root] = additions_of(root)
        try:
            case = read_case(path, additions=added[root])
        except CaseError as error:
            wrong += 1
            print(error)
            continue
        for warning in lint.warnings(case):
            print(f"{warning} (warning)")
    print(f"{len(files)} cases read, {wrong} wrong" if wrong else f"{len(files)} cases read, all well")
    return WRONG if wrong else OK


def _cases(path: Path) -> list[Path]:
    if path.is_dir():
        return [found for suffix in ("*.yaml", "*.yml") for found in path.rglob(suffix)]
    return [path]


def _show(options: argparse.Namespace) -> int:
    if (options.case_id is None) == (options.cassette is None):
        raise HarnessError(
            "U061", "name one thing to show: a case (harness show ESC-1118) or --cassette PATH"
        )
    if options.case_id is not None:
        return desk.show_case(options.case_id, options.proof)
    path: Path = options.cassette
    finished = not is_journal_path(path)
    for line in listing(read(path) if finished else salvage(path), finished=finished):
        print(line)
    return OK


def _seal(options: argparse.Namespace) -> int:
    cassette = reseal_edited(options.edited, iso_utc(RunClock().started_wall_us))
    print(f"{options.edited}: sealed again with {len(cassette.events)} events; its header says so")
    return OK


def _gate(options: argparse.Namespace) -> int:
    known = read_quarantine(options.quarantine, today())
    judged = records.gate([verdicts(path) for path in options.files], options.allow_inconclusive, known)
    for line in (*map("one finding: {}".format, judged.alike), *table(judged.records, known)):
        print(line)
    print(f"gate: {judged.code} – {judged.why}")
    return judged.code


def _report(options: argparse.Namespace) -> int:
    held = verdicts(options.file)
    path: Path = options.file.with_suffix("") if options.file.suffix == ".journal" else options.file
    for line in closing(held["records"], options.quarantine):
        print(line)
    missing = records.never_ran([held])
    print(f"{len(held['records'])} of {len(held['plan']['items'])} judged, {len(missing)} never ran")
    records.write(path, held)
    if options.junit is not None:
        write_atomically(options.junit, junit(held))
    if options.markdown is not None:
        told = markdown(held, *shown_quarantine(options.quarantine, today()))
        write_atomically(options.markdown, told.encode())
    return OK


def _schema(_: argparse.Namespace) -> int:
    print(schema_text(additions_of(root_of(Path.cwd() / "cases"))), end="")
    return OK


def _reference(_: argparse.Namespace) -> int:
    print(reference(), end="")
    return OK


if __name__ == "__main__":
    sys.exit(main())
