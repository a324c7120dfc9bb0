"""Commands about where cases run live: `venue`, `check-target`."""

from __future__ import annotations

import argparse
from typing import Final

from harness.commands.command import Command, Run

_VENUE_EXAMPLES: Final = """examples:
  harness venue --build 2026.11.2                       on ports that the system chooses; stdout says which
  harness venue --build 2026.11.2 --rest-port 8080 --ws-port 8081
  harness venue --build 2026.11.2 --seed 7 --clock 1767225600x60    a time of its own, 60 times as fast

exit code: 0 told to stop, 1 it could not run
"""
_CHECK_EXAMPLES: Final = """examples:
  harness check-target staging                     a table: what works, what does not, what to do
  harness check-target staging --format json       the same, for a program
  harness check-target venue                       the embedded exchange, started for this
  STAGING_RPC_URL=https://… harness check-target staging

exit code: 0 all that is configured works, 2 the configuration is wrong, 3 something does not answer
nothing is written to a target: no order, no account, no transaction; a FIX session is logged on and off
again, but never on production
"""


def _declare_venue(one: argparse.ArgumentParser) -> None:
    from harness.venue.options import declare

    declare(one)


def _venue() -> Run:
    from harness.venue.__main__ import serve

    return serve


def _declare_check(one: argparse.ArgumentParser) -> None:
    one.add_argument("name", metavar="NAME", help="a target of harness.toml or pyproject.toml")
    one.add_argument("--format", choices=("table", "json"), default="table", help="how to tell it (table)")


def _check() -> Run:
    from harness.checking import run

    return run


COMMANDS: Final = (
    Command(
        "venue",
        "start the embedded exchange on loopback, until Ctrl-C",
        _declare_venue,
        _venue,
        _VENUE_EXAMPLES,
    ),
    Command(
        "check-target",
        "try each channel of a target and say what works; nothing is written to it",
        _declare_check,
        _check,
        _CHECK_EXAMPLES,
    ),
)
