"""One command: what it is called, what its help says, and what it does."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from harness.commands.arguments import Arguments

Run = Callable[[argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class Command:
    """A command of `harness`: `load` imports what it works with, and gives what runs it.

    `more` is its help's first part where a line is not enough, `usage` stands in place of argparse's.
    """

    name: str
    about: str
    declare: Callable[[argparse.ArgumentParser], None]
    load: Callable[[], Run]
    examples: str
    more: str = ""
    usage: str | None = None

    def __post_init__(self) -> None:
        if not self.examples.startswith("examples:\n"):
            raise ValueError(f"{self.name}: its help has no examples")

    def parser(self) -> Arguments:
        """Its own parser, with its help."""
        parser = Arguments(
            prog=f"harness {self.name}",
            usage=self.usage,
            description=self.more or f"{self.about[:1].upper()}{self.about[1:]}.",
            epilog=self.examples,
        )
        self.declare(parser)
        return parser
