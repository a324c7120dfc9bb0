"""Which command is meant: the first argument names it, and the rest is its own."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Final

from harness import __version__
from harness.commands import COMMANDS, GROUPS
from harness.commands.arguments import Arguments
from harness.commands.command import Command

EXAMPLES: Final = """examples, from a ticket to a ship:
  harness new ESC-1234 --from ticket/            a draft with its evidence sealed
  harness lint                                   what is wrong with the cases
  harness show ESC-1118                          a case and what happened in it, with times
  harness prove ESC-1118                         what proof there is, how strong, what is missing
  harness check-target staging                   which channels of a target work, and what to do
  harness gate verdicts.json                     may this build ship?
  harness note ESC-1118                          a paragraph for the ticket, a bug report

cases are run by pytest:
  pytest                                         replay every proof, no network
  pytest -k ESC-1118 --target venue              one case, live on the embedded exchange
  pytest --verdicts verdicts.json --resume       what a run that was killed did not get to

exit code: 2 where a command refuses, 130 after Ctrl-C, 141 where nobody reads on (| head)
harness COMMAND --help: what a command takes, its examples and its own exit codes
"""


def chosen(arguments: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """The command that is meant, and what it was told. Help, the version and a slip end the process."""
    name, *rest = arguments or ("",)
    if name in COMMANDS:
        rest, program = _apart(name, rest)
        options = COMMANDS[name].parser().read(rest)
        if program:
            options.program = program
        return COMMANDS[name], options
    parser = top()
    if name.startswith("-"):
        parser.read([name])
    if not name.strip("-") or name.startswith("-"):
        parser.error("name a command: harness --help lists them")
    return parser.unknown("command", name, COMMANDS)


def top() -> Arguments:
    """The parser of what stands before any command; its commands are there for the help."""
    parser = Arguments(
        prog="harness",
        usage="harness [-h] [--version] COMMAND ...",
        description="Regression cases from real escalations: drafted, proven, judged on a build, told of.",
        epilog=EXAMPLES,
    )
    parser.add_argument("--version", action="version", version=f"harness {__version__}")
    for title, commands in GROUPS.items():
        group = parser.add_argument_group(title)
        for each in commands:
            group.add_argument(each.name, nargs="?", help=each.about)
    return parser


def _apart(name: str, arguments: list[str]) -> tuple[list[str], list[str]]:
    """Our arguments, and those behind `--`, which are another program's."""
    if name != "capture" or "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]
