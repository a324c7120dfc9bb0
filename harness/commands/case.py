"""Commands about a case's file: `lint`, `show`, `shrink`, `schema`, `reference`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from harness.commands.command import Command, Run

OK: Final = 0
RUNS: Final = 40

_LINT_EXAMPLES: Final = """examples:
  harness lint                                            every case below cases/
  harness lint cases/ESC-1118-matched-never-settled.yaml

exit code: 0 all well (a warning is no slip), 2 a case is wrong, or there is none
"""
_SHOW_EXAMPLES: Final = """examples:
  harness show ESC-1118                                  the case and what happened in it, with times
  harness show ESC-1118 --proof fixed                    the same on the build that held
  harness show --cassette cassettes/ESC-1118/broken.jsonl
  harness show --cassette cassettes/ESC-1118/.fixed.jsonl.journal      what a killed recording left
"""
_SHRINK: Final = """\
Runs smaller and smaller versions of a case on a target that has its bug, and keeps what the symptom needs.
The case's file stays as it is unless --write is said; no cassette is recorded."""
_SHRINK_EXAMPLES: Final = f"""examples:
  harness shrink ESC-1234 --target venue --build 2026.11.1           at most {RUNS} runs; prints it
  harness shrink ESC-1234 --target venue --build 2026.11.1 --write   writes it to its file

exit code: 0 it shows its symptom, whether or not anything could go, 2 it does not, or cannot be run,
130 stopped: what is left is what was reached
"""
_SCHEMA_EXAMPLES: Final = """examples:
  harness schema > case.schema.json      what an editor checks cases by
"""
_REFERENCE_EXAMPLES: Final = """examples:
  harness reference | less
"""


def _declare_lint(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path("cases")],
        metavar="PATH",
        help="files, and folders of them (cases)",
    )


def _lint() -> Run:
    from harness.linting import run

    return run


def _declare_show(one: argparse.ArgumentParser) -> None:
    one.add_argument("case_id", nargs="?", metavar="ID", help="a case: its run on a recording, with times")
    one.add_argument(
        "--proof", choices=("broken", "fixed"), default="broken", help="which recording (broken)"
    )
    one.add_argument("--cassette", type=Path, metavar="PATH", help="a cassette, or what a killed one left")


def _show() -> Run:
    from harness.desk import show

    return show


def _declare_shrink(one: argparse.ArgumentParser) -> None:
    one.add_argument("ids", nargs=1, metavar="ID", help="the case's id: ESC-1234")
    one.add_argument("--target", required=True, metavar="NAME", help="a target that shows the bug")
    one.add_argument("--build", metavar="BUILD", help="the build that has it")
    one.add_argument("--runs", type=int, default=RUNS, metavar="N", help=f"at most so many runs ({RUNS})")
    one.add_argument("--write", action="store_true", help="write the smaller case in place of the case")


def _shrink() -> Run:
    from harness.shrinking import run

    return run


def _nothing(_: argparse.ArgumentParser) -> None:
    """What a command without arguments declares."""


def _schema() -> Run:
    from harness.project import additions_of, root_of
    from harness.schema import schema_text

    def run(_: argparse.Namespace) -> int:
        print(schema_text(additions_of(root_of(Path.cwd() / "cases"))), end="")
        return OK

    return run


def _reference() -> Run:
    from harness.report.reference import reference

    def run(_: argparse.Namespace) -> int:
        print(reference(), end="")
        return OK

    return run


COMMANDS: Final = (
    Command(
        "lint",
        "say what is wrong with cases, with file, line and column",
        _declare_lint,
        _lint,
        _LINT_EXAMPLES,
    ),
    Command(
        "show",
        "print a case with its timeline, or a cassette, for people",
        _declare_show,
        _show,
        _SHOW_EXAMPLES,
    ),
    Command(
        "shrink",
        "take the steps out of a case that its symptom does not need",
        _declare_shrink,
        _shrink,
        _SHRINK_EXAMPLES,
        _SHRINK,
    ),
    Command(
        "schema",
        "print the JSON Schema of a case, with what this project added",
        _nothing,
        _schema,
        _SCHEMA_EXAMPLES,
    ),
    Command(
        "reference",
        "print docs/case-reference.md: every word of a case",
        _nothing,
        _reference,
        _REFERENCE_EXAMPLES,
    ),
)
