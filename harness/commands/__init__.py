"""The commands of `harness` as data, in the order in which a person needs them.

Everything here is light: help and a slip's message are told without loading what a command works with, which
its own `load` does once it was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.commands import case, proof, reports, ship, target, ticket
from harness.commands.command import Command

GROUPS: Final[Mapping[str, tuple[Command, ...]]] = {
    "from a ticket": ticket.COMMANDS,
    "a case": case.COMMANDS,
    "its proof": proof.COMMANDS,
    "a target": target.COMMANDS,
    "a ship": ship.COMMANDS,
    "a report": reports.COMMANDS,
}
COMMANDS: Final[Mapping[str, Command]] = {each.name: each for group in GROUPS.values() for each in group}
