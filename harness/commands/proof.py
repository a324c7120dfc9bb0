"""Commands about a case's recordings: `prove`, `strength`, `seal`."""

from __future__ import annotations

import argparse
from decimal import Decimal
from pathlib import Path
from typing import Final

from harness.commands.command import Command, Run

OK: Final = 0
AT_LEAST: Final = 90

_PROVE_EXAMPLES: Final = """examples:
  harness prove ESC-1118              both proofs, where they were seen, how strong, what is missing
  harness prove --all --no-strength   every case, in seconds

exit code: 0 proven as its status asks, 1 not yet, 2 a recording does not fit its case
"""
_STRENGTH: Final = """\
Puts faults into a case's fixed recording, one at a time and in memory, replays each, and
says which of them the case does not notice: a field off by a unit, dropped, of another type; an event that
came twice, late, or never; a wrong status. Faults are put where the case's own words speak."""
_STRENGTH_EXAMPLES: Final = f"""examples:
  harness strength ESC-1118                      one case, what it misses and what would notice it
  harness strength ESC-1118 --others             also the values that it does not speak of
  harness strength --all --at-least {AT_LEAST}           every case
  harness strength --all --most 40 --json strength.json

exit code: 0 each case notices enough, 1 one notices less, 2 refused, 130 stopped: what was measured is told
"""
_SEAL_EXAMPLES: Final = """examples:
  harness seal --edited cassettes/ESC-1118/fixed.jsonl && harness prove ESC-1118
"""


def _declare_prove(one: argparse.ArgumentParser) -> None:
    one.add_argument("ids", nargs="*", metavar="ID", help="cases, such as ESC-1118")
    one.add_argument("--all", action="store_true", help="every case below cases/")
    one.add_argument("--no-strength", action="store_true", help="do not measure how strong it is")


def _prove() -> Run:
    from harness.desk import prove_cases

    return prove_cases


def _declare_strength(one: argparse.ArgumentParser) -> None:
    one.add_argument("ids", nargs="*", metavar="ID", help="cases, such as ESC-1118")
    one.add_argument("--all", action="store_true", help="every fixed case below cases/")
    one.add_argument("--others", action="store_true", help="change also what the cases do not speak of")
    one.add_argument("--most", type=int, metavar="N", help="at most N mutants a recording, always the same")
    one.add_argument(
        "--at-least",
        type=Decimal,
        default=Decimal(AT_LEAST),
        metavar="PERCENT",
        help=f"the share of faults that a case must notice ({AT_LEAST})",
    )
    one.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON too")


def _strength() -> Run:
    from harness.measuring import run

    return run


def _declare_seal(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--edited", type=Path, required=True, metavar="PATH", help="the cassette that you edited"
    )


def _seal() -> Run:
    from harness.cassette import reseal_edited
    from harness.checks.choosing import counted
    from harness.clock import RunClock, iso_utc

    def run(options: argparse.Namespace) -> int:
        cassette = reseal_edited(options.edited, iso_utc(RunClock().started_wall_us))
        held = counted(len(cassette.events), "event")
        print(f"{options.edited}: sealed again with {held}; its header says so")
        return OK

    return run


COMMANDS: Final = (
    Command(
        "prove",
        "say what proof there is of a case, how strong, what is missing",
        _declare_prove,
        _prove,
        _PROVE_EXAMPLES,
    ),
    Command(
        "strength",
        "put faults into recordings, and say which of them a case does not notice",
        _declare_strength,
        _strength,
        _STRENGTH_EXAMPLES,
        _STRENGTH,
    ),
    Command(
        "seal",
        "seal a cassette again after an edit by hand",
        _declare_seal,
        _seal,
        _SEAL_EXAMPLES,
        "Seals a cassette again after an edit by hand. Its header says from then on that it was edited.",
    ),
)
